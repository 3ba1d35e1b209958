#!/usr/bin/env bash
# `make lint`: checks the style of Swift and shell, and nginx's configuration with nginx and gixy.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=make/environment.sh
source make/environment.sh
PATH=$PATH:/usr/sbin:/sbin

# tracked PATTERN...: files in git and new ones, without what is ignored or deleted.
tracked() {
    git ls-files -z --cached --others --exclude-standard -- "$@" |
        while IFS= read -rd '' file; do [[ -e $file ]] && printf '%s\0' "$file"; done
}

say "swift format"
tracked '*.swift' | xargs -0r swift format lint --strict --parallel

if command -v shellcheck >/dev/null; then
    say "shellcheck"
    tracked '*.sh' '.ci/run' | xargs -0r shellcheck --external-sources
else
    say "shellcheck is not installed: shell is not checked"
fi

say "nginx -t"
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
make/nginx.sh "$home" 8080
(cd "$home" && nginx -t -q -p "$home/" -c nginx/nginx.conf -e log/nginx.log)

# gixy checks the files of `make run` and of a server. A test runs `nginx -t` on the server's files, because they need
# root's paths and a certificate.
gixy=.build/tools/gixy/bin/gixy
if [[ -x $gixy ]]; then
    say "gixy"
    for site in site site-tls; do
        printf 'events {}\nhttp { include souk/%s.conf; }\n' "$site" >"$home/nginx/$site.conf"
    done
    # default_server_flag: Debian's own site has the flag, and nginx allows one per port.
    # try_files_is_evil_too: it looks for a file only in responses that refuse a request.
    for file in nginx site site-tls; do
        "$gixy" --skips default_server_flag,try_files_is_evil_too "$home/nginx/$file.conf" >"$home/findings" || { cat "$home/findings" && exit 1; }
    done
else
    say "gixy is not installed: nginx's files are not checked by it"
fi

say "no fault found"
