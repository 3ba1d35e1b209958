#!/usr/bin/env bash
# Runs inside the container of machine.sh: installs the package of /mnt/old, upgrades it to the one of /mnt/new, and checks
# the guarantees of the shop. Prints a line for each check. /tmp belongs to the container and is empty at first.
set -uo pipefail

responders=(customers inventory sales reviews)
failures=0 count=0
export DEBIAN_FRONTEND=noninteractive

# expect NAME COMMAND...
expect() {
    local name=$1 begun=${EPOCHREALTIME/[.,]/}
    shift
    ((count += 1))
    if "$@" >/tmp/output 2>&1; then
        printf 'ok     %s (%d ms)\n' "$name" $(((${EPOCHREALTIME/[.,]/} - begun) / 1000))
    else
        ((failures += 1))
        printf 'FAILED %s\n' "$name"
        tail -n 30 /tmp/output | sed 's/^/       /'
    fi
}

# eventually SECONDS COMMAND...
eventually() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.05
    done
}

get() { curl --silent --show-error --max-time 20 --output /tmp/body --write-out '%{http_code}\n' -H 'Host: shop.example.org' "$@"; }
answers() { [[ $(get "http://127.0.0.1$1") == "$2" ]] || { cat /tmp/body; return 1; }; }
process() { systemctl show --property MainPID --value "souk@$1.service"; }
active() { systemctl --quiet is-active "$@"; }
apt() { apt-get --yes --quiet --option Dpkg::Use-Pty=0 "$@"; }

# load [buy]: starts a load of requests; stop_load checks that all got a response.
start_load() {
    rm -f /tmp/stop
    python3 /mnt/load.py /tmp/stop "$@" >/tmp/load &
    load=$!
    sleep 0.5
}
asked_in_all=0
stop_load() {
    local asked lost sold slowest rest
    sleep 0.5
    touch /tmp/stop
    wait "$load"
    read -r asked lost sold slowest rest </tmp/load
    printf '       %s: %d requests, %d lost, %d sold, the slowest %d ms %s\n' \
        "$1" "$asked" "$lost" "$sold" "$slowest" "$rest"
    ((asked_in_all += asked))
    bought=$((bought + sold))
    expect "$1: none was lost" test "$lost" = 0 -a "$asked" -gt 100
}
bought=0

