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
servers=() # the files in /proc with the processor time of each server
# The ids of the shop, the peer in C, and that in PHP.
# shellcheck source=Tests/Benchmarks/processes.sh
source "$benches/processes.sh"

# until_true SENTENCE COMMAND...: for ten seconds.
until_true() {
    local sentence=$1 _
    shift
    for _ in {1..200}; do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.05
    done
    fail "$sentence; the logs end with: $(tail -qn 3 "$home"/log/*.log "$home/make.log" 2>/dev/null)"
}

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
    cc -std=gnu11 -O2 -Wall -Wextra -o "$home/peer" "$benches"/peer{,-sell}.c "${flags[@]}" -lpthread
    (cd "$home" && exec ./peer run/c.sock c.db 2>log/c.log) &
    pids+=($!)
    sed -e "s,HOME,$home," -e "s,TOKENSECRET,$(head -n 1 "$home/jwt.secret")," \
        "$benches/peer-fpm.conf" >"$home/php-fpm.conf"
    local root=()
    if [[ $EUID == 0 ]]; then
        root=(--allow-to-run-as-root)
        printf 'user = root\ngroup = root\n' >>"$home/php-fpm.conf"
    fi
    php-fpm8.2 --nodaemonize --prefix "$home" --fpm-config "$home/php-fpm.conf" "${root[@]}" \
        -d opcache.enable=1 -d opcache.validate_timestamps=0 -d expose_php=0 2>/dev/null &
    pids+=($!)
    until_true "the peer in C did not open" test -S "$home/run/c.sock"
    until_true "the peer in PHP did not open" test -S "$home/run/php.sock"

    # Add them to the shop's own nginx.
    mkdir "$home/nginx/bench"
    sed 's/fastcgi_cache [$a-z_]*;//' "$home/nginx/souk/souk.conf" >"$home/nginx/bench/uncached.conf"
    sed '/^fastcgi_keep_conn/d' "$home/nginx/souk/server/fastcgi.conf" >"$home/nginx/bench/fastcgi.conf"
    sed -e "s,PORT,$((port + 1))," -e "s,PEER,$benches/peer.php," "$benches/peers.conf" >"$home/nginx/souk/http/peers.conf"
    kill -HUP "$(<"$home/run/nginx.pid")"
    until_true "nginx did not take the peers in" curl -sf "http://127.0.0.1:$((port + 1))/php/inventory/1"
}

# All candidates must do the same: their responses are equal except for ids, cursors and times.
compare_answers() {
    local bench=http://127.0.0.1:$((port + 1)) path peer token own theirs
    local masked='s/"next":"[^"]*"/"next":""/; s/^{"id":[0-9]*/{"id":0/; s/"\(at\|created_at\)":"20[^"]*"/"\1":""/g'
    for path in '/inventory/7' '/inventory?limit=20'; do
        own=$(curl -sf "$bench$path" | sed "$masked")
        for peer in /c /php; do
            theirs=$(curl -sf "$bench$peer$path" | sed "$masked")
            [[ -n $own && $own == "$theirs" ]] || fail "$peer$path is answered otherwise: $theirs and not $own"
        done
    done
    token=$(head -n 1 "$home/tokens.txt")
    for path in '/sales' '/c/sales?customer=1' '/c/group/sales?customer=1' '/php/sales'; do
        theirs=$(curl -sf "$bench$path" -H 'Content-Type: application/json' -H "Authorization: Bearer $token" \
            -H 'Idempotency-Key: first' -d '{"items":[{"product_id":7,"quantity":1}]}' | sed "$masked")
        if [[ $path == /sales ]]; then own=$theirs; fi
        [[ -n $own && $own == "$theirs" ]] || fail "$path is answered otherwise: $theirs and not $own"
    done
}

# find_servers: the processes whose processor time counts: nginx's workers and cache manager, the four daemons, the peers.
# Not the workers from before the reload and the cache loader, because they end by themselves.
find_servers() {
    local name pid nginx
    nginx=$(pgrep -P "$(<"$home/run/nginx.pid")" -f '(worker|cache manager) process$')
    for pid in $nginx $(pgrep -P "${pids[2]}") "${pids[1]}"; do
        servers+=("/proc/$pid/stat")
    done
    for name in "${daemons[@]}"; do servers+=("/proc/$(<"$home/run/$name.pid")/stat"); done
}

# cpu_us: their processor time since they started, in microseconds.
cpu_us() {
    cat "${servers[@]}" | awk -v hz="$(getconf CLK_TCK)" '{used += $14 + $15} END {printf "%d\n", used * 1e6 / hz}'
}

# measure NAME CLIENTS KIND [PREFIX [PORT]]: appends "NAME ROUND REQUESTS/S P50 P99 ERRORS UNSERVED CPU", the last one a
# request's time of the processors in microseconds, without wrk's.
measure() {
    local name=$1 clients=$2 kind=$3 prefix=${4:-} at=${5:-$((port + 1))} before figures
    before=$(cpu_us)
    figures=$(wrk -t 2 -c "$clients" -d "${seconds}s" -s "$benches/load.lua" "http://127.0.0.1:$at" -- \
        "$kind" "$prefix" "$home/tokens.txt" "$round" | sed -n 's/^figures //p')
    [[ -n $figures ]] || fail "wrk has not measured $name"
    awk -v name="$name" -v round="$round" -v used=$(($(cpu_us) - before)) \
        '{print name, round, $1, $2, $3, $4, $5, used / ($6 ? $6 : 1)}' <<<"$figures" >>"$home/results"
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
    measure c-group-sale 32 trusted /c/group
    measure souk-product-256 256 product
    measure souk-page-256 256 page
    measure souk-token-256 256 token
    measure souk-sale-256 256 sale
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
