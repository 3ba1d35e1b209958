#!/bin/bash
# The operator's command, on the shop of this machine: with the settings of /etc/souk/souk.env, as
# the responders have them. What stands in the environment goes first.
set -euo pipefail

settings=/etc/souk/souk.env
if [[ -r $settings ]]; then
    while IFS= read -r line || [[ -n $line ]]; do
        # As systemd reads it: a pair of quotes around the value is not part of it.
        [[ $line =~ ^(SOUK_[A-Z_]+)=(.*)$ ]] || continue
        name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
        if [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]]; then value=${BASH_REMATCH[1]}; fi
        [[ -v $name ]] || export "$name=$value"
    done <"$settings"
fi

# A database that root makes would be closed to the responders.
if [[ $EUID == 0 && ${1-} == migrate ]]; then
    exec setpriv --reuid souk --regid souk --init-groups /usr/lib/souk/souk "$@"
fi
exec /usr/lib/souk/souk "$@"
