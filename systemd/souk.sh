#!/bin/bash
# Runs the operator's command with the settings of /etc/souk/souk.env, like the responders. A variable of the
# environment takes precedence over the file.
set -euo pipefail

settings=/etc/souk/souk.env
if [[ -r $settings ]]; then
    while IFS= read -r line || [[ -n $line ]]; do
        # Like systemd, remove a pair of quotes around the value.
        [[ $line =~ ^(SOUK_[A-Z_]+)=(.*)$ ]] || continue
        name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
        if [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]]; then value=${BASH_REMATCH[1]}; fi
        [[ -v $name ]] || export "$name=$value"
    done <"$settings"
fi

# The responders could not open a database that root creates. A PostgreSQL server knows the user souk, and not root. If a
# password is needed, only root can read it.
as_souk=0
if [[ ${1-} == migrate ]]; then as_souk=1; fi
if [[ "${SOUK_DATABASE-} $*" == *postgres*://* && ${1-} != keys ]]; then
    as_souk=1
    if [[ -z ${PGPASSFILE-} && -r /etc/souk/pgpass ]]; then
        export PGPASSFILE=/etc/souk/pgpass
        as_souk=0
    fi
fi
if [[ $EUID == 0 && $as_souk == 1 ]]; then
    exec setpriv --reuid souk --regid souk --init-groups /usr/lib/souk/souk "$@"
fi
exec /usr/lib/souk/souk "$@"
