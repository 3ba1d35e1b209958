#!/usr/bin/env bash
# `make build`: creates a release build and prints the sizes of the programs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=make/environment.sh
source make/environment.sh

# By product, so that the build omits test code. Linked statically, so that a server needs no Swift.
build() {
    swift build -c release --static-swift-stdlib --product "$1"
    [[ -x .build/release/$1 ]] || fail "the build has made no $1"
    # The size after installation.
    strip -o .build/stripped ".build/release/$1"
    say "$(printf '%-11s %5.1f MB, %5.1f MB stripped' "$1" \
        "$(($(stat -Lc %s ".build/release/$1") / 100000))e-1" \
        "$(($(stat -c %s .build/stripped) / 100000))e-1")"
}

# First, because `souk daemons` prints the names of the others.
build souk
for name in $(.build/release/souk daemons); do build "${name}d"; done
rm -f .build/stripped
