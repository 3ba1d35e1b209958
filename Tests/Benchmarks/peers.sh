# shellcheck shell=bash
# Sourced by bench.sh and bench-postgres.sh: starts the peer in PHP, adds the peers to nginx, and measures.

# Their variables `home`, `port`, `benches`, `seconds`, `daemons` and `round` are used here.
# shellcheck disable=SC2154
servers=() # the files in /proc with the processor time of each server

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

# open_php DSN PROCESSES: PHP-FPM with a connection to this database in each of its processes.
open_php() {
    sed -e "s,HOME,$home," -e "s,DSN,$1," -e "s,PROCESSES,$2," \
        -e "s,TOKENSECRET,$(head -n 1 "$home/jwt.secret")," \
        "$benches/peer-fpm.conf" >"$home/php-fpm.conf"
    local root=()
    if [[ $EUID == 0 ]]; then
        root=(--allow-to-run-as-root)
        printf 'user = root\ngroup = root\n' >>"$home/php-fpm.conf"
    fi
    php-fpm8.2 --nodaemonize --prefix "$home" --fpm-config "$home/php-fpm.conf" "${root[@]}" \
        -d opcache.enable=1 -d opcache.validate_timestamps=0 -d expose_php=0 2>/dev/null &
    pids+=($!)
}

# add_peers: adds them to the shop's own nginx, once their sockets are there.
add_peers() {
    until_true "the peer in C did not open" test -S "$home/run/c.sock"
    until_true "the peer in PHP did not open" test -S "$home/run/php.sock"

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
    local masked='s/"next":"[^"]*"/"next":""/; s/^{"id":[0-9]*/{"id":0/; s/"number":"[0-9]*"/"number":""/; s/"\(at\|created_at\)":"20[^"]*"/"\1":""/g'
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
            -H "Idempotency-Key: first $path" -d '{"items":[{"product_id":7,"quantity":1}]}' | sed "$masked")
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

# rest: waits until the courier has processed all orders, because it would slow down the next measurement.
rest() {
    for _ in {1..240}; do
        if curl -sf "http://127.0.0.1:$port/courier/metrics" | awk '
            /^souk_(jobs_pending|events_unnumbered|events_unread) / { left += $2; seen++ }
            END { exit seen != 3 || left > 0 }'; then return; fi
        sleep 0.25
    done
    fail "the courier still has work after a minute"
}

# measure NAME CLIENTS KIND [PREFIX [PORT]]: appends "NAME ROUND REQUESTS/S P50 P99 ERRORS UNSERVED CPU", the last one a
# request's time of the processors in microseconds, without wrk's.
measure() {
    local name=$1 clients=$2 kind=$3 prefix=${4:-} at=${5:-$((port + 1))} before figures
    before=$(cpu_us)
    figures=$(wrk -t 2 -c "$clients" -d "${seconds}s" -s "$benches/load.lua" "http://127.0.0.1:$at" -- \
        "$kind" "$prefix" "$home/tokens.txt" "$round" "$name" | sed -n 's/^figures //p')
    [[ -n $figures ]] || fail "wrk has not measured $name"
    awk -v name="$name" -v round="$round" -v used=$(($(cpu_us) - before)) \
        '{print name, round, $1, $2, $3, $4, $5, used / ($6 ? $6 : 1)}' <<<"$figures" >>"$home/results"
}
