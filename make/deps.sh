#!/usr/bin/env bash
# usage: make/deps.sh build|run|test|bench
# Installs the Debian packages that are missing for it, and says which. Touches nothing else.
set -euo pipefail

# shellcheck source=make/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
PATH=$PATH:/usr/sbin:/sbin

missing=()

# library PACKAGE...: headers, which only dpkg can tell.
library() {
    local package
    for package; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
            missing+=("$package")
    done
}

# program NAME PACKAGE: whichever package it came from.
program() { command -v "$1" >/dev/null || missing+=("$2"); }

want() {
    case $1 in
        build)
            command -v swift >/dev/null ||
                fail "there is no Swift here: install Swift 6.1 or later from https://swift.org/install"
            library libfcgi-dev libsqlite3-dev libsodium-dev libjwt-dev
            program pkg-config pkg-config
            ;;
        run)
            want build
            program nginx nginx-light
            program curl curl
            ;;
        test)
            want run
            # Looks into the database from outside.
            program sqlite3 sqlite3
            # Tokens by somebody else's hand.
            library python3-jwt
            ;;
        bench)
            want run
            program wrk wrk
            ;;
        *) fail "make/deps.sh build, run, test or bench, not: $1" ;;
    esac
}

install() {
    local root=()
    if [[ $EUID != 0 ]]; then
        command -v sudo >/dev/null ||
            fail "as root: apt-get install --no-install-recommends ${missing[*]}"
        root=(sudo)
    fi
    local get=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet)
    say "installing ${missing[*]}"
    # The index may be absent or old: then it is fetched, and once more.
    if "${get[@]}" install --no-install-recommends "${missing[@]}"; then return; fi
    "${get[@]}" update || true
    if ! "${get[@]}" install --no-install-recommends "${missing[@]}"; then
        fail "could not install ${missing[*]}"
    fi
}

command -v dpkg-query >/dev/null || fail "this is not Debian: install what make/deps.sh names by hand"
want "${1:?build, run, test or bench}"
if ((${#missing[@]})); then install; fi
