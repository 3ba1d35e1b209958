#!/usr/bin/env bash
# `make test`: builds and runs every test in named steps, prints the time of each, and ends with one line that counts
# the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=make/environment.sh
source make/environment.sh

report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
status=0
steps=()

# step NAME COMMAND...: runs the command and notes the time that it took.
# Returns the status of the command.
step() {
    local name=$1 begin=$SECONDS code=0
    shift
    say "step $name"
    "$@" </dev/null || code=$?
    steps+=("$(printf '%-8s %6d s' "$name" $((SECONDS - begin)))")
    return "$code"
}

step unit make/unit.sh --skip ShopTests --xunit-output "$report/unit.xml" || status=$?
# The suites of the slices once more, on a PostgreSQL server that they start.
slices='^(Customers|Events|Inventory|Shipping|Taxes|Sales|Invoices|Coupons|GiftCards|Carts|Payments|Wishlist|Webhooks|Reviews|Service)Tests'
step postgres env SOUK_TEST_DATABASE=postgresql make/unit.sh --filter "$slices" \
    --xunit-output "$report/postgres.xml" || status=$?
step shop make/unit.sh --filter ShopTests --xunit-output "$report/shop.xml" || status=$?

# The report lists each test once, with its failures. It does not contain failures recorded on threads that a test
# started.
read -r passed failed skipped < <(cat "$report"/*.xml 2>/dev/null | awk '
    /<testcase /   { tests++; fails = 0 }
    /<failure/     { if (!fails++) failed++ }
    /<skipped/     { skipped++ }
    END { print tests - failed - skipped + 0, failed + 0, skipped + 0 }')

broken=
if ((status && !failed)); then broken="; the run ended early with status $status, or a test's thread recorded a failure (✘)"; fi

# Tests the package on a real systemd, if this machine can boot one. Prints a line for each check.
server=0
step server Tests/Server/server.sh > >(tee "$report/server") || server=$?
wait "$!" || true
# (`grep -c` would end this script by its status whenever it counts none.)
count() { awk -v word="$1" '$1 == word { n++ } END { print n + 0 }' "$report/server"; }
if ((server == 77)); then
    ((skipped += 1))
else
    passed=$((passed + $(count ok)))
    failed=$((failed + $(count FAILED)))
    skipped=$((skipped + $(count skipped)))
    ((server == 0)) || status=1
    grep -q ' passed, ' "$report/server" || broken+="; the checks on a real systemd ended early with status $server"
fi

# The short version of `make torture`, on the programs that were just built; its last line counts.
step torture env SOUK_BIN="$PWD/.build/debug" Tests/Torture/torture.py --short > >(tee "$report/torture") || status=1
wait "$!" || true
if [[ $(tail -n 1 "$report/torture") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
    skipped=$((skipped + BASH_REMATCH[3]))
fi

printf '%s\n' "${steps[@]}"
say "$passed passed, $failed failed, $skipped skipped$broken"
exit "$status"
