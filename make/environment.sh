# shellcheck shell=bash
# Functions that the other scripts source: messages, and the settings of a private shop.

# Whether the shop has a private database server; load_settings sets it.
has_server=0

# say SENTENCE: prints a message. If printing fails, for example to a file on a full disk, the script continues.
say() { printf 'souk: %s\n' "$*" || true; }

# fail SENTENCE: prints a message to stderr and ends the script with status 1.
fail() {
    say "$*" >&2
    exit 1
}

# take_knobs: reads SOUK_HOME, SOUK_LISTEN, SOUK_PORT, SOUK_SERVER_NAMES, SOUK_PROXIES, SOUK_DEMO, SOUK_RATE_LIMITS,
# SOUK_LOGS and SOUK_BIN into home, listen, port, server_names, proxies, demo, limits, logs and binaries. Unsets them,
# because the programs reject unknown SOUK_ variables.
# shellcheck disable=SC2034  # used by the scripts that source this file
take_knobs() {
    local top
    top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
    home=${SOUK_HOME:-$top/.souk}
    listen=${SOUK_LISTEN:-127.0.0.1}
    port=${SOUK_PORT:-8080}
    server_names=${SOUK_SERVER_NAMES-}
    proxies=${SOUK_PROXIES-}
    demo=${SOUK_DEMO:-1}
    limits=${SOUK_RATE_LIMITS:-on}
    logs=${SOUK_LOGS:-files}
    binaries=${SOUK_BIN:-$top/.build/release}
    unset SOUK_HOME SOUK_LISTEN SOUK_PORT SOUK_SERVER_NAMES SOUK_PROXIES SOUK_DEMO SOUK_RATE_LIMITS SOUK_LOGS SOUK_BIN

    [[ $home == /* ]] || home=$PWD/$home
    [[ $binaries == /* ]] || binaries=$PWD/$binaries
    [[ $port =~ ^[1-9][0-9]{0,4}$ && $port -le 65535 ]] || fail "SOUK_PORT is not a port: $port"
    is_ipv4 "$listen" || fail "SOUK_LISTEN is not an IPv4 address: $listen"
    are_words "$server_names" '(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?' ||
        fail "SOUK_SERVER_NAMES must be host names with spaces between them, not: $server_names"
    are_words "$proxies" '[0-9A-Fa-f.:]+(/[0-9]{1,3})?' ||
        fail "SOUK_PROXIES must be addresses or networks with spaces between them, not: $proxies"
    [[ $demo == [01] ]] || fail "SOUK_DEMO must be 0 or 1, not: $demo"
    [[ $limits == on || $limits == off ]] || fail "SOUK_RATE_LIMITS must be on or off, not: $limits"
    [[ $logs == files || $logs == stdout ]] || fail "SOUK_LOGS must be files or stdout, not: $logs"
    [[ -x $binaries/souk ]] || fail "there is no $binaries/souk yet: run \`make build\`"
}

# is_ipv4 TEXT: whether TEXT is four numbers up to 255, as in 192.0.2.1.
is_ipv4() {
    local part='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
    [[ $1 =~ ^$part(\.$part){3}$ ]]
}

# are_words TEXT PATTERN: whether TEXT has only words that match, with spaces between them.
are_words() { [[ " $1 " =~ ^\ +($2\ +)*$ ]]; }

# load_settings FILE: exports its NAME=VALUE lines. The values are never evaluated. Variables of the environment take
# precedence.
load_settings() {
    local file=$1 line name value
    while IFS= read -r line || [[ -n $line ]]; do
        [[ $line =~ ^[[:space:]]*(#|$) ]] && continue
        [[ $line =~ ^([A-Z_][A-Z0-9_]*)=(.*)$ ]] || fail "not NAME=VALUE in $file: $line"
        name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
        [[ $name == SOUK_* ]] || fail "not a setting of Souk in $file: $name"
        [[ -v $name ]] || export "$name=$value"
    done <"$file"

    # The private server of this shop: see make/postgres.sh.
    if [[ ${SOUK_DATABASE-} == postgresql: ]]; then
        # shellcheck disable=SC2034  # used by the scripts that source this file
        has_server=1
        SOUK_DATABASE="postgresql://souk@$(percent_encoded "$(dirname "$file")/postgres")/souk"
    fi

    # Make relative paths absolute, because the programs may start in any folder.
    for name in SOUK_DATABASE SOUK_JWT_SECRET_FILE SOUK_SMTP_CREDENTIALS_FILE SOUK_STRIPE_KEY_FILE \
        SOUK_STRIPE_WEBHOOK_SECRET_FILE SOUK_MAIL_TEMPLATES; do
        if [[ -n ${!name-} && ${!name} != /* && ${!name} != *://* ]]; then
            export "$name=$(dirname "$file")/${!name}"
        fi
    done
    if [[ ${SOUK_SMTP_URL-} == file:[^/]* ]]; then
        export "SOUK_SMTP_URL=file:$(dirname "$file")/${SOUK_SMTP_URL#file:}"
    fi
}

# percent_encoded TEXT: prints TEXT for use in a URL.
percent_encoded() {
    local LC_ALL=C text=$1 encoded='' byte i
    for ((i = 0; i < ${#text}; i++)); do
        byte=${text:i:1}
        # Bash gives bytes above 127 as negative numbers.
        if [[ $byte != [A-Za-z0-9._~-] ]]; then
            printf -v byte '%d' "'$byte"
            printf -v byte '%%%02X' "$((byte & 255))"
        fi
        encoded+=$byte
    done
    printf '%s' "$encoded"
}
