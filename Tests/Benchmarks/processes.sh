# shellcheck shell=bash
# Sourced by the benchmarks: ends the processes that they start, and deletes their folder `home`.

: "${home:?}"
pids=()

# Ends the processes started here, by id.
close() {
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$home"
}
trap close EXIT
trap 'exit 130' INT TERM

# start_shop HOME PORT LOG: a shop as `make run` opens it, without demo and limits, with tokens that outlast the run.
start_shop() {
    SOUK_HOME=$1 SOUK_PORT=$2 SOUK_DEMO=0 SOUK_RATE_LIMITS=off SOUK_ACCESS_TOKEN_SECONDS=86400 \
        setsid make/run.sh >"$3" 2>&1 &
    pids+=($!)
    local _
    for _ in {1..200}; do
        if grep -qs '^souk: ready' "$3"; then return; fi
        sleep 0.05
    done
    fail "the shop did not open: $(tail -n 3 "$3")"
}

# log_in ADDRESS: a token for each name of the input, a line each.
log_in() {
    local name
    while read -r name; do
        curl -sf "$1/customers/login" -H 'Content-Type: application/json' \
            -d "{\"username\":\"$name\",\"password\":\"correct horse\"}" |
            sed -n 's/.*"access_token":"\([^"]*\)".*/\1\n/p'
    done | grep .
}
