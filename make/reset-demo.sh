#!/usr/bin/env bash
# `make reset-demo`: deletes the database of the stopped demo shop in SOUK_HOME and creates it again.
# Settings, signing key and logs stay. A shop without the demo accounts is never deleted.
set -euo pipefail

# shellcheck source=make/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

take_knobs
[[ -f $home/souk.env ]] || fail "there is no shop in $home yet: run \`make run\`"
[[ -f $home/demo.txt ]] || fail "$home holds no demo shop, so nothing is deleted"
cd "$home"
mkdir -p run
exec 9>run/lock
flock --nonblock 9 || fail "the shop in $home is running: stop it first"
load_settings "$home/souk.env"

database=${SOUK_DATABASE:?is missing in souk.env}
[[ $database != *://* ]] ||
    fail "the database is on a PostgreSQL server, so nothing is deleted: drop it there, create it again and remove \
$home/demo.txt"
# The environment wins over souk.env, and may name another shop's database.
[[ $(realpath "$(dirname "$database")") == "$(realpath "$PWD")" ]] ||
    fail "$database is not in $home, so nothing is deleted: unset SOUK_DATABASE"
# Every command of souk holds this lock: none may run during the deletion.
exec 8>"$database.lock"
flock --nonblock 8 || fail "a souk command uses $database: wait for it"
rm -f "$database" "$database-wal" "$database-shm"
exec 8>&-
"$binaries/souk" migrate </dev/null >/dev/null
"$binaries/souk" seed --demo </dev/null >demo.new
mv demo.new demo.txt
say "the demo shop in $home is new"
