#!/usr/bin/env bash
# `make run`: prepares the shop in SOUK_HOME and starts make/supervise.sh, which keeps it running.
# take_knobs of make/environment.sh reads the settings of this script.
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=make/environment.sh
source "$here/environment.sh"
# shellcheck source=make/postgres.sh
source "$here/postgres.sh"

# nginx is in /usr/sbin, which may be missing in the PATH of ordinary users.
PATH=$PATH:/usr/sbin:/sbin

# make_home: creates the folders and takes a lock, so that no second shop uses them. Every process of the shop inherits
# descriptor 9, so the kernel releases the lock when the last of them ends.
make_home() {
    if ! mkdir -p "$home"/{run,log,nginx,mail} 2>/dev/null || [[ ! -w $home || ! -w $home/run ]]; then
        fail "cannot write to SOUK_HOME: $home"
    fi
    home=$(cd "$home" && pwd -P)
    cd "$home"
    exec 9>run/lock
    flock --wait 2 9 || fail "another shop is open in $home; stop it, or choose another SOUK_HOME"
}

# check_port: tries to connect, which succeeds if a program listens on any address of the port.
check_port() {
    if (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; then
        fail "port $port is taken; choose another with SOUK_PORT=8081 make run"
    fi
}

# make_settings: creates souk.env and the signing key on the first start. souk.env gets the values of the environment,
# so that later starts and `souk` find the same database.
make_settings() {
    if [[ ! -e souk.env ]]; then
        cat >souk.env.new <<-END
			# The settings of this shop; \`souk settings\` prints all of them. Each line is NAME=VALUE, without quoting
			# or expansion. Paths are relative to this folder.
			SOUK_DATABASE=${SOUK_DATABASE-souk.db}
			SOUK_JWT_SECRET_FILE=${SOUK_JWT_SECRET_FILE-jwt.secret}
			SOUK_CURRENCY=${SOUK_CURRENCY-USD}
			SOUK_PAYMENT_METHODS=${SOUK_PAYMENT_METHODS-wallet test bank_transfer cash_on_delivery}
			# Each message becomes a file in this folder; a mail server is smtp://HOST:PORT or smtps://HOST:PORT.
			SOUK_SMTP_URL=${SOUK_SMTP_URL-file:mail}
			SOUK_PUBLIC_URL=${SOUK_PUBLIC_URL-http://localhost:$port}
		END
        # An invalid value, such as a URL with a password, must not stay in the file.
        load_settings "$home/souk.env.new"
        "$binaries/souk" settings >/dev/null || { rm souk.env.new; exit 1; }
        mv souk.env.new souk.env
    fi
    load_settings "$home/souk.env"
    export SOUK_RATE_LIMITS=$limits

    local secret=${SOUK_JWT_SECRET_FILE:?is missing in souk.env}
    if [[ ! -e $secret ]]; then
        # 48 random bytes (HS256 requires 32) as base64, without a newline.
        head -c 48 /dev/urandom | base64 --wrap=0 >"$secret.new"
        mv "$secret.new" "$secret"
    fi
}

# start_server: starts the private server, if the shop has one, for the preparation of the database. It ends with this
# script at the latest; make/supervise.sh starts it again.
start_server() {
    find_postgres
    make_cluster
    server_command
    setsid "${server[@]}" </dev/null >>log/postgres.log 2>&1 9>&- &
    server_process=$!
    wait_for_server "$server_process"
    make_server_database
}

# make_database: migrates the tables, and fills a new database with the demo shop. The file demo.new exists until the
# demo shop is complete. demo.txt contains its accounts, for later starts.
make_database() {
    : "${SOUK_DATABASE:?is missing in souk.env}"
    local pending
    pending=$("$binaries/souk" migrate --dry-run </dev/null) || fail "the database could not be prepared"
    if [[ $demo == 1 && $pending == 'the database is new'* ]]; then : >demo.new; fi
    "$binaries/souk" migrate </dev/null || fail "the database could not be prepared"
    if [[ -e demo.new ]]; then
        say "creating the demo shop"
        "$binaries/souk" seed --demo </dev/null >demo.new || fail "the demo shop could not be created"
        mv demo.new demo.txt
    fi
}

take_knobs
# The address at which this machine reaches the shop.
host=${listen/#0.0.0.0/127.0.0.1}
command -v nginx >/dev/null || fail "nginx is missing: run \`make deps\`"
make_home
check_port
make_settings
server_process=
if [[ $has_server == 1 ]]; then start_server; fi
make_database
if [[ -n $server_process ]]; then
    kill -INT "$server_process"
    wait "$server_process" || true
fi
listen="$listen" server_names="$server_names" proxies="$proxies" logs="$logs" \
    "$here/nginx.sh" "$home" "$port" "$limits"

mapfile -t daemons < <("$binaries/souk" daemons)
sockets=("${daemons[@]/#/run/}")

# Close inherited descriptors below 9, because sockets.pl expects them to be free.
exec perl "$here/sockets.pl" "${sockets[@]/%/.sock}" -- \
    bash "$here/supervise.sh" "http://$host:$port" "$binaries" "$has_server" "$logs" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-
