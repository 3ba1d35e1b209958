#!/usr/bin/env bash
# The second part of `make bench`: compares Souk on PostgreSQL with a responder in C with libpq and one in PHP-FPM with
# pdo_pgsql. All use the same private server over a Unix socket, with fsync, and the same nginx, data and clients. Rounds,
# medians and variables are those of bench.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# shellcheck source=make/environment.sh
source make/environment.sh
PATH=$PATH:/usr/sbin:/sbin

seconds=${BENCH_SECONDS:-1}
rounds=${BENCH_ROUNDS:-9}
port=18090
benches=$PWD/Tests/Benchmarks
daemons=(customersd inventoryd salesd reviewsd)
[[ $seconds =~ ^[1-9][0-9]*$ && $rounds =~ ^[1-9][0-9]*$ ]] || fail "BENCH_SECONDS and BENCH_ROUNDS are whole numbers"

home=$(mktemp -d)
# shellcheck source=Tests/Benchmarks/processes.sh
source "$benches/processes.sh"
# shellcheck source=Tests/Benchmarks/peers.sh
source "$benches/peers.sh"

# server PROGRAM ARGUMENTS...: runs a program of PostgreSQL as the user of the server, because it refuses to run as root.
server() {
    local as=()
    if [[ $EUID == 0 ]]; then as=(setpriv --reuid=postgres --regid=postgres --clear-groups --); fi
    (cd / && "${as[@]}" "$programs/$1" "${@:2}")
}

# The server has its defaults, except for its memory and the number of connections. It is stopped before `home` is deleted.
open_server() {
    programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    [[ -x $programs/initdb ]] || fail "PostgreSQL is not installed"
    folder=$home/postgres
    mkdir "$folder"
    chmod 755 "$home"
    if [[ $EUID == 0 ]]; then chown postgres "$folder"; fi
    server initdb --pgdata="$folder/data" --locale=C --encoding=UTF8 --auth=trust --username=souk >/dev/null
    printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$folder'" 'shared_buffers = 512MB' \
        'max_connections = 200' >>"$folder/data/postgresql.conf"
    server pg_ctl --pgdata="$folder/data" --log="$folder/log" --wait --silent start
    trap 'server pg_ctl --pgdata="$folder/data" --silent --mode=immediate stop || true; close' EXIT
    local database
    for database in souk c php; do server createdb --host="$folder" --username=souk "$database"; done
}

open_shop() {
    export SOUK_DATABASE="postgresql://souk@/souk?host=$folder"
    start_shop "$home" "$port" "$home/make.log"
    say "10,000 products, 32 customers"
    SOUK_HOME=$home make/souk.sh seed --products 10000 --customers 32 >/dev/null
    printf 'c%d\n' {1..32} | log_in "http://127.0.0.1:$port" >"$home/tokens.txt"
}

# The peers: each on a copy of the shop's own database, sessions included.
open_peers() {
    local peer flags
    for peer in c php; do
        server pg_dump --host="$folder" --username=souk souk |
            server psql --host="$folder" --username=souk --quiet --no-psqlrc --set=ON_ERROR_STOP=1 "$peer" >/dev/null
    done
    for peer in souk c php; do server vacuumdb --host="$folder" --username=souk --analyze --quiet "$peer"; done
    read -ra flags < <(pkg-config --cflags --libs fcgi libpq)
    cc -std=gnu11 -O2 -Wall -Wextra -o "$home/peer" "$benches"/peer{,-postgres}.c "${flags[@]}" -lpthread
    (cd "$home" && exec ./peer run/c.sock "host=$folder user=souk dbname=c" 2>log/c.log) &
    pids+=($!)
    # As many as a responder of Souk has connections.
    open_php "pgsql:host=$folder;user=souk;dbname=php" 16
    add_peers
}

measure_all() {
    measure c-product 32 product /c
    measure souk-product 32 product
    measure php-product 32 product /php
    measure c-page 32 page /c
    measure souk-page 32 page
    measure php-page 32 page /php
    measure c-sale 32 trusted /c
    measure souk-sale 32 sale
    rest
    measure c-pipelined-sale 32 trusted /c/group
    measure php-sale 32 sale /php
}

open_server
open_shop
open_peers
compare_answers
find_servers
say "$rounds rounds of 10 measurements of $seconds s"
for ((round = 1; round <= rounds; round++)); do
    measure_all
    say "round $round of $rounds is done"
done
SOUK_HOME=$home make/souk.sh check >/dev/null || fail "souk check finds the shop broken"
model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
release=$(server postgres --version | grep -o '[0-9][0-9.]*' | head -n 1)
machine="$(nproc) cores of ${model:-$(uname -m)}, Linux $(uname -r), $(date -u +%Y-%m-%d)"
load=$(cut -d ' ' -f 1 /proc/loadavg)
printf '\n%s\n\n' "PostgreSQL $release, $machine, $rounds rounds of $seconds s, load average $load."
awk -v engine=postgres -f "$benches/table.awk" "$home/results"
say "souk check: nothing broken"
