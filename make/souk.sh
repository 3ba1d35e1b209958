#!/usr/bin/env bash
# usage: make/souk.sh ARGUMENTS
# Runs the operator's command on the shop of `make run` (SOUK_HOME, default .souk), whether or not it is running. It is
# the command `souk` of the container image.
set -euo pipefail

# shellcheck source=make/environment.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/environment.sh"

take_knobs
[[ -f $home/souk.env ]] || fail "there is no shop in $home yet: \`make run\` opens one"
load_settings "$home/souk.env"
exec "$binaries/souk" "$@"
