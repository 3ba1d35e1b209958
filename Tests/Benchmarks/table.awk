# Reads bench.sh's lines "NAME ROUND VALUE …" and prints the figures and the goals as Markdown.

{
    rounds[$1]++
    for (column = 3; column <= NF; column++) value[$1, column, rounds[$1]] = $column
}
$1 != "memory" && NF == 8 {
    refused += $6 - $7
    unserved += $7
    if ($6 > 0) faults = faults sprintf("\n%s, round %s: %d not 2xx, %d without an answer", $1, $2, $6 - $7, $7)
}

# The median of a column over the rounds, or that of its ratio to a column of another in the same round.
function median(name, column, other, otherColumn,    sorted, n, i, j, held) {
    n = rounds[name]
    for (i = 1; i <= n; i++) {
        held = value[name, column, i]
        if (other != "") held /= value[other, otherColumn, i]
        for (j = i - 1; j >= 1 && sorted[j] > held; j--) sorted[j + 1] = sorted[j]
        sorted[j + 1] = held
    }
    return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

function thousands(number,    text, result) {
    text = sprintf("%.0f", number)
    while (length(text) > 3) {
        result = "," substr(text, length(text) - 2) result
        text = substr(text, 1, length(text) - 3)
    }
    return text result
}

function cell(name) {
    if (!rounds[name]) return ""
    return sprintf("%s (%.1f · %.1f · %.0f)", thousands(median(name, 3)), median(name, 4), median(name, 5), median(name, 8))
}

function who(title, product, page, token, sale) {
    printf "| %s | %s | %s | %s | %s |\n", title, cell(product), cell(page), cell(token), cell(sale)
}

function visitor(title, mix, otherTitle, other) {
    printf "| %s | %s | %s: %s | %.2f |\n", title, cell(mix), otherTitle, cell(other), median(mix, 3, other, 3)
}

function verdict(reached) { return reached ? "reached" : "**missed**" }

function atLeast(workload, name, other, title, goal,    ratio) {
    ratio = median(name, 3, other, 3)
    printf "| %s | %.2f × %s | %.2f | ≥ %.2f | %s |\n", workload, ratio, title, median(other, 8, name, 8), goal,
        verdict(ratio >= goal)
}

function steady(workload, name,    ratio) {
    ratio = median(name, 5, name, 4)
    printf "| p99 of %s | %.1f × p50 | | ≤ 4 | %s |\n", workload, ratio, verdict(ratio <= 4)
}

function limit(what, figure, unit, goal) {
    printf "| %s | %.0f %s | | ≤ %d %s | %s |\n", what, figure, unit, goal, unit, verdict(figure <= goal)
}

function goals() {
    atLeast("product by id", "souk-product", "c-product", "C", 0.85)
    atLeast("product by id", "souk-product", "php-product", "PHP-FPM", 1.7)
    atLeast("page of 20", "souk-page", "c-page", "C", 0.75)
    atLeast("page of 20", "souk-page", "php-page", "PHP-FPM", 2)
    atLeast("product with token", "souk-token", "c-product", "C without token", 0.7)
    atLeast("product with token", "souk-token", "php-token", "PHP-FPM with token", 1.5)
    atLeast("purchase", "souk-sale", "c-sale", "C, one commit each", 3)
    atLeast("purchase", "souk-sale", "php-sale", "PHP-FPM", 5)
    atLeast("purchase", "souk-sale", "c-group-sale", "C, group commit", 0.7)
    atLeast("product from nginx's cache", "cached-product", "limit", "`return 200`", 0.5)
    atLeast("product from nginx's cache", "cached-product", "php-product", "PHP-FPM", 5)
    atLeast("page from nginx's cache", "cached-page", "limit", "`return 200`", 0.5)
    atLeast("page from nginx's cache", "cached-page", "php-page", "PHP-FPM", 5)
    atLeast("anonymous: 10,000 products at random", "anonymous-random", "known-random", "with token", 0.95)
    atLeast("anonymous: 10,000 products, Zipf", "anonymous-zipf", "known-zipf", "with token", 0.95)
    atLeast("anonymous: lists", "anonymous-lists", "known-lists", "with token", 0.95)
    atLeast("anonymous: searches", "anonymous-search", "known-search", "with token", 0.95)
    steady("product, 32 clients", "souk-product")
    steady("page, 32 clients", "souk-page")
    steady("token, 32 clients", "souk-token")
    steady("product, 256 clients", "souk-product-256")
    steady("page, 256 clients", "souk-page-256")
    steady("token, 256 clients", "souk-token-256")
    printf "| without an answer | %d | | 0 | %s |\n", unserved, verdict(unserved == 0)
    split("customersd inventoryd salesd reviewsd", daemons, " ")
    for (i = 1; i <= 4; i++) {
        resident += median("memory-" daemons[i], 3) / 1024
        once += median("memory-" daemons[i], 4) / 1024
    }
    limit("memory of the four daemons under load, RSS", resident, "MB", 120)
    limit("the same with shared pages counted once, PSS", once, "MB", 120)
    for (i = 1; i <= 4; i++) limit("start of " daemons[i] " to its first answer", median("start-" daemons[i], 3), "ms", 100)
}

function postgres() {
    print "| 32 clients: requests/s (p50 · p99 in ms) | product | page of 20 | purchase |"
    print "|---|---|---|---|"
    row("C with libpq", "c-product", "c-page", "c-sale")
    row("C with libpq, purchase pipelined", "", "", "c-pipelined-sale")
    row("PHP-FPM with pdo_pgsql", "php-product", "php-page", "php-sale")
    row("Souk", "souk-product", "souk-page", "souk-sale")
    print "\n| | requests/s | goal | |"
    print "|---|---|---|---|"
    compared("product by id", "souk-product", "c-product", "C", 0.8)
    compared("product by id", "souk-product", "php-product", "PHP-FPM", 1.5)
    compared("page of 20", "souk-page", "c-page", "C", 0.75)
    compared("page of 20", "souk-page", "php-page", "PHP-FPM", 1.5)
    compared("purchase", "souk-sale", "c-sale", "C, a round trip for each statement", 0.7)
    compared("purchase", "souk-sale", "php-sale", "PHP-FPM", 2)
    printf "| purchase | %.2f × C, pipelined | | |\n", median("souk-sale", 3, "c-pipelined-sale", 3)
    printf "| without an answer | %d | 0 | %s |\n", unserved, verdict(unserved == 0)
}

# The processes of the server come and go with their connections, so there is no processor time.
function short(name) {
    return rounds[name] ? sprintf("%s (%.1f · %.1f)", thousands(median(name, 3)), median(name, 4), median(name, 5)) : ""
}

function row(title, product, page, sale) {
    printf "| %s | %s | %s | %s |\n", title, short(product), short(page), short(sale)
}

function compared(workload, name, other, title, goal,    ratio) {
    ratio = median(name, 3, other, 3)
    printf "| %s | %.2f × %s | ≥ %.2f | %s |\n", workload, ratio, title, goal, verdict(ratio >= goal)
}

END {
    if (engine == "postgres") postgres()
    else sqlite()
    if (refused + unserved > 0) print "\nNot every request was served:" faults
}

function sqlite() {
    print "| 32 clients: requests/s (p50 · p99 in ms · processor time in µs) | product | page of 20 | product with token | purchase |"
    print "|---|---|---|---|---|"
    who("nginx `return 200`", "limit")
    who("C, a constant", "c-constant")
    who("C, purchase with a commit each", "c-product", "c-page", "", "c-sale")
    who("C, purchase with group commit", "", "", "", "c-group-sale")
    who("PHP-FPM", "php-product", "php-page", "php-token", "php-sale")
    who("Souk", "souk-product", "souk-page", "souk-token", "souk-sale")
    who("Souk, from nginx's cache", "cached-product", "cached-page")
    who("Souk, 256 clients", "souk-product-256", "souk-page-256", "souk-token-256", "souk-sale-256")
    print "\n| 32 anonymous clients: requests/s (p50 · p99 in ms · processor time in µs) | through the cache | compared with | ratio |"
    print "|---|---|---|---|"
    visitor("10,000 products at random", "anonymous-random", "with token", "known-random")
    visitor("10,000 products, Zipf", "anonymous-zipf", "with token", "known-zipf")
    visitor("lists of 20 from 10,000 prices", "anonymous-lists", "with token", "known-lists")
    visitor("10,000 searches for two words", "anonymous-search", "with token", "known-search")
    visitor("100 products at random", "cached-product", "`return 200`", "limit")
    print "\n| | requests/s | by processor time | goal | |"
    print "|---|---|---|---|---|"
    goals()
}
