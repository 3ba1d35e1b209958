#!/usr/bin/env bash
# `make bench-growth`: measures whether a shop becomes slower as it grows. It opens a shop of 10,000 products, 10,000
# customers and 100,000 orders, and a larger one. One client sends the same requests to both in turn, with ids chosen evenly,
# so that no queue is timed. Ratios are computed within a round. Prints their medians as Markdown, and plots them to
# GROWTH_PLOT.
#
# GROWTH_SHOP ("100000 100000 1000000", 0.6 GB): products, customers and orders of the large shop; "1000000 1000000 10000000"
# takes 5.5 GB. GROWTH_DATABASE: an existing database that `souk seed` has created with these sizes; the run adds orders to
# it. SOUK_DATABASE=postgresql: gives each shop a private PostgreSQL server instead. GROWTH_SECONDS (1): the duration of each measurement. GROWTH_ROUNDS (9). GROWTH_PLOT (.build/growth.svg).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# shellcheck source=make/environment.sh
source make/environment.sh
PATH=$PATH:/usr/sbin:/sbin

read -r products customers orders <<<"${GROWTH_SHOP:-100000 100000 1000000}"
database=${GROWTH_DATABASE:-}
engine=${SOUK_DATABASE:-}
[[ -z $engine || ( $engine == postgresql: && -z $database ) ]] ||
    fail "SOUK_DATABASE is empty or \`postgresql:\`, which excludes GROWTH_DATABASE"
seconds=${GROWTH_SECONDS:-1}
rounds=${GROWTH_ROUNDS:-9}
plot=${GROWTH_PLOT:-$PWD/.build/growth.svg}
benches=$PWD/Tests/Benchmarks
kinds=(product page search common sale update history people)
declare -A port=([small]=18090 [large]=18091) size=([small]=10000 [large]=$products)
for number in "$products" "$customers" "$orders" "$seconds" "$rounds"; do
    [[ $number =~ ^[1-9][0-9]*$ ]] || fail "GROWTH_SHOP, GROWTH_SECONDS and GROWTH_ROUNDS are whole numbers"
done

home=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
# The user of a PostgreSQL server must be able to pass through the folder.
chmod a+x "$home"
# shellcheck source=Tests/Benchmarks/processes.sh
source "$benches/processes.sh"

# open_shop NAME PRODUCTS CUSTOMERS ORDERS [DATABASE]
open_shop() {
    local name=$1 at=http://127.0.0.1:${port[$1]}
    mkdir "$home/$name"
    if [[ -n ${5:-} ]]; then ln -s "$(realpath "$5")" "$home/$name/souk.db"; fi
    start_shop "$home/$name" "${port[$name]}" "$home/$name.log"
    if [[ -z ${5:-} ]]; then
        say "$name: $2 products, $3 customers, $4 orders"
        SOUK_HOME=$home/$name make/souk.sh seed --products "$2" --customers "$3" --orders "$4" >/dev/null
    fi
    # The member of staff who restocks, and 32 buyers.
    { echo stockist && seq 1 $(($3 / 32)) "$3" | head -n 32 | sed 's/^/c/'; } | log_in "$at" >"$home/$name.tokens"
    # Cache hits of nginx would not measure the shop.
    sed -i 's/fastcgi_cache [$a-z_]*;//' "$home/$name/nginx/souk/souk.conf"
    kill -HUP "$(<"$home/$name/run/nginx.pid")"
    if [[ -n $engine ]]; then
        # As autovacuum would do a little later.
        vacuumdb --host="$home/$name/postgres" --username=souk --analyze --quiet souk
    else
        # Read the file once, so that the page cache is as warm as memory allows.
        cat "$home/$name/souk.db" >/dev/null
    fi
}

# grouped NUMBER: 1000000 as 1,000,000.
grouped() { sed ':more; s/\B[0-9]\{3\}\>/,&/; t more' <<<"$1"; }

# measure NAME KIND: appends "NAME KIND ROUND P50 REQUESTS FAULTS".
measure() {
    local figures
    figures=$(wrk -t 1 -c 1 -d "${seconds}s" -s "$benches/growth.lua" "http://127.0.0.1:${port[$1]}" -- \
        "$2" "${size[$1]}" "$home/$1.tokens" "$1-$2-$round-$$" | sed -n 's/^figures //p')
    [[ -n $figures ]] || fail "wrk has not measured $2"
    echo "$1 $2 $round $figures" >>"$home/results"
}

open_shop small 10000 10000 100000
open_shop large "$products" "$customers" "$orders" "$database"
if [[ -n $engine ]]; then
    bytes=$(du -sb "$home/large/postgres/data/base" | cut -f 1)
else
    bytes=$(stat -Lc %s "$home/large/souk.db")
fi
say "$rounds rounds"
for ((round = 1; round <= rounds; round++)); do
    for kind in "${kinds[@]}"; do
        # The order alternates, because the second measurement finds the processor caches warm.
        if ((round % 2)); then measure small "$kind" && measure large "$kind"; else measure large "$kind" && measure small "$kind"; fi
    done
done
model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
awk -f "$benches/growth.awk" -v plot="$plot" -v size="$(grouped "$products") products, $(grouped "$customers") customers, \
$(grouped "$orders") orders, $((bytes / 1000000)) MB" \
    -v machine="$(nproc) cores of ${model:-$(uname -m)}, Linux $(uname -r), $(date -u +%Y-%m-%d), $rounds rounds of $seconds s, load average $(cut -d ' ' -f 1 /proc/loadavg)" \
    "$home/results"
say "drawn: $plot"
