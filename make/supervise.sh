#!/usr/bin/env bash
# usage: make/supervise.sh ADDRESS BINARIES HAS_SERVER LOGS
# Keeps the shop running: starts four responders, the courier and nginx, restarts each that ends, and stops them together. If
# HAS_SERVER is 1, it does the same with a private PostgreSQL server. LOGS is `files`, or `stdout`: all programs write to
# the output of this script.
# run.sh has prepared the working directory, SOUK_HOME. Descriptors 10 to 14 are the listening sockets of the
# responders and the courier.
set -euo pipefail

address=$1 binaries=$2 logs=$4
nginx_errors=log/nginx.log
if [[ $logs == stdout ]]; then nginx_errors=stderr; fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=make/environment.sh
source "$here/environment.sh"
# shellcheck source=make/postgres.sh
source "$here/postgres.sh"
has_server=$3

mapfile -t responders < <("$binaries/souk" responders)
mapfile -t daemons < <("$binaries/souk" daemons)
declare -A pids=()      # by program: its process, which leads a session of its own
declare -A begun=()     # by program: its last start, in microseconds since 1970
declare -A failures=()  # by program: how many times in a row it ended within a second

# An idle pipe: `read` from it with a timeout sleeps without starting a process.
exec {idle}<> <(:)
pause() { read -rt "$1" -u "$idle" || true; }

# launch PROGRAM DELAY SOCKET LOG COMMAND...: starts the command after DELAY seconds. setsid, so that only this script
# receives the terminal's Ctrl-C. --pdeathsig, so that the command ends if this script is killed.
launch() {
    local program=$1 delay=$2 socket=$3 log=$4 line
    shift 4
    (
        if [[ $logs == files ]]; then
            exec >>"$log" 2>&1
        elif [[ $program == nginx ]]; then
            # nginx opens /dev/stdout, which fails if it is a socket or another user's pipe: so it gets a pipe of its own.
            exec > >(trap '' INT TERM HUP; exec cat)
        fi
        # shellcheck disable=SC2016  # the inner shell expands these
        exec setsid setpriv --pdeathsig TERM sh -c 'sleep "$1"; shift; exec "$@"' sh "$delay" "$@" \
            <&"$socket" 10>&- 11>&- 12>&- 13>&- 14>&-
    ) &
    pids[$program]=$!
    begun[$program]=${EPOCHREALTIME/[.,]/}
    # nginx writes its own pid file.
    if [[ $program != nginx ]]; then
        # Overwrites the file in place, always eight bytes, because that works on a full disk.
        printf -v line '%s\n\n\n\n\n\n\n\n' "${pids[$program]}"
        printf '%s' "${line:0:8}" 1<>"run/$program.pid" || say "cannot write $PWD/run/$program.pid"
    fi
}

# start PROGRAM [DELAY]
start() {
    local program=$1 delay=${2:-0} i
    if [[ $program == nginx ]]; then
        launch nginx "$delay" "$idle" log/nginx.log \
            nginx -p "$PWD/" -c nginx/nginx.conf -e "$nginx_errors"
        return
    fi
    if [[ $program == postgres ]]; then
        launch postgres "$delay" "$idle" log/postgres.log "${server[@]}"
        return
    fi
    # watch.pl kills daemons that hang, and rotates the logs.
    if [[ $program == watch ]]; then
        launch watch "$delay" "$idle" log/watch.log perl "$here/watch.pl" "${daemons[@]}"
        return
    fi
    for i in "${!daemons[@]}"; do
        if [[ $program == "${daemons[i]}d" ]]; then
            # sd_notify(3): watch.pl receives the messages, and kills a daemon that sends none for 30 seconds.
            launch "$program" "$delay" $((10 + i)) "log/$program.log" \
                env --unset=WATCHDOG_PID WATCHDOG_USEC=30000000 "NOTIFY_SOCKET=run/${daemons[i]}.notify" \
                "$binaries/$program" --listen "run/${daemons[i]}.sock"
        fi
    done
}

# alive PROGRAM: whether its process runs. `kill -0` also succeeds for a zombie that bash has not reaped yet, for
# example in a trap.
alive() {
    local stat
    { read -r stat <"/proc/${pids[$1]}/stat"; } 2>/dev/null && [[ $stat != *') Z '* ]]
}

# sweep PROGRAM: kills the remaining processes of its session, by the id of the leader.
sweep() { kill -KILL -- "-${pids[$1]}" 2>/dev/null || true; }

