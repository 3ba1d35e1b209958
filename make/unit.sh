#!/usr/bin/env bash
# `make unit`: builds and runs the Swift tests. Arguments go to `swift test`, such as --filter SalesTests. With --built as
# the first one, the tests are already built, and other tests may be running.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=make/environment.sh
source make/environment.sh

# The tests open shops of their own: settings of a person's shop must not reach them. SOUK_TEST_DATABASE chooses the
# engine: sqlite or postgresql.
for name in "${!SOUK_@}"; do
    [[ $name == SOUK_TEST_* ]] || unset "$name"
done

if [[ ${1-} == --built ]]; then
    shift
    set -- --ignore-lock "$@"
else
    swift build --build-tests
fi
exec swift test --skip-build "$@" </dev/null
