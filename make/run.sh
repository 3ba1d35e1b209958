#!/usr/bin/env bash
# `make run`: opens the shop in SOUK_HOME and hands over to make/supervise.sh, which keeps it open.
# What a person may set is in take_knobs of make/environment.sh.
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=make/environment.sh
source "$here/environment.sh"

# nginx lives where ordinary users do not look.
PATH=$PATH:/usr/sbin:/sbin

# make_home: the folders, and the lock that keeps a second shop out of them. Descriptor 9 is left to
# every process of the shop, so the lock is free when the last of them is gone.
make_home() {
    if ! mkdir -p "$home"/{run,log,nginx} 2>/dev/null || [[ ! -w $home || ! -w $home/run ]]; then
        fail "cannot write to SOUK_HOME: $home"
    fi
    home=$(cd "$home" && pwd -P)
    cd "$home"
    exec 9>run/lock
    flock --wait 2 9 || fail "another shop is open in $home; stop it, or choose another SOUK_HOME"
}

# Knocks: what listens on any address takes the call.
check_port() {
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        fail "port $port is taken; choose another with SOUK_PORT=8081 make run"
    fi
}

# make_settings: souk.env and the signing key, on the first start.
make_settings() {
    if [[ ! -e souk.env ]]; then
        cat >souk.env.new <<-'END'
			# The settings of this shop (`souk settings` shows them all). A line is NAME=VALUE; nothing is
			# quoted or expanded. A relative path counts from this folder.
			SOUK_DATABASE=souk.db
			SOUK_JWT_SECRET_FILE=jwt.secret
			SOUK_CURRENCY=USD
			SOUK_SELF_CHARGE=0
		END
        mv souk.env.new souk.env
    fi
    load_settings "$home/souk.env"
    export SOUK_RATE_LIMITS=$limits

    local secret=${SOUK_JWT_SECRET_FILE:?is missing in souk.env}
    if [[ ! -e $secret ]]; then
        # 48 random bytes, more than the 256 bits HS256 asks for, in letters and without a newline.
        head -c 48 /dev/urandom | base64 --wrap=0 >"$secret.new"
        mv "$secret.new" "$secret"
    fi
}

# make_database: its tables, and a demo shop if it is new. demo.new stands as long as a demo shop is
# begun and not finished; demo.txt keeps the accounts for later starts.
make_database() {
    local database=${SOUK_DATABASE:?is missing in souk.env}
    if [[ $demo == 1 && ! -e $database ]]; then : >demo.new; fi
    "$binaries/souk" migrate </dev/null || fail "the database could not be prepared: $database"
    if [[ -e demo.new ]]; then
        say "stocking the demo shop"
        "$binaries/souk" seed --demo </dev/null >demo.new || fail "the demo shop could not be stocked"
        mv demo.new demo.txt
    fi
}

take_knobs
command -v nginx >/dev/null || fail "nginx is missing: run \`make deps\`"
make_home
check_port
make_settings
make_database
"$here/nginx.sh" "$home" "$port" "$limits"

mapfile -t responders < <("$binaries/souk" responders)
sockets=("${responders[@]/#/run/}")

# What somebody left open below 9 goes: sockets.pl counts on it.
exec perl "$here/sockets.pl" "${sockets[@]/%/.sock}" -- \
    bash "$here/supervise.sh" "$port" "$binaries" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-
