#!/usr/bin/env bash
# usage: make/nginx.sh HOME PORT [on|off]
# Creates the configuration of the private nginx of `make run` below HOME, from the shipped files. `off`: without rate
# limits for this machine. The variables listen, server_names, proxies and logs have the values of take_knobs in
# make/environment.sh.
set -euo pipefail

home=$1 port=$2 limits=${3:-on}
listen=${listen:-127.0.0.1} logs=${logs:-files}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
conf=$home/nginx

mkdir -p "$conf/temporary" "$home/run" "$home/log"
rm -rf "${conf:?}/souk"
cp -R "$top/nginx" "$conf/souk"

# unix: paths are relative to the working directory, which keeps them below the kernel's limit of 107 bytes.
sed -i 's,unix:/run/souk/,unix:run/,' "$conf/souk/http/upstreams.conf"
sed -i 's,/var/cache/nginx-souk,nginx/cache,' "$conf/souk/http/cache.conf"

names=${server_names-}
if [[ $listen != 127.0.0.1 && $listen != 0.0.0.0 ]]; then names+=" $listen"; fi
sed -e "s,127\.0\.0\.1:8080,$listen:$port," -e "s,server_name .*\[::1\],& $names," \
    "$top/nginx/private.conf" >"$conf/nginx.conf"
if [[ $logs == stdout ]]; then
    sed -i -e 's,^error_log [^ ]*,error_log stderr,' -e 's,access_log [^ ]*,access_log /dev/stdout,' "$conf/nginx.conf"
fi

read -ra proxies <<<"${proxies-}"
: >"$conf/souk-proxies.conf"
for proxy in "${proxies[@]}"; do echo "set_real_ip_from $proxy;" >>"$conf/souk-proxies.conf"; done

# If root starts nginx, its workers would run as the user nobody, who may not enter HOME.
if [[ $EUID == 0 ]]; then
    sed -i '1i user root;' "$conf/nginx.conf"
fi

cp "$top/nginx/souk-exempt.conf" "$conf/souk-exempt.conf"
if [[ $limits == off ]]; then
    echo '127.0.0.0/8 1;' >>"$conf/souk-exempt.conf"
fi

# An installed copy has its pages, in /usr/share/souk.
if [[ ! -e $top/docs/openapi.json ]]; then
    sed -i 's,/usr/share/souk,nginx/pages,' "$conf/souk/server/pages.conf"
    "$top/make/docs.sh" "$conf/pages"
fi
