#!/usr/bin/env bash
# `make build`: a release build, and what it weighs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=make/environment.sh
source make/environment.sh

for name in customersd inventoryd salesd reviewsd souk; do
    # By product, which leaves what is only for tests out; static, so that a server needs no Swift.
    swift build -c release --static-swift-stdlib --product "$name"
    [[ -x .build/release/$name ]] || fail "the build has made no $name"
    # What install leaves of it.
    strip -o .build/stripped ".build/release/$name"
    say "$(printf '%-11s %5.1f MB, %5.1f MB stripped' "$name" \
        "$(($(stat -Lc %s ".build/release/$name") / 100000))e-1" \
        "$(($(stat -c %s .build/stripped) / 100000))e-1")"
done
rm -f .build/stripped
