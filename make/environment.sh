# shellcheck shell=bash
# To be sourced: the settings of a private shop, as `make run` and make/souk.sh both need them.

# say SENTENCE: to the person in front of the terminal. Where nobody can be told, because it goes to a
# file on a full disk, the work goes on.
say() { printf 'souk: %s\n' "$*" || true; }

# fail SENTENCE: the same, and the end.
fail() {
    say "$*" >&2
    exit 1
}

# take_knobs: reads SOUK_HOME, SOUK_PORT, SOUK_DEMO, SOUK_RATE_LIMITS and SOUK_BIN into home, port,
# demo, limits and binaries. They are unset, because the programs refuse a SOUK_ variable that is
# not theirs.
# shellcheck disable=SC2034  # used by those who source this
take_knobs() {
    local top
    top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
    home=${SOUK_HOME:-$top/.souk}
    port=${SOUK_PORT:-8080}
    demo=${SOUK_DEMO:-1}
    limits=${SOUK_RATE_LIMITS:-on}
    binaries=${SOUK_BIN:-$top/.build/release}
    unset SOUK_HOME SOUK_PORT SOUK_DEMO SOUK_RATE_LIMITS SOUK_BIN

    [[ $home == /* ]] || home=$PWD/$home
    [[ $binaries == /* ]] || binaries=$PWD/$binaries
    [[ $port =~ ^[1-9][0-9]{0,4}$ && $port -le 65535 ]] || fail "SOUK_PORT is not a port: $port"
    [[ $demo == [01] ]] || fail "SOUK_DEMO is 0 or 1, not: $demo"
    [[ $limits == on || $limits == off ]] || fail "SOUK_RATE_LIMITS is on or off, not: $limits"
    [[ -x $binaries/souk ]] || fail "there is no $binaries/souk yet: run \`make build\`"
}

# load_settings FILE: exports its NAME=VALUE lines. They are never evaluated, and what the
# environment has already goes first.
load_settings() {
    local file=$1 line name value
    while IFS= read -r line || [[ -n $line ]]; do
        [[ $line =~ ^[[:space:]]*(#|$) ]] && continue
        [[ $line =~ ^([A-Z_][A-Z0-9_]*)=(.*)$ ]] || fail "not NAME=VALUE in $file: $line"
        name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
        [[ $name == SOUK_* ]] || fail "not a setting of Souk in $file: $name"
        [[ -v $name ]] || export "$name=$value"
    done <"$file"

    # The programs may be started from anywhere.
    for name in SOUK_DATABASE SOUK_JWT_SECRET_FILE; do
        if [[ -v $name && ${!name} != /* ]]; then export "$name=$(dirname "$file")/${!name}"; fi
    done
}
