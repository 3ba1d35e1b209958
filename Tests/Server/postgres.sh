# shellcheck shell=bash
# shellcheck disable=SC2154  # checks.sh sets bought and responders
# Moves the shop of the container to a PostgreSQL server, as docs/scaling.md says, and back. checks.sh reads this file.

on_server() { runuser --user postgres -- psql --no-psqlrc --quiet --no-align --tuples-only --dbname="${2-souk}" --command="$1"; }

# apply_example NAME: uses an example as the drop-in of all units.
apply_example() {
    local folder
    for folder in souk@.service.d souk-.service.d; do
        install -D -m 644 "/usr/share/souk/systemd/$1" "/etc/systemd/system/$folder/with-postgres.conf"
    done
    systemctl daemon-reload
}
remove_examples() {
    rm -f /etc/systemd/system/souk{@,-}.service.d/with-postgres.conf
    systemctl daemon-reload
}
examples_are_closed() {
    local example bound unit score
    rm -f /tmp/example-scores
    for example in postgres-local postgres-remote; do
        apply_example "$example.conf" || return 1
        systemd-analyze verify --recursive-errors=yes --man=no souk@sales.service souk-migrate.service souk-backup.service ||
            return 1
        for unit in souk@sales.service souk-backup.service; do
            score=$(systemd-analyze security --no-pager "$unit" | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')
            echo "$unit with $example $score" >>/tmp/example-scores
            if [[ $example == postgres-local ]]; then bound=0.5; else bound=1.5; fi
            [[ -n $score ]] && awk -v score="$score" -v bound="$bound" 'BEGIN { exit score > bound }' || return 1
        done
    done
    remove_examples
}

# The ```sh block of the page. The container has no network, but this machine's packages.
move_to_postgres() {
    if [[ ! -e /etc/postgresql/15/main ]]; then pg_createcluster 15 main || return 1; fi
    part scaling '## Move to PostgreSQL' '## Passwords' | commands | sed '/^apt install/d' >/tmp/move
    [[ $(wc --lines </tmp/move) -gt 8 ]] || return 1
    systemctl start postgresql@15-main || return 1
    SYSTEMD_PAGER='' bash -exo pipefail /tmp/move && eventually 10 all_answer &&
        [[ $(on_server 'SELECT count(*) FROM orders') == "$bought" ]]
}
restart_server() {
    local before
    before=$(process sales)
    systemctl restart postgresql@15-main && eventually 15 all_answer && [[ $(process sales) == "$before" ]]
}
server_sold_what_was_said() { [[ $(on_server 'SELECT count(*) FROM orders') == "$bought" ]] && souk check; }
backs_up_server() {
    local file
    systemctl start souk-backup.service || { journalctl --no-pager --unit souk-backup.service | tail -n 20; return 1; }
    file=$(find /var/backups/souk -name 'souk-*Z.dump')
    [[ $(stat -c '%a %U' "$file") == '600 souk' ]] || return 1
    on_server "CREATE DATABASE restored OWNER souk TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'" postgres &&
        SOUK_DATABASE=postgresql:///restored souk restore "$file" && SOUK_DATABASE=postgresql:///restored souk check &&
        [[ $(on_server 'SELECT count(*) FROM orders' restored) == "$bought" ]]
}
# Gives the server a certificate for its address.
encrypt_server() {
    local data=/var/lib/postgresql/15/main
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 \
        -addext subjectAltName=IP:127.0.0.1 -keyout $data/server.key -out /etc/ssl/certs/database.pem || return 1
    cp /etc/ssl/certs/database.pem $data/server.crt
    chown postgres: $data/server.{key,crt}
    chmod 600 $data/server.key
    on_server "ALTER SYSTEM SET ssl = on" && on_server "ALTER SYSTEM SET ssl_key_file = 'server.key'" &&
        on_server "ALTER SYSTEM SET ssl_cert_file = 'server.crt'" && systemctl reload postgresql@15-main
}
# A remote server, played by the same one on the loopback.
logs_in_with_password() {
    local name
    encrypt_server && on_server "ALTER ROLE souk PASSWORD 'a long password'" || return 1
    install -m 600 /dev/null /etc/souk/pgpass
    echo '*:*:*:*:a long password' >/etc/souk/pgpass
    apply_example postgres-remote.conf
    sed -i 's/^IPAddressAllow=.*/IPAddressAllow=127.0.0.1/' /etc/systemd/system/souk{@,-}.service.d/with-postgres.conf
    sed -i 's|^SOUK_DATABASE=.*|SOUK_DATABASE=postgresql://souk@127.0.0.1/souk?sslmode=verify-full\&sslrootcert=/etc/ssl/certs/database.pem|' \
        /etc/souk/souk.env
    systemctl daemon-reload
    if ! { systemctl restart souk-migrate.service && systemctl restart 'souk@*.service' && eventually 10 all_answer &&
        souk check && systemctl start souk-backup.service; }; then
        journalctl --no-pager --unit 'souk*' | tail -n 20
        return 1
    fi
    [[ $(on_server "SELECT count(*) > 0 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND application_name = 'souk'") == t ]] ||
        return 1
    for name in "${responders[@]}"; do
        ! tr '\0' '\n' <"/proc/$(process "$name")/environ" | grep 'a long password' || return 1
    done
    ! journalctl --unit 'souk*' | grep 'a long password'
}
return_to_file() {
    systemctl stop souk.target
    rm -f /etc/souk/pgpass
    remove_examples
    SOUK_DATABASE=/var/lib/souk/souk.db souk copy postgresql:///souk /var/lib/souk/back.db || return 1
    mv /var/lib/souk/back.db /var/lib/souk/souk.db
    rm -f /var/lib/souk/souk.db-{wal,shm}
    sed -i '/^SOUK_DATABASE=/d' /etc/souk/souk.env
    systemctl stop postgresql@15-main
    systemctl start souk.target && eventually 10 all_answer && sold_what_was_said
}
