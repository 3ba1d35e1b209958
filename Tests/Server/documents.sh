# shellcheck shell=bash
# Runs the commands of the pages in docs/operating, as a reader would type them. checks.sh reads this file.

# part PAGE BEGIN END: the lines of a page between two lines that begin so.
part() { sed -n "/^$2/,/^$3/p" "/mnt/operating/$1.md"; }

# commands: the ```sh blocks of the Markdown on standard input.
# shellcheck disable=SC2016  # Markdown, not an expression
commands() { sed -n '/^```sh$/,/^```$/{/^```/!p}'; }

# The ```sh blocks of the pages, one after another in one shell. Blocks of other kinds need a second machine or a network.
documents() {
    local page
    for page in install upgrade backups security settings; do
        commands <"/mnt/operating/$page.md"
    done >/tmp/blocks
    [[ $(wc --lines </tmp/blocks) -gt 15 ]] || return 1
    echo 'souk souk/domain string shop.example.org' | debconf-set-selections
    cd /mnt/new && SYSTEMD_PAGER='' bash -exo pipefail /tmp/blocks <<<'a long enough password'
}

# hosts NAME: the commands that the page runs on this host to move a shop. One machine plays both hosts: files copied to
# `new` wait in /mnt/luggage.
hosts() {
    # shellcheck disable=SC2016  # it is for the shell that runs them
    part upgrade '## Move to another host' 'Customers stay' | sed -n "s/^$1# //p" |
        sed 's|/souk-[0-9TZ]*\.db |/souk-*.db |; s|^souk restore souk-.*|souk restore souk-*.db|; s| new:| /mnt/luggage/|; s|^scp|cp|'
}
leave_old_host() {
    # Earlier backups would be copied as well.
    rm -f /var/backups/souk/souk-*.db
    mkdir -p /mnt/luggage/etc/souk
    hosts old >/tmp/old
    bash -exo pipefail /tmp/old && ! active souk.target && [[ ! -e /run/souk/sales.sock ]]
}
# Runs after the package was installed again.
arrive_on_new_host() {
    cp /mnt/luggage/etc/souk/* /etc/souk
    hosts new >/tmp/new
    (cd /mnt/luggage && bash -exo pipefail /tmp/new) || return 1
    eventually 5 all_answer || return 1
    # Sessions and wallets are still there.
    [[ $(get http://127.0.0.1/sales -H "Authorization: Bearer $(head -n 1 /mnt/tokens)" \
        -H 'Content-Type: application/json' -d '{"items":[{"product_id":1,"quantity":1}]}') == 201 ]] || return 1
    ((bought += 1))
    sold_what_was_said && grep -q EUR /etc/souk/souk.env
}

# Starts a certificate authority (pebble, RFC 8555) that validates shop.example.org on port 80, like Let's Encrypt. cli.ini
# answers the questions that certbot asks a person.
start_authority() {
    # Compiling Python modules would take longer than the rest of the installation.
    ln -sf /bin/true /usr/bin/py3compile
    dpkg --install /mnt/acme/*.deb || return 1
    echo '127.0.0.1 shop.example.org' >>/etc/hosts
    mkdir -p /tmp/authority /etc/letsencrypt
    cd /tmp/authority || return 1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem || return 1
    cat >pebble.json <<-'END'
		{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
		"certificate": "/tmp/authority/cert.pem", "privateKey": "/tmp/authority/key.pem", "httpPort": 80, "tlsPort": 443}}
	END
    systemd-run --quiet --unit pebble --setenv PEBBLE_VA_NOSLEEP=1 pebble -config /tmp/authority/pebble.json || return 1
    printf '%s\n' 'server = https://localhost:14000/dir' 'agree-tos = true' 'non-interactive = true' \
        'register-unsafely-without-email = true' 'max-log-backups = 0' >/etc/letsencrypt/cli.ini
    eventually 10 curl --silent --show-error --cacert cert.pem --output root.pem https://localhost:15000/roots/0
    export REQUESTS_CA_BUNDLE=/tmp/authority/cert.pem CURL_CA_BUNDLE=/tmp/authority/root.pem
}
go_https() {
    part install '## HTTPS' '## Check the installation' | sed -n 's/^# //p' | sed 's/YOUR\.NAME/shop.example.org/' >/tmp/https
    [[ $(wc --lines </tmp/https) == 4 ]] || return 1
    bash -exo pipefail /tmp/https || return 1
    [[ $(curl --silent --output /dev/null --write-out '%{http_code} %{redirect_url}' http://shop.example.org/inventory) == \
        '308 https://shop.example.org/inventory' ]] && systemctl --quiet is-enabled certbot.timer
}
serial() { openssl s_client -connect 127.0.0.1:443 -servername shop.example.org </dev/null 2>/dev/null | openssl x509 -noout -serial; }
has_another_than() { [[ $(serial) == serial=* && $(serial) != "$1" ]]; }
renew() {
    local before
    before=$(serial)
    # Without the random delay of up to eight minutes, which certbot uses without a terminal.
    certbot renew --force-renewal --no-random-sleep-on-renew || return 1
    [[ -n $before ]] && eventually 10 has_another_than "$before" && curl --fail --silent https://shop.example.org/healthz
}
