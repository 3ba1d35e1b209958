# Reads growth.sh's lines "SHOP KIND ROUND P50 REQUESTS FAULTS", prints medians as Markdown and draws their ratios to `plot`.

BEGIN {
    n = split("product page search common sale update history people", kinds)
    title["product"] = "product by id"
    title["page"] = "page of 20, anywhere"
    title["search"] = "search: one is found"
    title["common"] = "search: a tenth have the word"
    title["sale"] = "purchase"
    title["update"] = "update of a product"
    title["history"] = "a buyer's orders"
    title["people"] = "customers, by name"
}
{
    p50[$1, $2, $3] = $4
    rounds = $3 > rounds ? $3 : rounds
    faults += $6
}

function median(shop, kind, other,    sorted, i, j, held) {
    for (i = 1; i <= rounds; i++) {
        held = p50[shop, kind, i]
        if (other != "") held /= p50[other, kind, i]
        for (j = i - 1; j >= 1 && sorted[j] > held; j--) sorted[j + 1] = sorted[j]
        sorted[j + 1] = held
    }
    return rounds % 2 ? sorted[(rounds + 1) / 2] : (sorted[rounds / 2] + sorted[rounds / 2 + 1]) / 2
}

# A bar of up to eight times, cut off there; the line is the goal.
function bar(i, name, ratio,    width, y) {
    y = 40 + 30 * i
    width = 50 * (ratio > 8 ? 8 : ratio)
    printf "<text x=\"210\" y=\"%d\" text-anchor=\"end\">%s</text>\n", y + 14, name >plot
    printf "<rect x=\"220\" y=\"%d\" width=\"%.0f\" height=\"18\" fill=\"%s\"/>\n", y, width, (ratio > 1.5 ? "#c0504d" : "#4f81bd") >plot
    printf "<text x=\"%.0f\" y=\"%d\">%.2f</text>\n", 226 + width, y + 14, ratio >plot
}

END {
    printf "Large: %s. %s.\n\n", size, machine
    print "| median time, one client | 10,000 products | large | large ÷ small | |\n|---|---|---|---|---|"
    height = 80 + 30 * n
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 680 %d\" font-family=\"sans-serif\" font-size=\"13\">\n", height >plot
    printf "<rect width=\"680\" height=\"%d\" fill=\"#fff\"/>\n<text x=\"10\" y=\"22\" font-weight=\"bold\">", height >plot
    printf "Time of the large shop, where that of the small one is 1</text>\n<text x=\"10\" y=\"40\">%s</text>\n", size >plot
    for (i = 1; i <= n; i++) {
        ratio = median("large", kinds[i], "small")
        printf "| %s | %.2f ms | %.2f ms | %.2f | %s |\n", title[kinds[i]], median("small", kinds[i]), median("large", kinds[i]), ratio,
            ratio <= 1.5 ? "reached" : "**missed**"
        bar(i - 0.5, title[kinds[i]], ratio)
    }
    printf "<path d=\"M295 50V%d\" stroke=\"#333\" stroke-dasharray=\"4 3\"/>\n", height - 20 >plot
    printf "<text x=\"300\" y=\"%d\">1.5: the goal</text>\n</svg>\n", height - 8 >plot
    if (faults) printf "\n%d answers were not 2xx.\n", faults
}
