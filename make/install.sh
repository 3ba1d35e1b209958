#!/usr/bin/env bash
# Installs the release build below DESTDIR, for `make install` and the Debian package. Run make/build.sh before.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=make/environment.sh
source make/environment.sh

root=$(realpath --canonicalize-missing "${DESTDIR:-/}") prefix=${prefix:-/usr}
root=${root%/}
# The folder in which Debian 12 and its tools look for units.
units=$root/lib/systemd/system
share=$root$prefix/share
souk=.build/release/souk
[[ -x $souk ]] || fail "there is no $souk yet: run \`make build\`"

# put MODE FOLDER FILE...
put() {
    local mode=$1 folder=$2
    shift 2
    install -d "$folder"
    install -m "$mode" "$@" "$folder"
}

# make_file PATH COMMAND...: writes the output of the command to the file.
make_file() {
    local path=$1
    shift
    install -d "$(dirname "$path")"
    "$@" >"$path.new"
    chmod 644 "$path.new"
    mv "$path.new" "$path"
}

manual() { "$souk" --experimental-dump-help | make/manual.py "$("$souk" version)" | gzip -9n; }

# -s strips. The program souk is installed next to the daemons. The command `souk` is a script that loads the
# settings and runs it.
mapfile -t daemons < <("$souk" daemons)
programs=("${daemons[@]/%/d}" souk)
put 755 "$root$prefix/lib/souk" -s "${programs[@]/#/.build/release/}"
install -D -m 755 systemd/souk.sh "$root$prefix/bin/souk"
install -D -m 644 systemd/souk.env "$root/etc/souk/souk.env.new"
# Keep a file that the admin may have changed.
mv --no-clobber "$root/etc/souk/souk.env.new" "$root/etc/souk/souk.env"
rm -f "$root/etc/souk/souk.env.new"
if [[ ! -e $root/etc/souk/logrotate.conf ]]; then put 644 "$root/etc/souk" systemd/logrotate.conf; fi

# The units, and one sandbox for all.
put 644 "$units" systemd/*.{socket,service,target,slice,timer}
put 644 "$units/souk@.service.d" systemd/souk@.service.d/sandbox.conf
put 644 "$units/souk-.service.d" systemd/souk@.service.d/sandbox.conf
put 644 "$units/souk-courier.service.d" systemd/souk-courier.service.d/with-network.conf
# Drop-ins to copy for a database on a PostgreSQL server.
put 644 "$share/souk/systemd" systemd/examples/*
install -D -m 644 systemd/sysusers.conf "$root$prefix/lib/sysusers.d/souk.conf"
install -D -m 644 systemd/tmpfiles.conf "$root$prefix/lib/tmpfiles.d/souk.conf"

# Texts to copy to /etc/souk/mail and change.
put 644 "$share/souk/mail" Sources/Mail/Templates/*.txt

# nginx's files include each other as souk/..., relative to nginx's configuration folder.
(cd nginx && find . -type f -exec install -D -m 644 {} "$share/souk/nginx/{}" \;)
make/docs.sh "$share/souk"
put 644 "$share/souk/fail2ban/filter.d" fail2ban/filter.d/*
put 644 "$share/souk/fail2ban/jail.d" fail2ban/jail.d/*
put 644 "$share/souk/monitoring" monitoring/*
put 644 "$share/souk/nftables" nftables/souk.nft
install -d "$root/etc/nginx"
ln -sfn "$prefix/share/souk/nginx" "$root/etc/nginx/souk"
if [[ ! -e $root/etc/nginx/souk-exempt.conf ]]; then
    put 644 "$root/etc/nginx" nginx/souk-exempt.conf
fi

put 644 "$share/doc/souk" README.md CHANGELOG.md SECURITY.md CONTRIBUTING.md openapi.yaml
find docs -type f -exec install -D -m 644 {} "$share/doc/souk/{}" \;
make_file "$share/man/man1/souk.1.gz" manual
# Bash sources the completion, so it needs no first line #!/bin/bash.
bash_completion() { "$souk" --generate-completion-script bash | sed '1{/^#!/d}'; }
make_file "$share/bash-completion/completions/souk" bash_completion
make_file "$share/zsh/vendor-completions/_souk" "$souk" --generate-completion-script zsh
make_file "$share/fish/vendor_completions.d/souk.fish" "$souk" --generate-completion-script fish
