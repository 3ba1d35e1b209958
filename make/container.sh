#!/usr/bin/env bash
# The entry point of the container image (Dockerfile): runs make/run.sh with the settings of the container.
set -euo pipefail
umask 077

# Left alone, make/run.sh would write the environment of the first start into souk.env, and settings for a demo. It
# reports a folder that this user cannot write to.
settings=${SOUK_HOME:?}/souk.env
if [[ -w $SOUK_HOME ]]; then
    mkdir -p "$SOUK_HOME/backups"
    if [[ ! -e $settings ]]; then
        echo '# Settings come from the environment of the container. A line NAME=VALUE sets one that it lacks.' >"$settings"
    fi
fi
exec "$(dirname "${BASH_SOURCE[0]}")/run.sh"