install_old() {
    echo 'souk souk/domain string shop.example.org' | debconf-set-selections
    apt install /mnt/old/souk_*.deb 2>&1 | tee /tmp/installed
}
reports_few_connections() {
    sed -i 's/worker_connections .*;/worker_connections 16384;/' /etc/nginx/nginx.conf
    grep 'nginx allows 768 connections' /tmp/installed && grep 'worker_rlimit_nofile 40000' /tmp/installed &&
        ! dpkg-reconfigure --frontend noninteractive souk 2>&1 | grep 'nginx allows'
}
is_installed() {
    [[ $(getent passwd souk) == *:/usr/sbin/nologin && $(stat -c '%a %U' /etc/souk/jwt.secret) == '600 root' ]] &&
        [[ $(stat -c '%a %U' /var/lib/souk) == '750 souk' && $(stat -c %a /var/lib/souk/souk.db) == 600 ]] &&
        active souk.target souk-backup.timer souklogrotate.timer souk-migrate.service souk@{customers,inventory,sales,reviews}.socket &&
        nginx -t && [[ -L /etc/nginx/sites-enabled/souk ]]
}
are_closed() {
    local unit score bound
    cp '/lib/systemd/system/souk@.service' /tmp/souk@sales.service
    systemd-analyze verify --recursive-errors=yes --man=no souk.target souk@sales.socket souk@sales.service \
        souk-migrate.service souk-backup.service souk-backup.timer souklogrotate.service souklogrotate.timer \
        souk-courier.socket souk-courier.service \
        souk.slice soukfailed@x.service || return 1
    for unit in souk@sales.service souk-courier.service souk-migrate.service souk-backup.service souklogrotate.service; do
        score=$(systemd-analyze security --no-pager "$unit" | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')
        echo "$unit $score" >>/tmp/scores
        # It runs as root with three capabilities, for the reason in souklogrotate.service.
        # The courier has a network.
        case $unit in souklogrotate.service) bound=1.2 ;; souk-courier.service) bound=1.0 ;; *) bound=0.5 ;; esac
        [[ -n $score ]] && awk -v score="$score" -v bound="$bound" 'BEGIN { exit score > bound }' || return 1
    done
}
are_bounded() {
    local unit property
    for unit in souk@sales.service souk-courier.service souk-migrate.service souk-backup.service souklogrotate.service \
        soukfailed@x.service; do
        for property in MemoryHigh MemoryMax TasksMax; do
            [[ $(systemctl show --property "$property" --value "$unit") =~ ^[0-9]+$ ]] || return 1
        done
    done
}
# A failed backup appears in the journal, runs the operator's hook and is visible to monitors.
failure_is_reported() {
    # shellcheck disable=SC2016  # the hook's own argument
    printf '#!/bin/sh\necho "$1" >>/tmp/failed\n' >/etc/souk/on-failure
    chmod 755 /etc/souk/on-failure
    mv /var/backups/souk /var/backups/elsewhere
    ! systemctl start souk-backup.service
    local status=$?
    mv /var/backups/elsewhere /var/backups/souk
    ((status == 0)) && eventually 5 is_reported || return 1
    rm /etc/souk/on-failure
    systemctl start souk-backup.service
}
is_reported() {
    grep -qx souk-backup.service /tmp/failed &&
        journalctl --priority alert --identifier souk-failed | grep -q 'souk-backup.service has failed'
}
nothing_runs() {
    local name
    for name in "${responders[@]}"; do ! active "souk@$name.service" || return 1; done
}
is_activated() { nothing_runs && answers /inventory 200 && active souk@inventory.service && ! active souk@sales.service; }
measured() {
    local name
    for name in "${responders[@]}"; do
        # Without get's Host: the monitors' port serves the names of this machine only.
        curl --silent --max-time 20 --output /tmp/body --write-out '%{http_code}\n' "http://127.0.0.1:9180/$name/metrics" | grep -x 200 &&
            awk '$1 == "process_resident_memory_bytes" && $2 > 0 { memory = 1 } /^souk_requests_total[{ ]/ { requests = 1 }
                END { exit !(memory && requests) }' /tmp/body || return 1
    done
}
all_answer() { answers /healthz 200 && answers /customers 401 && answers /inventory 200 && answers /sales 401 && answers /reviews 200; }

may_connect() {
    setpriv --reuid "$1" --regid "$(id -g "$1")" --init-groups python3 -c '
import socket, sys
for name in ["customers", "inventory", "sales", "reviews"]:
    try:
        socket.socket(socket.AF_UNIX).connect("/run/souk/" + name + ".sock")
        print("could", name)
    except PermissionError:
        print("could not", name)
'
}
only_nginx_connects() {
    [[ $(may_connect www-data | grep -c '^could [a-z]*$') == 4 && $(may_connect nobody | grep -c '^could not') == 4 ]]
}

sandbox_holds() {
    install -D /mnt/probe.py /usr/lib/souk-probe/probe.py
    touch /home/somebody /root/something
    # Its name gives it the sandbox of souk-migrate and souk-backup. Only Python is added.
    printf '[Service]\nType=oneshot\nExecStart=/usr/bin/python3 /usr/lib/souk-probe/probe.py\nExecPaths=/usr/bin\n' \
        >/run/systemd/system/souk-probe.service
    systemctl daemon-reload
    systemctl start souk-probe.service || return 1
    journalctl --quiet --output cat --unit souk-probe.service | grep '^could' >/tmp/probe
    [[ $(grep --invert-match '^could not' /tmp/probe) == $'could write /var/lib/souk\ncould sort on disk, in /var/tmp' &&
        $(wc --lines </tmp/probe) == 26 ]] &&
        cmp /lib/systemd/system/souk{-,@}.service.d/sandbox.conf
}
# Checks the four running responders in /proc.
responders_are_in_it() {
    local name status
    for name in "${responders[@]}"; do
        status=$(</proc/"$(process "$name")"/status)
        [[ $status == *$'NoNewPrivs:\t1'* && $status == *$'Seccomp:\t2'* && $status == *$'CapBnd:\t0000000000000000'* ]] ||
            return 1
        [[ $status == *$'Uid:\t'"$(id -u souk)"* ]] || return 1
        [[ $(readlink /proc/"$(process "$name")"/fd/1) == socket:* ]] || return 1
        [[ $(tail -n +3 "/proc/$(process "$name")/net/dev" | cut -d : -f 1) =~ ^\ *lo$ ]] || return 1
        [[ -z $(nsenter --target "$(process "$name")" --mount ls /home) ]] || return 1
    done
}

