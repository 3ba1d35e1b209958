#!/usr/bin/env bash
# usage: make/deb.sh [--quick FOLDER]
# `make deb`: builds a Debian package in dist/ and checks it with lintian. --quick, for tests, packs the present release
# build with little compression into FOLDER.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=make/environment.sh
source make/environment.sh

folder=dist options=()
if [[ ${1-} == --quick ]]; then
    folder=$2 options=(BUILD=true COMPRESSION='-Zgzip -z1')
fi

mkdir -p "$folder"
version=$(dpkg-parsechangelog --show-field Version)
program=$(sed -n 's/^public let version = "\(.*\)"/\1/p' Sources/Launch/Version.swift)
[[ $version == "$program" ]] || fail "debian/changelog says $version, the programs $program"

# Root is not needed (Rules-Requires-Root: no).
export DEB_RULES_REQUIRES_ROOT=no
trap dh_clean EXIT
debian/rules clean
debian/rules binary FOLDER="$folder" "${options[@]}"
if [[ $folder != dist ]]; then exit; fi

package=dist/souk_${version}_$(dpkg --print-architecture).deb
say "lintian"
lintian --fail-on error,warning "$package"
say "$(printf '%s, %.1f MB' "$package" "$(($(stat -c %s "$package") / 100000))e-1")"
