#!/usr/bin/env bash
# usage: make/deps.sh build|run|test|torture|bench|lint|deb
# Installs the Debian packages that are missing for it, and says which. What is only a tool of the
# tests goes into .build/tools. Touches nothing else.
set -euo pipefail

# shellcheck source=make/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
PATH=$PATH:/usr/sbin:/sbin
tools=$(dirname "${BASH_SOURCE[0]}")/../.build/tools

missing=()
# What is to be done when they are there.
after=()

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
            library libfcgi-dev libsqlite3-dev libsodium-dev libjwt-dev libutf8proc-dev
            program pkg-config pkg-config
            ;;
        run)
            want build
            program nginx nginx-light
            program curl curl
            # Makes openapi.json for /docs.
            library python3-yaml
            ;;
        torture)
            want run
            program python3 python3
            # Records what goes to the disk, and lets it fail.
            program strace strace
            # Sets the clock of a shop back.
            library libfaketime
            # Networks with several clients and a firewall, in namespaces.
            program ip iproute2
            program nft nftables
            library python3-venv
            after+=(make_schemathesis)
            ;;
        test)
            want torture
            # Looks into the database from outside.
            program sqlite3 sqlite3
            # Reads JSON in the tour.
            program jq jq
            # The package, for a machine of its own (Tests/Server).
            program dh debhelper
            program logrotate logrotate
            # Tokens by somebody else's hand.
            library python3-jwt
            # A certificate, and handshakes that should fail.
            program openssl openssl
            # Opens /docs. It is large, and comes within half a minute on a usual line.
            library chromium chromium-driver
            # Checks the types of a client in TypeScript; brings node, which runs it.
            program tsc node-typescript
            after+=(unpack_fail2ban unpack_promtool fetch_acme make_generators fetch_axe)
            ;;
        bench)
            want run
            program wrk wrk
            program cc gcc
            program pgrep procps
            program sqlite3 sqlite3
            # The peer in PHP: with its opcache, and without a web server.
            program php-fpm8.2 php8.2-fpm
            library php8.2-sqlite3
            ;;
        lint)
            want run
            program shellcheck shellcheck
            library python3-venv
            after+=(make_gixy)
            ;;
        deb)
            want build
            program dh debhelper
            program lintian lintian
            # The manual, and the page of the API.
            library python3-yaml
            ;;
        *) fail "make/deps.sh build, run, test, torture, bench, lint or deb, not: $1" ;;
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

# unpack_fail2ban: not installed, because then it would guard this machine's own doors from now on.
unpack_fail2ban() {
    if [[ -x $tools/fail2ban/usr/bin/fail2ban-regex ]]; then return; fi
    local folder
    folder=$(mktemp -d)
    if (cd "$folder" && apt-get --quiet --option APT::Sandbox::User= download fail2ban && dpkg-deb -x fail2ban_*.deb unpacked) >/dev/null; then
        mkdir -p "$tools/fail2ban"
        cp -R "$folder/unpacked/." "$tools/fail2ban"
    else
        say "fail2ban could not be fetched: its filter is not tested"
    fi
    rm -rf "$folder"
}

# unpack_promtool: not installed, because then this machine would be watched from now on.
unpack_promtool() {
    if [[ -x $tools/promtool ]] || command -v promtool >/dev/null; then return; fi
    local folder
    folder=$(mktemp -d)
    if (cd "$folder" && apt-get --quiet download prometheus && dpkg-deb -x prometheus_*.deb unpacked) >/dev/null; then
        mkdir -p "$tools"
        cp "$folder/unpacked/usr/bin/promtool" "$tools/promtool"
    else
        say "promtool could not be fetched: it does not judge metrics and alerts"
    fi
    rm -rf "$folder"
}

# fetch_acme: certbot and an authority to ask, with what they need and this machine lacks. They are
# installed on the machine of Tests/Server and not here, where certbot would have a timer.
fetch_acme() {
    if [[ -d $tools/acme || $EUID != 0 ]]; then return; fi
    local folder
    folder=$(mktemp -d)
    if apt-get --yes --quiet --no-install-recommends --download-only --option APT::Sandbox::User= \
        --option "Dir::Cache::archives=$folder" install certbot pebble >/dev/null; then
        mkdir -p "$tools/acme"
        cp "$folder"/*.deb "$tools/acme"
    else
        say "certbot and pebble could not be fetched: no certificate is tried"
    fi
    rm -rf "$folder"
}

# from_pypi NAME PACKAGE WITHOUT: a Python package in a folder of its own, and what is not tested without it.
from_pypi() {
    if [[ -x $tools/$1/bin/$1 ]]; then return; fi
    if ! python3 -m venv "$tools/$1" || ! "$tools/$1/bin/pip" install --quiet "$2"; then
        rm -rf "${tools:?}/$1"
        say "$1 could not be fetched from PyPI: $3"
    fi
}

# fetch_axe: axe-core, which judges whether everybody can use /docs; of the package that wraps it only the script is kept.
fetch_axe() {
    if [[ -e $tools/axe.min.js ]]; then return; fi
    local folder
    folder=$(mktemp -d)
    if python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --no-deps axe-playwright-python==0.1.8; then
        mkdir -p "$tools"
        cp "$folder"/lib/python3*/site-packages/axe_playwright_python/axe.min.js "$tools"
    else
        say "axe-core could not be fetched from PyPI: it does not judge /docs"
    fi
    rm -rf "$folder"
}

# make_gixy: judges nginx's files. gixy itself is not kept up any more, gixy-ng is.
make_gixy() { from_pypi gixy gixy-ng==0.2.59 "it does not judge nginx's files"; }

# make_schemathesis: makes requests of openapi.yaml.
make_schemathesis() { from_pypi schemathesis schemathesis==4.32.5 "only the shop's own bad input is sent"; }

# make_generators: clients of openapi.yaml in Python and in TypeScript. npm's generators need npm.
make_generators() {
    from_pypi openapi-python-client openapi-python-client==0.29.0 "no client in Python is tested"
    from_pypi apiwright apiwright==0.1.0rc6 "no client in TypeScript is tested"
}

command -v dpkg-query >/dev/null || fail "this is not Debian: install what make/deps.sh names by hand"
want "${1:?build, run, test, torture, bench, lint or deb}"
if ((${#missing[@]})); then install_missing; fi
for step in "${after[@]}"; do "$step"; done
