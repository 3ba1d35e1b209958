#!/usr/bin/env bash
# usage: make/souk.sh ARGUMENTS
# Runs the operator's command on the shop of `make run` (SOUK_HOME, default .souk), whether or not it is running. It is
# the command `souk` of the container image.
set -euo pipefail

# shellcheck source=make/environment.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/environment.sh"

take_knobs
# The image sets SOUK_DATABASE, so that `souk restore` works in an empty volume.
if [[ -f $home/souk.env ]]; then
    load_settings "$home/souk.env"
elif [[ ! -v SOUK_DATABASE ]]; then
    fail "there is no shop in $home yet: \`make run\` opens one"
fi
exec "$binaries/souk" "$@"