seed() {
    souk seed --products 400 --customers 8 >/dev/null &&
        echo '127.0.0.0/8 1;' >>/etc/nginx/souk-exempt.conf && systemctl reload nginx &&
        for number in {1..8}; do
            curl --silent --fail -H 'Host: shop.example.org' http://127.0.0.1/customers/login \
                -H 'Content-Type: application/json' -d "{\"username\":\"c$number\",\"password\":\"correct horse\"}" |
                sed -n 's/.*"access_token":"\([^"]*\)".*/\1\n/p'
        done >/mnt/tokens && [[ $(wc --words </mnt/tokens) == 8 ]]
}

restart_all() {
    for _ in {1..8}; do
        systemctl restart 'souk@*.service' || return 1
        sleep 0.3
    done
    systemctl restart souk.target
}
kill_each() {
    local name before
    for name in "${responders[@]}"; do
        before=$(process "$name")
        ((before > 0)) || return 1
        kill -KILL "$before"
        eventually 5 is_another "$name" "$before" || return 1
    done
    all_answer
}
is_another() { [[ $(process "$1") != "$2" && $(process "$1") != 0 ]] && active "souk@$1.service"; }
is_found_hanging() {
    local before
    mkdir -p /run/systemd/system/souk@.service.d
    printf '[Service]\nWatchdogSec=1\n' >/run/systemd/system/souk@.service.d/watchdog.conf
    systemctl daemon-reload
    systemctl restart souk@inventory.service
    before=$(process inventory)
    ((before > 0)) || return 1
    kill -STOP "$before"
    eventually 20 is_another inventory "$before" && answers /inventory 200 &&
        journalctl --quiet --unit souk@inventory.service | grep -i 'watchdog timeout' || return 1
    rm /run/systemd/system/souk@.service.d/watchdog.conf
    systemctl daemon-reload
}
# A program that takes memory runs in place of the reviews responder, in the same unit. Beyond MemoryHigh the kernel would
# slow it down for minutes, so MemoryHigh is off here; MemoryMax is the unit's own.
is_ended_beyond_memory_max() {
    local before filler limit
    install -D /mnt/fill.py /usr/lib/souk-probe/fill.py
    mkdir -p /run/systemd/system/souk@reviews.service.d
    printf '[Service]\nMemoryHigh=infinity\nExecPaths=/usr/bin\nExecStart=\nExecStart=%s\n' \
        '/usr/bin/python3 /usr/lib/souk-probe/fill.py /usr/lib/souk/reviewsd' \
        >/run/systemd/system/souk@reviews.service.d/fill.conf
    systemctl daemon-reload
    systemctl restart souk@reviews.service || return 1
    before=$(process customers)-$(process inventory)-$(process sales)
    filler=$(process reviews)
    limit=$(systemctl show --property MemoryMax --value souk@reviews.service)
    ((filler > 0 && limit == 768 << 20)) || return 1
    enforce_memory_max "$filler" "$limit" || return 1
    setpriv --reuid souk --regid souk --clear-groups touch /var/lib/souk/fill
    eventually 30 is_another reviews "$filler" || return 1
    [[ $(process customers)-$(process inventory)-$(process sales) == "$before" ]] && all_answer &&
        [[ $(readlink "/proc/$(process reviews)/exe") == /usr/lib/souk/reviewsd ]] &&
        was_ended_by_the_kernel || return 1
    rm -r /run/systemd/system/souk@reviews.service.d
    systemctl daemon-reload
    systemctl restart souk@reviews.service
}
# Where the memory controller belongs to a hierarchy of cgroup v1, systemd cannot enforce MemoryMax (machine.sh): the process
# gets the same limit there. Without any controller nothing can be filled.
enforce_memory_max() {
    if grep -qw memory /sys/fs/cgroup/cgroup.controllers; then
        echo "MemoryMax is enforced by systemd, cgroup v2" >/tmp/memory
        return
    fi
    mkdir -p /run/memory
    mount -t cgroup -o memory cgroup /run/memory && mkdir /run/memory/souk-test || return 1
    echo "$2" >/run/memory/souk-test/memory.limit_in_bytes
    echo "$1" >/run/memory/souk-test/cgroup.procs
    echo "MemoryMax is enforced by the test, cgroup v1: there is no memory controller in cgroup v2" >/tmp/memory
}
was_ended_by_the_kernel() {
    if [[ -d /run/memory/souk-test ]]; then
        local peak ended
        peak=$(</run/memory/souk-test/memory.max_usage_in_bytes)
        ended=$(awk '$1 == "oom_kill" { print $2 }' /run/memory/souk-test/memory.oom_control)
        echo "peak $((peak >> 20)) MiB, ended by the kernel: $ended" >>/tmp/memory
        rmdir /run/memory/souk-test
        umount /run/memory
        ((peak > 760 << 20 && ended == 1))
    else
        journalctl --quiet --unit souk@reviews.service | grep 'killed by the OOM killer'
    fi
}
# Three floods, each followed by what the timer starts.
logs_stay_bounded() {
    local log=/var/log/nginx/souk.log id
    for _ in {1..3}; do
        yes '{"time":"2026-01-01T00:00:00+00:00","request_id":"00000000000000000000000000000000","status":200}' |
            head -c 70M | tee -a /var/log/nginx/error.log >>"$log"
        systemctl start souklogrotate.service || return 1
        eventually 5 writes_to_new_logs || return 1
        answers /inventory 200 || return 1
    done
    ls -l /var/log/nginx
    [[ $(stat -c '%a %U %G' "$log") == '640 www-data adm' ]] &&
        (($(stat -c %s "$log") < 1 << 20 && $(stat -c %s "$log.1") > 64 << 20)) &&
        [[ ! -e $log.2 && ! -e $log.4.gz ]] && gzip --test "$log".{2,3}.gz &&
        (($(du --bytes --total /var/log/nginx/{souk,error}.log* | tail -n 1 | cut -f 1) < 160 << 20)) || return 1
    id=$(curl --silent --head -H 'Host: shop.example.org' http://127.0.0.1/inventory | sed -n 's/^X-Request-Id: \([0-9a-f]*\).*/\1/p')
    [[ -n $id ]] && eventually 5 grep -q "$id" "$log" || return 1
    # Small logs stay.
    systemctl start souklogrotate.service && [[ ! -e $log.4.gz ]] && grep -q "$id" "$log"
}
writes_to_new_logs() {
    local files
    files=$(readlink "/proc/$(</run/nginx.pid)"/fd/*)
    [[ $files == */var/log/nginx/souk.log$'\n'* && $files != *.log.1* ]]
}
settings_hold() {
    echo 'SOUK_CURRENCY="EUR"' >>/etc/souk/souk.env
    systemctl restart 'souk@*.service'
    # nginx may return a response that it cached a second ago.
    [[ $(souk settings | grep CURRENCY) == SOUK_CURRENCY=EUR ]] && eventually 5 costs_euros
}
# A message with the operator's own text reaches a mail server through the courier's sandbox, also after the courier was
# killed.
courier_sends() {
    python3 -uW ignore -m smtpd --nosetuid --class smtpd.DebuggingServer 127.0.0.1:2525 >/tmp/mail 2>&1 &
    local server=$! killed status=1
    printf 'SOUK_SMTP_URL=smtp://localhost:2525\nSOUK_PUBLIC_URL=https://shop.example.org\n' >>/etc/souk/souk.env
    install -d /etc/souk/mail
    printf 'Subject: Our own words\n\n{{ link }}\n' >/etc/souk/mail/email-verification.txt
    systemctl restart souk-courier.service
    killed=$(systemctl show --property MainPID --value souk-courier.service)
    kill -KILL "$killed"
    [[ $(get http://127.0.0.1/customers -H 'Content-Type: application/json' -d '{"username":"zoe",
        "password":"a long enough password","full_name":"Zoe","email":"zoe@post.example"}') == 201 ]] &&
        eventually 30 grep 'Subject: Our own words' /tmp/mail && active souk-courier.service &&
        [[ $(systemctl show --property MainPID --value souk-courier.service) != "$killed" ]] && status=0
    kill "$server"
    rm -r /etc/souk/mail
    sed -i '/^SOUK_SMTP_URL=/d; /^SOUK_PUBLIC_URL=/d' /etc/souk/souk.env
    systemctl restart souk-courier.service
    ((status == 0)) || journalctl --no-pager --unit souk-courier.service | tail -n 20
    return "$status"
}
costs_euros() { answers /inventory/1 200 && grep '"currency":"EUR"' /tmp/body; }
keys_rotate() {
    souk keys rotate && systemctl restart 'souk@*.service' souk-courier.service && [[ $(stat -c '%a %U' /etc/souk/jwt.secret) == '600 root' ]] &&
        [[ $(grep -c . /etc/souk/jwt.secret) == 2 ]] &&
        [[ $(get http://127.0.0.1/sales -H "Authorization: Bearer $(head -n 1 /mnt/tokens)") == 200 ]]
}
backs_up() {
    # The timer may have created one before.
    systemctl start souk-backup.service &&
        [[ $(stat -c '%a %U' /var/backups/souk/souk-*.db | sort --unique) == '600 souk' ]] && return
    ls -l /var/backups/souk
    journalctl --no-pager --unit souk-backup.service | tail -n 20
    return 1
}
# A broken backup ends the upgrade before it has begun.
refuses_without_backup() {
    mv /var/backups/souk /var/backups/elsewhere
    ! apt install /mnt/new/souk_*.deb && [[ $(dpkg-query -W -f '${Version}' souk) == "$(cat /mnt/old/version)" ]] && all_answer
    local status=$?
    mv /var/backups/elsewhere /var/backups/souk
    return $status
}
# A database of a version that had no reviews: their tables come with the upgrade.
is_older() {
    sqlite3 -bail -cmd '.timeout 5000' /var/lib/souk/souk.db "
        BEGIN IMMEDIATE;
        DROP TABLE review_votes;
        DROP TABLE review_flags;
        DROP TABLE review_histogram;
        DROP TABLE reviews;
        UPDATE products SET rating_sum = 0, rating_count = 0;
        DELETE FROM schema_migrations WHERE name LIKE 'reviews/%';
        COMMIT"
}
has_reviews() { [[ $(sqlite3 "$1" "SELECT count(*) FROM sqlite_schema WHERE name = 'reviews'") == 1 ]]; }
upgrade() {
    apt install /mnt/new/souk_*.deb && [[ $(dpkg-query -W -f '${Version}' souk) == "$(cat /mnt/new/version)" ]]
}
is_upgraded() {
    local name
    for name in "${responders[@]}"; do
        [[ $(readlink "/proc/$(process "$name")/exe") == "/usr/lib/souk/${name}d" ]] || return 1
    done
    has_reviews /var/lib/souk/souk.db && answers '/reviews?limit=5' 200 && souk migrate | grep 'nothing to migrate' || return 1
    ! has_reviews "$(find /var/backups/souk -name 'souk-*.db' | sort | tail -n 1)" || return 1
    [[ $(find /var/backups/souk -name 'souk-*.db' | wc -l) -ge 2 ]] && grep -q EUR /etc/souk/souk.env
}
sold_what_was_said() {
    [[ $(sqlite3 /var/lib/souk/souk.db 'SELECT count(*) FROM orders') == "$bought" ]] && souk check
}

remove() {
    apt remove souk && ! systemctl --quiet is-active souk.target && [[ ! -e /run/souk/sales.sock ]] &&
        ! pgrep -u souk && [[ -s /var/lib/souk/souk.db && -s /etc/souk/jwt.secret ]] && nginx -t
}
reinstall() { apt install /mnt/new/souk_*.deb && eventually 5 all_answer && souk check; }
purge_and_keep() { apt purge souk && [[ -s /var/lib/souk/souk.db && ! -e /etc/souk/souk.env ]]; }
purge_all() {
    install_old || return 1
    echo 'souk souk/purge-data boolean true' | debconf-set-selections
    apt purge souk && [[ ! -e /var/lib/souk && ! -e /var/backups/souk && ! -e /etc/souk && ! -e /etc/nginx/sites-available/souk ]] &&
        nginx -t
}

# shellcheck source=Tests/Server/documents.sh
source /mnt/documents.sh
# shellcheck source=Tests/Server/postgres.sh
source /mnt/postgres.sh

# The container has no network to fetch certbot from.
echo 'APT::Install-Recommends "false";' >/etc/apt/apt.conf.d/souk-test
systemctl start nginx
expect "the package installs" install_old
((failures == 0)) || exit 1
expect "the package reports that nginx allows too few connections" reports_few_connections
expect "user, key, tables, sockets and site are there" is_installed
expect "the units are valid and sandboxed, with an exposure of at most 0.5 each, 1.0 for the courier and 1.2 for log rotation" are_closed
sed 's/^/       exposure of /' /tmp/scores
expect "the units have limits of memory and tasks" are_bounded
expect "the first request starts its responder" is_activated
expect "all four answer through nginx" all_answer
expect "all four export metrics" measured
expect "only nginx may open the sockets" only_nginx_connects
expect "the sandbox denies what it should" sandbox_holds
sed 's/^/       /' /tmp/probe
expect "the responders are in the sandbox" responders_are_in_it
expect "the demo data is created" seed
start_load buy
expect "all four are restarted eight times, and then the target" restart_all
stop_load "restarts under load"
start_load
expect "each responder is killed and restarted" kill_each
stop_load "killed under load"
expect "the watchdog kills a responder that hangs" is_found_hanging
start_load no-reviews
expect "a responder beyond MemoryMax is killed and restarted" is_ended_beyond_memory_max
sed 's/^/       /' /tmp/memory
stop_load "beyond MemoryMax under load"
start_load
expect "large logs are rotated, and nginx writes on" logs_stay_bounded
stop_load "rotation under load"
expect "the courier sends a message, also after it was killed" courier_sends
expect "the settings of souk.env apply to all responders" settings_hold
expect "keys rotate and sessions stay valid" keys_rotate
expect "a backup is created" backs_up
expect "a failed backup is reported" failure_is_reported
expect "an upgrade without a backup is refused" refuses_without_backup
# The reviews have no tables until the upgrade creates them.
start_load buy no-reviews
expect "the database is of an earlier version" is_older
expect "the package is upgraded, and the tables with it" upgrade
stop_load "upgrade under load"
expect "the new programs run, and a backup was created" is_upgraded
expect "the database has exactly the acknowledged orders" sold_what_was_said
if [[ -x /usr/bin/pg_createcluster ]]; then
    expect "the drop-ins for PostgreSQL are valid, with an exposure of at most 0.5, and 1.5 with a network" examples_are_closed
    sed 's/^/       exposure of /' /tmp/example-scores
    expect "the shop moves to PostgreSQL as docs/scaling.md says" move_to_postgres
    start_load buy
    expect "all four are restarted on PostgreSQL" restart_all
    stop_load "restarts on PostgreSQL under load"
    expect "the responders find a restarted server" restart_server
    expect "the database on the server has exactly the acknowledged orders" server_sold_what_was_said
    expect "a backup of the server is created and checked" backs_up_server
    expect "the password reaches the responders as a credential" logs_in_with_password
    expect "the shop returns to its file" return_to_file
else
    echo "skipped PostgreSQL: it is not installed"
fi
expect "the data survives a removal" remove
expect "the shop is open after a new installation" reinstall
expect "the shop is closed and its files are copied" leave_old_host
expect "the data survives a purge without an answer" purge_and_keep
expect "a confirmed purge removes everything" purge_all
expect "the commands of docs/operating do what the pages say" documents
expect "the shop continues on another host" arrive_on_new_host
if [[ -d /mnt/acme ]]; then
    expect "a certificate authority on this machine" start_authority
    expect "HTTPS as docs/operating/install.md says" go_https
    expect "the certificate is renewed over HTTPS, and nginx takes it" renew
else
    echo "skipped HTTPS: certbot and pebble could not be fetched"
fi

echo "$((count - failures)) passed, $failures failed; $asked_in_all requests under load"
((failures == 0))
