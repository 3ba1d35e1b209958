#!/usr/bin/env bash
# usage: make/deps.sh build|run|test|torture|bench|lint|deb
# Installs the Debian packages that the purpose needs and this machine lacks, and prints their names. Tools for tests
# only go into .build/tools.
set -euo pipefail

# shellcheck source=make/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
PATH=$PATH:/usr/sbin:/sbin
tools=$(dirname "${BASH_SOURCE[0]}")/../.build/tools

missing=()
# Functions to run after the installation.
after=()

# library PACKAGE...: packages without a program, which only dpkg can find.
library() {
    local package
    for package; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
            missing+=("$package")
    done
}

# program NAME PACKAGE: a program, from this package unless another already provides it.
program() { command -v "$1" >/dev/null || missing+=("$2"); }

want() {
    case $1 in
        build)
            command -v swift >/dev/null ||
                fail "there is no Swift here: install Swift 6.1 or later from https://swift.org/install"
            library libfcgi-dev libsqlite3-dev libpq-dev libsodium-dev libjwt-dev liboath-dev libutf8proc-dev libcurl4-openssl-dev
            program pkg-config pkg-config
            ;;
        run)
            want build
            program nginx nginx-light
            program curl curl
            # Converts openapi.yaml to JSON for /docs.
            library python3-yaml
            ;;
        torture)
            want run
            program python3 python3
            # Records writes to the disk, and injects write errors.
            program strace strace
            # Sets back the clock of a shop.
            library libfaketime
            # Runs servers of its own for the other engine, among them a primary and its standby.
            library postgresql
            # Create network namespaces with several clients and a firewall.
            program ip iproute2
            program nft nftables
            library python3-venv
            after+=(make_schemathesis)
            ;;
        test)
            want torture
            # Reads the database from outside.
            program sqlite3 sqlite3
            # Parses JSON in docs/tour.md.
            program jq jq
            # Builds the package for the container of Tests/Server.
            program dh debhelper
            program logrotate logrotate
            # Creates and verifies tokens independently of Souk.
            library python3-jwt
            # Creates a certificate, and tries handshakes that must fail.
            program openssl openssl
            # Opens /docs. A large download.
            library chromium chromium-driver
            # Checks the types of a TypeScript client. Depends on node, which runs it.
            program tsc node-typescript
            after+=(unpack_fail2ban unpack_promtool fetch_acme make_generators make_standardwebhooks make_stripe make_aiosmtpd fetch_axe)
            ;;
        bench)
            want run
            program wrk wrk
            program cc gcc
            program pgrep procps
            program sqlite3 sqlite3
            # Runs the PHP peer, with opcache and without a web server.
            program php-fpm8.2 php8.2-fpm
            library php8.2-sqlite3 php8.2-pgsql
            # Runs a server of its own.
            library postgresql libpq-dev
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
            # Builds the manual and the API reference.
            library python3-yaml
            ;;
        *) fail "make/deps.sh build, run, test, torture, bench, lint or deb, not: $1" ;;
    esac
}

# keep_services_off: prevents Debian from starting nginx and PHP-FPM as services (invoke-rc.d(8)). The file is removed
# when this script ends.
keep_services_off() {
    local policy=/usr/sbin/policy-rc.d
    if [[ -e $policy ]]; then return; fi
    # shellcheck disable=SC2064  # expands root now, not at exit
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
    # If the package index is missing or old, update it and try again.
    if ! "${get[@]}" install --no-install-recommends "${missing[@]}"; then
        "${get[@]}" update || true
        "${get[@]}" install --no-install-recommends "${missing[@]}" ||
            fail "could not install ${missing[*]}"
    fi
    # Do not start PHP-FPM and the cleanup of its sessions at the next boot either.
    if [[ " ${missing[*]} " == *' php8.2-fpm '* ]] && command -v systemctl >/dev/null; then
        "${root[@]}" systemctl --quiet disable php8.2-fpm phpsessionclean.timer || true
    fi
}

# unpack_fail2ban: unpacks fail2ban without installing it, because it would start to guard this machine.
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

