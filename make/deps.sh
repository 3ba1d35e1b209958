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
            program cc gcc
            program sqlite3 sqlite3
            # The peer in PHP: with its opcache, and without a web server.
            program php-fpm8.2 php8.2-fpm
            library php8.2-sqlite3
            ;;
        *) fail "make/deps.sh build, run, test or bench, not: $1" ;;
    esac
}

# keep_services_off: nginx and PHP-FPM are wanted as programs. Debian would start them as services as
# well, unless this file says no (invoke-rc.d(8)); it goes when we do.
keep_services_off() {
    local policy=/usr/sbin/policy-rc.d
    if [[ -e $policy ]]; then return; fi
    # shellcheck disable=SC2064  # what root is now
    trap "${root[*]} rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod 755 "$policy"
}

install_missing() {
    local root=()
    if [[ $EUID != 0 ]]; then
        command -v sudo >/dev/null ||
            fail "as root: apt-get install --no-install-recommends ${missing[*]}"
        root=(sudo)
    fi
    local get=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet)
    say "installing ${missing[*]}"
    keep_services_off
    # The index may be absent or old: then it is fetched, and once more.
    if ! "${get[@]}" install --no-install-recommends "${missing[@]}"; then
        "${get[@]}" update || true
        "${get[@]}" install --no-install-recommends "${missing[@]}" ||
            fail "could not install ${missing[*]}"
    fi
    # Nor at the next boot, nor what looks after their sessions.
    if [[ " ${missing[*]} " == *' php8.2-fpm '* ]] && command -v systemctl >/dev/null; then
        "${root[@]}" systemctl --quiet disable php8.2-fpm phpsessionclean.timer || true
    fi
}

command -v dpkg-query >/dev/null || fail "this is not Debian: install what make/deps.sh names by hand"
want "${1:?build, run, test or bench}"
if ((${#missing[@]})); then install_missing; fi
