#!/usr/bin/env bash
# `make bench`: what the shop does in a second behind nginx at 32 clients, beside an answer that needs no database (a 404 from the
# same daemon). Three interleaved rounds, medians, and ratios, which are what counts on a machine that others use too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# shellcheck source=make/environment.sh
source make/environment.sh

seconds=${BENCH_SECONDS:-5}
rounds=3
port=18080
address=http://127.0.0.1:$port
home=$(mktemp -d)

SOUK_HOME=$home SOUK_PORT=$port SOUK_DEMO=0 SOUK_RATE_LIMITS=off setsid make/run.sh >"$home.log" 2>&1 &
shop=$!
trap 'kill "$shop" 2>/dev/null; wait "$shop" 2>/dev/null || true; rm -rf "$home" "$home.log"' EXIT
for _ in {1..100}; do
    grep -q '^souk: ready' "$home.log" && break
    kill -0 "$shop" 2>/dev/null || fail "the shop did not open: $(tail -n 3 "$home.log")"
    sleep 0.1
done

say "10 000 products, 32 customers"
SOUK_HOME=$home make/souk.sh seed --products 10000 --customers 32 >/dev/null
for number in {1..32}; do
    curl -sf "$address/customers/login" -H 'Content-Type: application/json' \
        -d "{\"username\":\"c$number\",\"password\":\"correct horse\"}" |
        sed -n 's/.*"access_token":"\([^"]*\)".*/\1\n/p'
done | grep . >"$home/tokens.txt"

# measure NAME PATH [wrk's script and its arguments]: appends "NAME REQUESTS P99 ERRORS".
measure() {
    local name=$1 path=$2
    shift 2
    wrk -t 2 -c 32 -d "${seconds}s" --latency "${@:1:2}" "$address$path" "${@:3}" |
        awk -v name="$name" '/99%/ {p99 = $2} /Requests\/sec/ {rate = $2} /Non-2xx/ {errors = $NF}
            END {print name, rate, p99, errors + 0}' >>"$home/results"
}

for ((round = 1; round <= rounds; round++)); do
    measure constant /inventory/none/such
    measure product /inventory/77
    measure page '/inventory?limit=20'
    measure sale /sales -s Tests/Benchmarks/sell.lua -- "$home/tokens.txt" 10000 "$round"
done

# median NAME COLUMN
median() { awk -v name="$1" -v column="$2" '$1 == name {print $column}' "$home/results" | sort -h | sed -n "$(((rounds + 1) / 2))p"; }

printf '%-28s %12s %10s %8s\n' 'workload, 32 clients' requests/s p99 ratio
constant=$(median constant 2)
for name in constant product page sale; do
    rate=$(median "$name" 2)
    printf '%-28s %12s %10s %8s\n' "$name" "$rate" "$(median "$name" 3)" \
        "$(awk -v a="$rate" -v b="$constant" 'BEGIN {printf "%.2f", a / b}')"
done
for name in customersd inventoryd salesd reviewsd; do
    printf '%-28s %9s kB resident\n' "$name" "$(awk '/VmRSS/ {print $2}' "/proc/$(<"$home/run/$name.pid")/status")"
done
awk '$1 != "constant" && $4 > 0 {print "refused:", $0}' "$home/results"
SOUK_HOME=$home make/souk.sh check >/dev/null || fail "souk check finds the shop broken"
say "souk check: nothing broken"
