#!/usr/bin/env bash
# `make bench`: compares Souk with a responder in C, one in PHP-FPM, and the limit of nginx on this machine. All use the same
# nginx, data, durability and clients. Each round measures everything once, so that other load of the machine affects all of
# them. Ratios are computed within a round, and the medians are printed as Markdown.
#
# BENCH_SECONDS (1): the duration of each measurement. BENCH_ROUNDS (9): the number of rounds. Many short rounds expose all
# candidates to the same load of the machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# shellcheck source=make/environment.sh
source make/environment.sh
PATH=$PATH:/usr/sbin:/sbin

seconds=${BENCH_SECONDS:-1}
rounds=${BENCH_ROUNDS:-9}
port=18080
benches=$PWD/Tests/Benchmarks
binaries=$PWD/.build/release
daemons=(customersd inventoryd salesd reviewsd)
[[ $seconds =~ ^[1-9][0-9]*$ && $rounds =~ ^[1-9][0-9]*$ ]] || fail "BENCH_SECONDS and BENCH_ROUNDS are whole numbers"

home=$(mktemp -d)
# shellcheck source=Tests/Benchmarks/processes.sh
source "$benches/processes.sh"
# shellcheck source=Tests/Benchmarks/peers.sh
source "$benches/peers.sh"

open_shop() {
    start_shop "$home" "$port" "$home/make.log"
    say "10,000 products, 32 customers"
    SOUK_HOME=$home make/souk.sh seed --products 10000 --customers 32 >/dev/null
    printf 'c%d\n' {1..32} | log_in "http://127.0.0.1:$port" >"$home/tokens.txt"
}

# The peers: each on a copy of the shop's own file, sessions included.
open_peers() {
    local peer flags
    for peer in c php; do
        sqlite3 "$home/souk.db" ".backup $home/$peer.db"
        [[ $(sqlite3 "$home/$peer.db" 'PRAGMA journal_mode = WAL; PRAGMA synchronous') == $'wal\n2' ]] ||
            fail "the copy for $peer is not in WAL mode with synchronous = FULL"
    done
    read -ra flags < <(pkg-config --cflags --libs fcgi sqlite3)
    cc -std=gnu11 -O2 -Wall -Wextra -o "$home/peer" "$benches"/peer{,-sqlite}.c "${flags[@]}" -lpthread
    (cd "$home" && exec ./peer run/c.sock c.db 2>log/c.log) &
    pids+=($!)
    # Four for each of two cores, as many as Souk has workers for reads.
    open_php "sqlite:$home/php.db" 8
    add_peers
}

# Measurements that are compared follow each other.
measure_all() {
    local mix
    measure limit 32 /limit
    measure cached-product 32 hot '' "$port"
    measure cached-page 32 page '' "$port"
    measure c-constant 32 /constant /c
    measure c-product 32 product /c
    measure souk-product 32 product
    measure souk-token 32 token
    measure php-token 32 token /php
    measure php-product 32 product /php
    measure c-page 32 page /c
    measure souk-page 32 page
    measure php-page 32 page /php
    measure c-sale 32 trusted /c
    measure php-sale 32 sale /php
    measure souk-sale 32 sale
    rest
    measure c-group-sale 32 trusted /c/group
    measure souk-product-256 256 product
    measure souk-page-256 256 page
    measure souk-token-256 256 token
    measure souk-sale-256 256 sale
    rest
    # The shop's own server, whose cache serves requests without a token.
    for mix in random zipf lists search; do
        measure "anonymous-$mix" 32 "$mix" '' "$port"
        measure "known-$mix" 32 "$mix-token" '' "$port"
    done
}

# kB of each daemon after all four have worked: resident as ps counts it, and with what processes share, or one process maps
# several times, counted once.
measure_memory() {
    local round=0 seconds=1 name
    measure memory 32 wishes
    measure memory 32 /reviews
    for name in "${daemons[@]}"; do
        echo "memory-$name 1 $(awk '/^(Rss|Pss):/ {print $2}' "/proc/$(<"$home/run/$name.pid")/smaps_rollup" | xargs)"
    done >>"$home/results"
}

# Milliseconds to the first response, five times each.
measure_starts() {
    local name i uris=(/wishlist /inventory/1 /sales /reviews) token round
    token=$(head -n 1 "$home/tokens.txt")
    load_settings "$home/souk.env"
    cd "$home"
    for round in {1..5}; do
        for i in "${!daemons[@]}"; do
            name=${daemons[i]}
            echo "start-$name $round $(perl "$benches/first-answer.pl" "$binaries/$name" "${uris[i]}" "$token" 2>log/start.log)"
        done
    done >>"$home/results"
}

open_shop
open_peers
compare_answers
find_servers
say "$rounds rounds of 28 measurements of $seconds s"
for ((round = 1; round <= rounds; round++)); do
    measure_all
    say "round $round of $rounds is done"
done
measure_memory
(measure_starts)
SOUK_HOME=$home make/souk.sh check >/dev/null || fail "souk check finds the shop broken"
cores=$(nproc)
model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
printf '\n%s\n\n' "$cores cores of ${model:-$(uname -m)}, Linux $(uname -r), $(date -u +%Y-%m-%d), $rounds rounds of $seconds s, load average $(cut -d ' ' -f 1 /proc/loadavg)."
awk -f "$benches/table.awk" "$home/results"
say "souk check: nothing broken"
