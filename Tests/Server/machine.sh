#!/usr/bin/env bash
# usage: machine.sh up FOLDER | run FOLDER COMMAND... | down FOLDER
# A container to test the package in: systemd as process 1, in its own namespaces, on an overlay of this machine's files.
# Its writes stay in memory and are lost when it ends. It has no network except its own loopback. FOLDER/share is /mnt
# inside. `up` ends with status 77 if this machine does not allow it.
set -euo pipefail

action=$1 folder=$2
shift 2

# Units that Debian enables and a container without devices, terminals and network does not need.
masked=(getty.target systemd-{udevd,udev-trigger,networkd,resolved,timesyncd,modules-load}.service
    systemd-{udevd-kernel,udevd-control}.socket e2scrub_reap.service systemd-pstore.service
    dev-hugepages.mount sys-kernel-{debug,tracing,config}.mount sys-fs-fuse-connections.mount)

# inside COMMAND...
inside() {
    nsenter --target "$(<"$folder/process")" --mount --uts --ipc --net --pid --cgroup --root --wd -- \
        env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root "$@"
}

skip() {
    echo "this machine does not allow it: $*" >&2
    exit 77
}

# Process 1 and its parent need cgroups of their own, because systemd takes over its whole cgroup.
make_groups() {
    local tree
    tree=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
    if [[ -z $tree ]]; then
        tree=$folder/groups
        mkdir -p "$tree"
        mount -t cgroup2 cgroup2 "$tree" 2>/dev/null || skip "no cgroup2"
    fi
    group=$tree/souk-test-$$
    mkdir -p "$group"/{supervisor,machine} 2>/dev/null || skip "no new cgroups"
    echo "$group" >"$folder/group"
    local controller
    for controller in cpu memory pids io; do
        # A controller that belongs to cgroup v1 is missing here, and its limits are not enforced.
        echo "+$controller" >"$group/cgroup.subtree_control" 2>/dev/null || true
    done
}

# The first shell prepares the files. Changes go to memory.
export -f skip
layer() {
    set -euo pipefail
    echo $$ >"$group/supervisor/cgroup.procs"
    mount -t tmpfs -o size=2g,mode=755 souk "$folder/layer"
    mkdir "$folder"/layer/{upper,work,root}
    mount -t overlay -o "lowerdir=/,upperdir=$folder/layer/upper,workdir=$folder/layer/work" souk "$folder/layer/root"
    exec unshare --pid --fork --kill-child=KILL --mount --uts --ipc --net --propagation private \
        bash -c 'become_machine'
}

# The second shell mounts the kernel's file systems, and then starts systemd.
become_machine() {
    set -euo pipefail
    echo 0 >"$group/machine/cgroup.procs"
    cd "$folder/layer/root"
    mount --bind "$folder/share" mnt
    mount -t proc -o nosuid,nodev,noexec proc proc
    mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
    # systemd-sysctl must not reach this machine's kernel.
    local path
    for path in proc/sys proc/sysrq-trigger; do
        [[ -e $path ]] || continue
        mount --bind "$path" "$path"
        mount -o remount,bind,ro,nosuid,nodev,noexec "$path"
    done
    # From inside its own cgroup, so that this is the root of the namespace.
    unshare --cgroup mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup
    make_devices
    mount -t tmpfs -o mode=755,nosuid,nodev tmpfs run
    mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs tmp
    hostname souk-test
    # Disable units that a container forbids, and slow ones that the tests do not need.
    rm -f etc/fstab etc/resolv.conf usr/sbin/policy-rc.d var/lib/man-db/auto-update
    tr -d - </proc/sys/kernel/random/uuid >etc/machine-id
    mkdir -p etc/systemd/{system,journald.conf.d}
    printf '[Journal]\nStorage=volatile\n' >etc/systemd/journald.conf.d/souk-test.conf
    for path in $units; do ln -sfn /dev/null "etc/systemd/system/$path"; done
    mkdir -p .former
    pivot_root . .former
    cd /
    umount --lazy /.former
    rmdir /.former
    # Otherwise LoadCredential gives every service an empty folder.
    mount --make-rshared /
    # basic.target starts no service that this machine has enabled.
    exec unshare --cgroup env --ignore-environment container=souk-test \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        /lib/systemd/systemd --system --unit=basic.target --log-target=journal
}

make_devices() {
    mount -t tmpfs -o mode=755,nosuid tmpfs dev
    mkdir dev/pts dev/shm
    mknod -m 666 dev/null c 1 3
    mknod -m 666 dev/zero c 1 5
    mknod -m 666 dev/full c 1 7
    mknod -m 666 dev/random c 1 8
    mknod -m 666 dev/urandom c 1 9
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
    ln -s pts/ptmx dev/ptmx
    ln -s /proc/self/fd dev/fd
    ln -s /proc/self/fd/0 dev/stdin
    ln -s /proc/self/fd/1 dev/stdout
    ln -s /proc/self/fd/2 dev/stderr
    : >dev/console
    mount --bind "$folder/console" dev/console
}

up() {
    [[ $EUID == 0 ]] || skip "only root can boot a systemd"
    [[ -x /lib/systemd/systemd ]] || skip "there is no systemd"
    mkdir -p "$folder"/{layer,share}
    folder=$(realpath "$folder")
    unshare --mount true 2>/dev/null || skip "no new namespaces"
    make_groups
    : >"$folder/console"
    export folder group units="${masked[*]}"
    export -f layer become_machine make_devices
    setsid unshare --mount --propagation private bash -c 'layer' </dev/null >>"$folder/console" 2>&1 &
    local outer=$! machine state=
    echo "$outer" >"$folder/outer"
    for _ in {1..400}; do
        # The child of unshare is process 1 of the container.
        machine=$(pgrep --parent "$outer" | head -n 1 || true)
        # Not $(<FILE), which would end this script if that process has just ended.
        if [[ -n $machine && $(cat "/proc/$machine/comm" 2>/dev/null) == systemd ]]; then
            echo "$machine" >"$folder/process"
            state=$(inside systemctl is-system-running 2>/dev/null || true)
            if [[ $state == running || $state == degraded ]]; then return; fi
        fi
        kill -0 "$outer" 2>/dev/null || break
        sleep 0.05
    done
    tail -n 5 "$folder/console" >&2
    down
    skip "systemd did not start (${state:-no answer})"
}

down() {
    local outer machine group
    outer=$(<"$folder/outer") machine=$(cat "$folder/process" 2>/dev/null || true)
    # SIGRTMIN+4 is an orderly power-off.
    if [[ -n $machine ]]; then kill -s RTMIN+4 "$machine" 2>/dev/null || true; fi
    for _ in {1..100}; do
        kill -0 "$outer" 2>/dev/null || break
        sleep 0.05
    done
    kill -KILL "$outer" 2>/dev/null || true
    group=$(<"$folder/group")
    sleep 0.1
    find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    if mountpoint -q "$folder/groups" 2>/dev/null; then umount "$folder/groups"; fi
    rm -f "$folder"/{outer,process,group}
}

case $action in
    up) up ;;
    run) inside "$@" ;;
    down) down ;;
    *) exit 64 ;;
esac
