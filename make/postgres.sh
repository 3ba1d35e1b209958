# shellcheck shell=bash
# Functions for the private PostgreSQL server of a shop with SOUK_DATABASE=postgresql:, which the other scripts source.
# The working directory is SOUK_HOME. The server listens on a Unix socket in SOUK_HOME/postgres, and on no network.

# find_postgres: sets the array `as_postgres`, the start of a command that runs as the user of the server, and
# `postgres_programs`, the folder with the newest version of PostgreSQL. Debian does not have it in PATH.
find_postgres() {
    as_postgres=() postgres_programs=
    local folder
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort); do
        if [[ -x $folder/postgres && -x $folder/initdb ]]; then postgres_programs=$folder; fi
    done
    [[ -n $postgres_programs ]] || fail "PostgreSQL is missing: run \`apt install postgresql\`"
    # The kernel's limit for the path of a socket, without its last byte.
    if (($(printf %s "$PWD/postgres/.s.PGSQL.5432" | wc -c) > 107)); then
        fail "the path of SOUK_HOME is too long for the socket of PostgreSQL: $PWD"
    fi
    # PostgreSQL refuses to run as root.
    if [[ $EUID == 0 ]]; then
        as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups --)
    fi
}

# make_cluster: creates the cluster on the first start.
make_cluster() {
    mkdir -p postgres
    chmod 700 postgres
    if [[ $EUID == 0 ]]; then
        id postgres >/dev/null 2>&1 || fail "the user postgres is missing: run \`apt install postgresql\`"
        chown postgres: postgres
        # The user of the server must be able to pass through the folder. Its files stay private.
        chmod a+x .
        "${as_postgres[@]}" test -w "$PWD/postgres" ||
            fail "PostgreSQL does not run as root, and the user postgres cannot enter $PWD; choose another SOUK_HOME"
    fi
    if [[ ! -e postgres/data ]]; then
        say "creating the database server in $PWD/postgres"
        rm -rf postgres/new
        # Trust: only the owner of the folder and root reach the socket.
        "${as_postgres[@]}" "$postgres_programs/initdb" --pgdata="$PWD/postgres/new" --username=souk --locale=C \
            --encoding=UTF8 --auth=trust --no-instructions >log/postgres.log 2>&1 ||
            { tail -n 5 log/postgres.log >&2; fail "the database server could not be created"; }
        mv postgres/new postgres/data
    fi
    # A cluster needs the programs of its own version.
    local version
    version=$(<postgres/data/PG_VERSION)
    if [[ -x /usr/lib/postgresql/$version/bin/postgres ]]; then
        postgres_programs=/usr/lib/postgresql/$version/bin
    else
        fail "$PWD/postgres needs PostgreSQL $version: run \`apt install postgresql-$version\`"
    fi
}

# server_command: sets the array `server`, the command of the server. SIGINT is its fast shutdown, which ends the
# sessions of clients.
server_command() {
    local options=(--pdeathsig INT)
    if [[ $EUID == 0 ]]; then options+=(--reuid=postgres --regid=postgres --clear-groups); fi
    # shellcheck disable=SC2034  # used by the scripts that source this file
    server=(setpriv "${options[@]}" -- "$postgres_programs/postgres" -D "$PWD/postgres/data" -k "$PWD/postgres"
        -c listen_addresses= -c port=5432 -c unix_socket_permissions=0700 -c deadlock_timeout=100ms)
}

# wait_for_server PROCESS: waits until the server accepts connections.
wait_for_server() {
    local deadline=$((SECONDS + 60))
    until "$postgres_programs/pg_isready" --quiet --host="$PWD/postgres" --port=5432 --username=souk --dbname=postgres; do
        if ! kill -0 "$1" 2>/dev/null || ((SECONDS > deadline)); then
            tail -n 5 log/postgres.log >&2 || true
            fail "the database server did not start"
        fi
        sleep 0.05
    done
}

# make_server_database: creates the database of the shop on the first start.
make_server_database() {
    local psql=("$postgres_programs/psql" --host="$PWD/postgres" --port=5432 --username=souk --dbname=postgres
        --no-psqlrc --quiet --no-align --tuples-only)
    if [[ $("${psql[@]}" --command="SELECT 1 FROM pg_database WHERE datname = 'souk'") != 1 ]]; then
        "${psql[@]}" --command='CREATE DATABASE souk' || fail "the database could not be created"
    fi
}
