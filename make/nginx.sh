#!/usr/bin/env bash
# usage: make/nginx.sh HOME PORT [limits off]
# Creates the configuration of the private nginx of `make run` below HOME, from the shipped files. Only three paths and
# the port differ from a server's.
set -euo pipefail

home=$1 port=$2 limits=${3:-on}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
conf=$home/nginx

mkdir -p "$conf/temporary" "$home/run" "$home/log"
rm -rf "${conf:?}/souk"
cp -R "$top/nginx" "$conf/souk"

# unix: paths are relative to the working directory, which keeps them below the kernel's limit of 107 bytes.
sed -i 's,unix:/run/souk/,unix:run/,' "$conf/souk/http/upstreams.conf"
sed -i 's,/var/cache/nginx-souk,nginx/cache,' "$conf/souk/http/cache.conf"
sed -i 's,/usr/share/souk,nginx/pages,' "$conf/souk/server/pages.conf"
sed "s,127\.0\.0\.1:8080,127.0.0.1:$port," "$top/nginx/private.conf" >"$conf/nginx.conf"

# If root starts nginx, its workers would run as the user nobody, who may not enter HOME.
if [[ $EUID == 0 ]]; then
    sed -i '1i user root;' "$conf/nginx.conf"
fi

cp "$top/nginx/souk-exempt.conf" "$conf/souk-exempt.conf"
if [[ $limits == off ]]; then
    echo '127.0.0.0/8 1;' >>"$conf/souk-exempt.conf"
fi

"$top/make/docs.sh" "$conf/pages"
