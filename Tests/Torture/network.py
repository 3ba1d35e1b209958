"""A server and its clients in network namespaces of their own, connected by a veth pair."""

import contextlib
import ctypes
import os
import resource
import shutil
import subprocess
import tempfile
import threading

from shop import TOP, Broken, eventually, expect
from torture import Skipped

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
SERVER_IPV4, SERVER_IPV6 = "10.11.0.1", "2001:db8:0:ff::1"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def command(*words):
    """Runs a program in the namespace of this thread and returns its output."""
    outcome = subprocess.run(words, capture_output=True, text=True)
    expect(outcome.returncode == 0, f"{' '.join(words)}: {outcome.stderr}")
    return outcome.stdout


def new_namespace():
    """Returns a descriptor of a new network namespace, created by a thread that ends at once."""
    made = []

    def make():
        if LIBC.unshare(CLONE_NEWNET) == 0:
            made.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY))
    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if not made:
        raise Skipped("this machine does not allow network namespaces")
    return made[0]


@contextlib.contextmanager
def inside(namespace):
    """Moves this thread, and the programs that it starts, into a namespace for a while."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        expect(LIBC.setns(namespace, CLONE_NEWNET) == 0, "setns failed")
        yield
    finally:
        LIBC.setns(home, CLONE_NEWNET)
        os.close(home)


@contextlib.contextmanager
def cable(addresses):
    """Two namespaces, server and client. The client's interface has `addresses`, each with its prefix length."""
    for program in ("ip", "nft"):
        if not shutil.which(program):
            raise Skipped(f"there is no {program}: make/deps.sh torture")
    server, client = new_namespace(), new_namespace()
    try:
        with inside(server):
            try:
                command("ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", f"/proc/{os.getpid()}/fd/{client}")
            except Broken as reason:
                raise Skipped(f"no virtual cable: {reason}") from reason
        own = [f"{SERVER_IPV4}/16", f"{SERVER_IPV6}/48"]
        for namespace, addresses in ((server, own), (client, addresses)):
            with inside(namespace):
                command("ip", "link", "set", "lo", "up")
                command("ip", "link", "set", "cable", "up")
                for address in addresses:
                    # The address is unique, so skip duplicate address detection.
                    command("ip", "address", "add", address, "dev", "cable", *(["nodad"] if ":" in address else []))
        yield server, client
    finally:
        os.close(server)
        os.close(client)


@contextlib.contextmanager
def site(shop, namespace, connections):
    """nginx on the ports of site.conf in a namespace, with the shipped files and this number of connections per worker."""
    with tempfile.TemporaryDirectory(prefix="souk-site-") as folder:
        os.chmod(folder, 0o755)
        shutil.copytree(f"{TOP}/nginx", f"{folder}/souk")
        places = {"unix:/run/souk/": f"unix:{shop.home}/run/", "/var/log/nginx": folder, "/var/cache/": f"{folder}/",
                  "/usr/share/souk": f"{shop.home}/nginx/pages"}
        for at, _, names in os.walk(f"{folder}/souk"):
            for name in names:
                if name.endswith(".conf"):
                    with open(f"{at}/{name}") as file:
                        text = file.read()
                    for place, own in places.items():
                        text = text.replace(place, own)
                    with open(f"{at}/{name}", "w") as file:
                        file.write(text)
        shutil.copy(f"{TOP}/nginx/souk-exempt.conf", folder)
        temporary = " ".join(f"{kind}_temp_path {folder}/temporary-{kind};" for kind in TEMPORARY)
        with open(f"{folder}/nginx.conf", "w") as file:
            # Like Debian's own file, except for the paths. Only the shop's own user may open its sockets.
            file.write(f"user root;\nworker_processes 2;\nworker_rlimit_nofile {2 * connections + 1000};\npid {folder}/pid;\n"
                       f"events {{ worker_connections {connections}; }}\nhttp {{ {temporary} include souk/site.conf; }}\n")
        arguments = ["nginx", "-p", folder, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log", "-g", "daemon off;"]
        with inside(namespace):
            nginx = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
        try:
            eventually(30, lambda: nginx.poll() is not None or os.path.exists(f"{folder}/pid"), "nginx starts")
            expect(nginx.poll() is None, f"nginx does not start: {nginx.poll() is not None and nginx.stderr.read()}")
            yield folder
        finally:
            nginx.terminate()
            nginx.wait(20)


def allow_descriptors(count):
    """Lets this process open `count` files, or skips the scenario."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < count:
        raise Skipped(f"this process may open {most} files only, not {count}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, most))