# stop_all: stops nginx first, so that it refuses no request while it is open. Then stops the daemons, which finish
# their requests and jobs, and then their database server. Takes at most 8 seconds for each, because watch.pl ends at once.
stop_all() {
    local program
    # First, because a responder that is stopping sends no watchdog messages.
    end_within_8s TERM watch
    # QUIT lets nginx finish its requests. nginx handles the signal only after it has written its pid file.
    if [[ -s run/nginx.pid ]]; then end_within_8s QUIT nginx; else end_within_8s TERM nginx; fi
    end_within_8s TERM "${daemons[@]/%/d}"
    # SIGINT is the fast shutdown.
    end_within_8s INT postgres
    for program in "${!pids[@]}"; do sweep "$program"; done
    rm -f run/*.sock run/*.notify run/*.pid run/*.hung
}

# end_within_8s SIGNAL PROGRAM...: sends the signal, then waits up to 8 seconds until all have ended.
end_within_8s() {
    local signal=$1 program tries
    shift
    for program; do
        if [[ -v pids[$program] ]]; then kill "-$signal" "${pids[$program]}" 2>/dev/null || true; fi
    done
    for ((tries = 0; tries < 160; tries++)); do
        for program; do
            if [[ -v pids[$program] ]] && alive "$program"; then
                pause 0.05
                continue 2
            fi
        done
        return
    done
}

# give_up PROGRAM SENTENCE: prints the end of the program's log and stops everything.
give_up() {
    if [[ $logs == stdout ]]; then fail "$2"; fi
    say "$2; the end of $PWD/log/$1.log:" >&2
    tail -n 20 "log/$1.log" >&2 || true
    exit 1
}

# wait_until_open: waits until each responder answers through nginx with a status below 500.
wait_until_open() {
    local name program status deadline=$((SECONDS + 30))
    for name in "${responders[@]}"; do
        while true; do
            if ((closing)); then return; fi
            for program in "${!pids[@]}"; do
                alive "$program" || give_up "$program" "$program did not start"
            done
            status=$(curl --noproxy '*' --silent --output /dev/null --max-time 2 \
                --write-out '%{http_code}' "$address/$name" || true)
            if ((10#${status:-0} >= 200 && 10#$status < 500)); then break; fi
            ((SECONDS < deadline)) || give_up "${name}d" "$address/$name answers $status"
            pause 0.05
        done
    done
}

# announce: prints the address, the accounts and some first commands. Scripts wait for the word "ready". It uses
# built-in commands only: Ctrl-C would kill any other, and this script would end with an error.
announce() {
    local json="-H 'Content-Type: application/json'"
    local credentials='"username":"nadia","password":"a long enough password"'
    say "ready at $address"
    if [[ $logs == stdout ]]; then return; fi
    printf '\nAPI reference: %s/docs\n' "$address"
    if [[ -s demo.txt ]]; then printf '\n%s\n' "$(<demo.txt)"; fi
    printf '%s\n' "" "Try:" \
        "  curl $address/inventory" \
        "  curl $address/customers $json -d '{$credentials,\"full_name\":\"Nadia\"}'" \
        "  curl $address/customers/login $json -d '{$credentials}'" \
        "" "State and logs are in $PWD. Ctrl-C closes the shop."
}

# revive PROGRAM: restarts it at once. If it keeps ending within a second of its start, the delay grows to 2 seconds.
revive() {
    local program=$1 status=0 delays=(0 0.1 0.2 0.5 1 2) delay lived cause place=
    wait "${pids[$program]}" 2>/dev/null || status=$?
    sweep "$program"
    # A pid file of nginx means that nginx handles signals. The one of a responder is overwritten and never missing.
    if [[ $program == nginx ]]; then rm -f run/nginx.pid; fi
    lived=$((${EPOCHREALTIME/[.,]/} - begun[$program]))
    if ((lived < 1000000)); then
        failures[$program]=$((${failures[$program]:-0} + 1))
    else
        failures[$program]=0
    fi
    delay=${delays[failures[$program] < 5 ? failures[$program] : 5]}
    cause="exit status $status"
    if ((status > 128)); then cause="signal $((status - 128))"; fi
    if [[ -e run/$program.hung ]]; then
        cause="killed: no watchdog message for 30 seconds"
        rm -f "run/$program.hung"
    fi
    start "$program" "$delay"
    if [[ $logs == files ]]; then place="; its log is $PWD/log/$program.log"; fi
    say "$program died ($cause) and is started again$place"
}

# The signals only set a flag, which the loops check ten times a second, so that no program is stopped while it starts.
# The EXIT trap stops the shop in order, for whatever reason this script ends.
closing=0
trap 'closing=1' INT TERM HUP
trap stop_all EXIT

# Remove the files that a killed shop left.
rm -f run/*.pid run/*.hung
if [[ $has_server == 1 ]]; then
    find_postgres
    make_cluster
    server_command
    start postgres
    wait_for_server "${pids[postgres]}"
fi
for name in "${daemons[@]}"; do start "${name}d"; done
start nginx
start watch
wait_until_open
if ((!closing)); then announce; fi

# bash prints a line for each child that was killed: it goes to a log, and the terminal gets the line of `revive`.
while ((!closing)); do
    for program in "${!pids[@]}"; do
        alive "$program" || revive "$program"
    done
    pause 0.1
done 2>>log/supervise.log
say "closing"