# unpack_promtool: unpacks promtool without installing it, because Prometheus would start to monitor this machine.
unpack_promtool() {
    if [[ -x $tools/promtool ]] || command -v promtool >/dev/null; then return; fi
    local folder
    folder=$(mktemp -d)
    if (cd "$folder" && apt-get --quiet download prometheus && dpkg-deb -x prometheus_*.deb unpacked) >/dev/null; then
        mkdir -p "$tools"
        cp "$folder/unpacked/usr/bin/promtool" "$tools/promtool"
    else
        say "promtool could not be fetched: it does not check metrics and alerts"
    fi
    rm -rf "$folder"
}

# fetch_acme: downloads certbot, the ACME test server pebble, and their missing dependencies. Tests/Server installs them
# in its container. On this machine certbot would install a timer.
fetch_acme() {
    if [[ -d $tools/acme || $EUID != 0 ]]; then return; fi
    local folder
    folder=$(mktemp -d)
    if apt-get --yes --quiet --no-install-recommends --download-only --option APT::Sandbox::User= \
        --option "Dir::Cache::archives=$folder" install certbot pebble >/dev/null; then
        mkdir -p "$tools/acme"
        cp "$folder"/*.deb "$tools/acme"
    else
        say "certbot and pebble could not be fetched: certificates are not tested"
    fi
    rm -rf "$folder"
}

# from_pypi NAME PACKAGE WITHOUT: installs a Python package in a folder of its own. WITHOUT says what is not tested if
# that fails.
from_pypi() {
    if [[ -x $tools/$1/bin/python3 ]]; then return; fi
    if ! python3 -m venv "$tools/$1" || ! "$tools/$1/bin/pip" install --quiet "$2"; then
        rm -rf "${tools:?}/$1"
        say "$1 could not be fetched from PyPI: $3"
    fi
}

# fetch_axe: fetches axe-core, which checks the accessibility of /docs, from a package that contains it.
fetch_axe() {
    if [[ -e $tools/axe.min.js ]]; then return; fi
    local folder
    folder=$(mktemp -d)
    if python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --no-deps axe-playwright-python==0.1.8; then
        mkdir -p "$tools"
        cp "$folder"/lib/python3*/site-packages/axe_playwright_python/axe.min.js "$tools"
    else
        say "axe-core could not be fetched from PyPI: the accessibility of /docs is not tested"
    fi
    rm -rf "$folder"
}

# make_gixy: checks nginx's files. gixy-ng is the maintained fork of gixy.
make_gixy() { from_pypi gixy gixy-ng==0.2.59 "it does not check nginx's files"; }

# make_schemathesis: generates requests from openapi.yaml.
make_schemathesis() { from_pypi schemathesis schemathesis==4.32.5 "only the shop's own bad input is sent"; }

# make_stripe: signs messages as Stripe does, independently of Souk.
make_stripe() { from_pypi stripe stripe==16.1.0 "signatures of Stripe are checked by the test vector only"; }

# make_standardwebhooks: verifies the signatures of webhooks independently of Souk.
make_standardwebhooks() { from_pypi standardwebhooks standardwebhooks==1.1.0 "signatures of webhooks are checked by the test vector only"; }

# make_generators: generate clients in Python and TypeScript from openapi.yaml. Both are Python packages, because this
# machine may lack npm.
make_generators() {
    from_pypi openapi-python-client openapi-python-client==0.29.0 "no client in Python is tested"
    from_pypi apiwright apiwright==0.1.0rc6 "no client in TypeScript is tested"
}

# make_aiosmtpd: a mail server for tests.
make_aiosmtpd() { from_pypi aiosmtpd aiosmtpd==1.4.6 "no mail is sent to a server"; }

command -v dpkg-query >/dev/null || fail "this is not Debian: install what make/deps.sh names by hand"
want "${1:?build, run, test, torture, bench, lint or deb}"
if ((${#missing[@]})); then install_missing; fi
for step in "${after[@]}"; do "$step"; done
