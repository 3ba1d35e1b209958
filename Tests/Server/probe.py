"""Runs inside the sandbox of the shop's units, and prints a line for each thing that it could do."""
import ctypes
import glob
import mmap
import os
import socket
import sqlite3
import subprocess


def attempt(name, action):
    try:
        action()
        print("could", name, flush=True)
    except (OSError, PermissionError) as error:
        print("could not", name, "-", error.strerror, flush=True)


def write(path):
    with open(path, "w") as file:
        file.write("x")
    os.remove(path)


def run_written(path):
    with open(path, "w") as file:
        file.write("#!/bin/sh\n")
    os.chmod(path, 0o700)
    try:
        subprocess.run([path], check=True)
    finally:
        os.remove(path)


def system(name, *arguments):
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def sort_on_disk():
    database = sqlite3.connect("")
    database.execute("PRAGMA temp_store = FILE")
    database.execute("PRAGMA cache_size = -64")
    rows = database.execute(
        "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT i FROM n ORDER BY -i, hex(i)")
    rows.fetchone()
    files = [os.readlink(path) for path in glob.glob("/proc/self/fd/*") if os.path.islink(path)]
    if not [path for path in files if path.startswith("/var/tmp/etilqs_")]:
        raise OSError(2, "not in /var/tmp: " + ", ".join(files))


def see_others():
    if not [p for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid()]:
        raise OSError(2, "nobody to be seen")


attempt("write /var/lib/souk", lambda: write("/var/lib/souk/probe"))
# A place of its own on the disk, where `souk check` and a new index sort what memory does not hold.
attempt("sort on disk, in /var/tmp", sort_on_disk)
for folder in ["/etc", "/usr/lib/souk", "/var/lib", "/var/backups", "/var/backups/souk", "/run", "/run/souk", "/dev/shm"]:
    attempt("write " + folder, lambda: write(folder + "/probe"))
for folder in ["/home", "/root", "/etc/souk", "/var/log", "/mnt"]:
    attempt("list " + folder, lambda: os.listdir(folder) or system("access", b"/nothing", 0))
attempt("read the key", lambda: open("/etc/souk/jwt.secret").read())
attempt("open a network socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))
attempt("open a netlink socket", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
attempt("run what was written to /var/lib/souk", lambda: run_written("/var/lib/souk/probe"))
attempt("run what was written to /tmp", lambda: run_written("/tmp/probe"))
attempt("map memory to write and run", lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC))
attempt("make a namespace", lambda: system("unshare", 0x10000000))
attempt("become root", lambda: os.setuid(0))
attempt("mount", lambda: system("mount", b"none", b"/var/lib/souk", b"tmpfs", 0, None))
attempt("trace", lambda: system("ptrace", 0, 0, 0, 0))
attempt("see other processes", see_others)
