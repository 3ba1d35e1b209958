#!/usr/bin/env bash
# `make test`: builds and runs every test, and ends with one line that counts them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=make/environment.sh
source make/environment.sh

# The shop that tests open is theirs: what a person has set for their own must not leak in.
for name in "${!SOUK_@}"; do unset "$name"; done

swift build --build-tests

report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
status=0
swift test --skip-build --xunit-output "$report/tests.xml" </dev/null || status=$?

# The report names each test once, with none or some failures inside.
read -r passed failed skipped < <(cat "$report"/*.xml 2>/dev/null | awk '
    /<testcase /   { tests++; fails = 0 }
    /<failure/     { if (!fails++) failed++ }
    /<skipped/     { skipped++ }
    END { print tests - failed - skipped + 0, failed + 0, skipped + 0 }')

summary="$passed passed, $failed failed, $skipped skipped"
if ((status && !failed)); then summary+="; the run itself broke off with status $status"; fi
say "$summary"
exit "$status"
