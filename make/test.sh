#!/usr/bin/env bash
# `make test`: builds and runs every test in named steps, and ends with the time of each step, the failures, and one line
# that counts the tests. Two steps run at the same time, because most tests wait more than they compute. Each line of a
# step's output begins with its name.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=make/environment.sh
source make/environment.sh

report=$(mktemp -d)
lanes=()
# close: ends what the lanes have started. Each has a process group of its own.
# shellcheck disable=SC2317  # the trap calls it
close() {
    local lane
    for lane in "${lanes[@]}"; do kill -- "-$lane" 2>/dev/null || true; done
    # A shop or a container that is still running ends first.
    wait "${lanes[@]}" 2>/dev/null || true
    rm -rf "$report"
}
trap close EXIT
trap 'exit 130' INT TERM

# step NAME COMMAND...: runs the command, and notes its output, its status and the time that it took.
step() {
    local name=$1 begin=$SECONDS code=0
    shift
    say "step $name"
    "$@" </dev/null 2>&1 | tee "$report/$name" | sed -u "s/^/$name: /" || code=$?
    printf '%-8s %6d s\n' "$name" $((SECONDS - begin)) >>"$report/steps"
    echo "$code" >"$report/$name.status"
}

# code_of STEP: its status, or 1 if it is unknown.
code_of() {
    local code
    code=$(cat "$report/$1.status" 2>/dev/null) || true
    printf '%s' "${code:-1}"
}

# tests NAME ARGUMENTS...: runs Swift tests that are already built.
tests() {
    step "$1" make/unit.sh --built "${@:2}" --xunit-output "$report/$1.xml"
}

in_process() {
    tests unit --skip ShopTests
    # The suites of the slices once more, on a PostgreSQL server that they start.
    slices='^(Customers|Events|Inventory|Shipping|Taxes|Sales|Invoices|Coupons|GiftCards|Carts|Payments|Wishlist|Webhooks|Reviews|Courier|Service)Tests'
    SOUK_TEST_DATABASE=postgresql tests postgres --filter "$slices"
    # The package on a real systemd, if this machine can boot one. Prints a line for each check.
    step server Tests/Server/server.sh
}

whole_shops() {
    tests shop --filter ShopTests
    # The short version of `make torture`, on the programs that were just built; its last line counts.
    step torture env SOUK_BIN="$PWD/.build/debug" Tests/Torture/torture.py --short
}

step build swift build --build-tests
[[ $(code_of build) == 0 ]] || fail "the build failed"
set -m
in_process &
lanes+=($!)
whole_shops &
lanes+=($!)
set +m
wait "${lanes[@]}" || true
lanes=()

status=0 passed=0 failed=0 skipped=0 broken=
# count FILE WORD: how many lines of the file begin with the word.
count() { awk -v word="$2" '$1 == word { n++ } END { print n + 0 }' "$1"; }

# A report of Swift tests lists each test once, with its failures. It does not contain failures recorded on threads that
# a test started.
for name in unit postgres shop; do
    read -r good bad left < <(cat "$report/$name"*.xml 2>/dev/null | awk '
        /<testcase /   { tests++; fails = 0 }
        /<failure/     { if (!fails++) failed++ }
        /<skipped/     { skipped++ }
        END { print tests - failed - skipped + 0, failed + 0, skipped + 0 }')
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
    code=$(code_of "$name")
    if ((good == 0 || (code && !bad))); then
        broken+="; $name ended early with status $code, or a test's thread recorded a failure (✘)"
    fi
    if ((good == 0 || code)); then status=1; fi
done

code=$(code_of server)
if ((code == 77)); then
    ((skipped += 1))
else
    passed=$((passed + $(count "$report/server" ok)))
    failed=$((failed + $(count "$report/server" FAILED)))
    skipped=$((skipped + $(count "$report/server" skipped)))
    ((code == 0)) || status=1
    if ! grep -q ' passed, ' "$report/server"; then
        broken+="; the checks on a real systemd ended early with status $code" status=1
    fi
fi

# Something may be printed after the count.
if [[ $(grep -E '^[0-9]+ passed, ' "$report/torture" | tail -n 1) =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
    skipped=$((skipped + BASH_REMATCH[3]))
else
    broken+="; torture ended early" status=1
fi
[[ $(code_of torture) == 0 ]] || status=1

cat "$report/steps"
# What failed once more, so that the end of a log is enough to find it.
for name in unit postgres shop server torture; do
    failures=$(grep -hE '✘.* recorded an issue|Fatal error|unexpected signal|^FAILED|^  [a-z0-9]+ failed: ' "$report/$name") || true
    if [[ $failures ]]; then head -n 20 <<<"$failures" | sed "s/^/$name: /"; fi
done
say "$passed passed, $failed failed, $skipped skipped$broken"
exit "$status"
