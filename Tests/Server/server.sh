#!/usr/bin/env bash
# Tests the Debian package in a container with a real systemd (machine.sh), by the checks of checks.sh. Ends with status
# 77 if this machine cannot boot one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# shellcheck source=make/environment.sh
source make/environment.sh

folder=$(mktemp -d)
machine=Tests/Server/machine.sh
trap 'rm -rf --one-file-system "$folder"' EXIT

$machine up "$folder" || exit
trap '$machine down "$folder"; rm -rf --one-file-system "$folder"' EXIT

# make_packages: builds two versions of the package with little compression.
make_packages() {
    make/build.sh
    mkdir "$folder"/share/{old,new}
    make/deb.sh --quick "$folder/share/old"
    dpkg-deb --raw-extract "$folder"/share/old/souk_*.deb "$folder/new"
    sed -i 's/^Version: .*/&+1/' "$folder/new/DEBIAN/control"
    dpkg-deb --root-owner-group -Zgzip -z1 --build "$folder/new" "$folder/share/new" >/dev/null
    local age
    for age in old new; do
        dpkg-deb --field "$folder/share/$age"/souk_*.deb Version >"$folder/share/$age/version"
    done
}

make_packages >"$folder/build.log" 2>&1 || { tail -n 30 "$folder/build.log"; fail "no package could be made"; }
cp -R docs/operating Tests/Server/{checks.sh,documents.sh,postgres.sh,load.py,probe.py,fill.py} "$folder/share"
cp docs/scaling.md "$folder/share/operating"
if [[ -d .build/tools/acme ]]; then cp -R .build/tools/acme "$folder/share"; fi
$machine run "$folder" bash /mnt/checks.sh
