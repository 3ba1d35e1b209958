"""A PostgreSQL primary with a synchronous standby in a folder of their own, and a shop that uses them."""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import tempfile

from shop import Broken, Shop, eventually, expect
from torture import Skipped

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
port = {port}
cluster_name = '{name}'
max_connections = 200
shared_buffers = 64MB
deadlock_timeout = 100ms
synchronous_commit = on
hot_standby = on
wal_keep_size = 256MB
wal_retrieve_retry_interval = 200ms
"""


def programs():
    """The folder with the programs of the newest installed version."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda folder: int(folder.split("/")[4]))
    if not folders:
        raise Skipped("PostgreSQL is not installed")
    return folders[-1]


# PostgreSQL refuses to run as root.
AS_POSTGRES = [] if os.geteuid() else ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]


class Server:
    """One of the two servers. Its socket is in the folder of the pair."""

    def __init__(self, folder, name, port):
        self.folder, self.name, self.port = folder, name, port
        self.data = f"{folder}/{name}"

    def run(self, program, *arguments, timeout=60):
        """Runs a program of PostgreSQL as the user of the server and returns its output."""
        # Files, because a server that the command starts would keep pipes open.
        with tempfile.TemporaryFile() as output:
            outcome = subprocess.run(
                [*AS_POSTGRES, f"{programs()}/{program}", *arguments], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, cwd="/", timeout=timeout, start_new_session=True)
            output.seek(0)
            said = output.read().decode()
        expect(outcome.returncode == 0, f"{program} of {self.name}: {said}")
        return said

    def sql(self, text, database="souk", timeout=60):
        """The rows of a query, each a list of texts."""
        said = self.run(
            "psql", f"--host={self.folder}", f"--port={self.port}", "--username=souk", f"--dbname={database}",
            "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", f"--command={text}",
            timeout=timeout)
        return [line.split("|") for line in said.splitlines()]

    def create(self):
        self.run("initdb", f"--pgdata={self.data}", "--locale=C", "--encoding=UTF8", "--auth=trust",
                 "--username=souk", "--no-instructions")
        self.start()
        self.sql("CREATE DATABASE souk", database="postgres")

    def copy(self, primary):
        """Becomes a standby of `primary` with a new base backup."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.run("pg_basebackup", f"--pgdata={self.data}", "--checkpoint=fast", "--write-recovery-conf", "--dbname",
                 f"host={primary.folder} port={primary.port} user=souk application_name={self.name}")
        self.start()

    def start(self, command="start"):
        """Starts the server, or restarts it without a checkpoint if `command` is restart."""
        with open(f"{self.data}/postgresql.conf", "w") as file:
            file.write(SETTINGS.format(folder=self.folder, port=self.port, name=self.name))
        log = f"{self.folder}/{self.name}.log"
        try:
            self.run("pg_ctl", f"--pgdata={self.data}", f"--log={log}", "--mode=immediate", "--wait", "--silent", command)
        except Broken as error:
            with open(log) as file:
                raise Broken(f"{error}{''.join(file.readlines()[-10:])}") from error

    def promote(self):
        self.sql("SELECT pg_promote(true, 10)", database="postgres")

    def require_standby(self, standby):
        """Makes every COMMIT wait for `standby`, and waits until it follows."""
        self.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{standby.name}'", database="postgres")
        self.sql("SELECT pg_reload_conf()", database="postgres")
        eventually(60, lambda: self.sql("SELECT sync_state FROM pg_stat_replication") == [["sync"]],
                   f"{standby.name} follows {self.name}")

    def processes(self):
        """The processes of the server, also those whose postmaster is gone: all work in its folder."""
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{entry}/cwd") == self.data and runs(entry):
                    found.append(int(entry))
        return sorted(found)

    def sessions(self):
        """The processes that serve clients."""
        found = []
        for pid in self.processes():
            with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline") as title:
                found += [pid] if " [local] " in title.read() else []
        return found

    def signal(self, number):
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self):
        """Kills all processes of the server and waits until they are gone."""
        def end():
            # Again and again, because the postmaster may start a child meanwhile. One that is left
            # holds the shared memory that the next server of this folder needs.
            self.signal(signal.SIGKILL)
            return not self.processes()

        eventually(30, end, f"the processes of {self.name} end")
        # PostgreSQL takes a zombie that nobody has reaped yet for a running server.
        for lock in (f"{self.data}/postmaster.pid", f"{self.folder}/.s.PGSQL.{self.port}.lock"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(lock)

    def freeze(self):
        # Twice, because the postmaster may start a child before it is stopped.
        self.signal(signal.SIGSTOP)
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)


def runs(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] != "Z"
    return False


class Pair:
    """A primary and its synchronous standby, which can change their roles."""

    def __init__(self, folder):
        self.primary, self.standby = Server(folder, "a", 5432), Server(folder, "b", 5433)
        self.url = (f"postgresql://souk@/souk?host={folder},{folder}&port=5432,5433"
                    "&target_session_attrs=read-write")
        self.primary.create()
        self.standby.copy(self.primary)
        self.primary.require_standby(self.standby)

    def swap(self):
        self.primary, self.standby = self.standby, self.primary

    def repair(self):
        """Makes a standby of the server that is not the primary."""
        self.standby.kill()
        # A standby that is promoted later must not wait for one that it does not have.
        self.primary.sql("ALTER SYSTEM RESET synchronous_standby_names", database="postgres")
        self.standby.copy(self.primary)
        self.primary.require_standby(self.standby)

    def kill(self):
        for server in (self.primary, self.standby):
            server.kill()


class PostgresShop(Shop):
    """A shop on a pair."""

    def __init__(self, home, pair, environment=()):
        self.pair = pair
        super().__init__(home, environment, database=pair.url)

    def look(self, sql, *values, database=None):
        for value in values:
            sql = sql.replace("?", str(int(value)), 1)
        return [tuple(map(read, row)) for row in self.pair.primary.sql(sql)]

    def change(self, sql):
        self.pair.primary.sql(sql)


def read(text):
    """A value as sqlite3 returns it: psql prints NULL as an empty text."""
    try:
        return int(text)
    except ValueError:
        return text or None


def new_folders():
    """A folder for servers and one for a shop, or `Skipped` if no server can be started."""
    if AS_POSTGRES and subprocess.run([*AS_POSTGRES, "true"], capture_output=True).returncode:
        raise Skipped("this user cannot start a server as the user postgres")
    programs()
    # Short paths, because the paths of sockets are limited to 107 bytes.
    folder, home = tempfile.mkdtemp(prefix="souk-pg-", dir="/tmp"), tempfile.mkdtemp(prefix="souk-", dir="/tmp")
    if AS_POSTGRES:
        shutil.chown(folder, "postgres", "postgres")
    return folder, home


@contextlib.contextmanager
def deleted_unless_failed():
    """The folders of `new_folders`, which stay if the scenario fails."""
    folder, home = new_folders()
    try:
        yield folder, home
    except BaseException:
        print(f"  the folders of the shop and of its servers are kept: {home} {folder}")
        raise
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def open_shop_on_pair():
    """A shop on a pair, both closed and deleted afterwards. If the scenario fails, their folders stay."""
    with deleted_unless_failed() as (folder, home):
        pair = shop = None
        try:
            pair = Pair(folder)
            shop = PostgresShop(home, pair)
            yield shop
        finally:
            if shop:
                shop.close()
            if pair:
                pair.kill()


class LonelyServer:
    """A PostgreSQL server without a standby, in the place of a pair."""

    def __init__(self, folder):
        self.primary = Server(folder, "a", 5432)
        self.url = f"postgresql://souk@/souk?host={folder}&port=5432"
        self.primary.create()


@contextlib.contextmanager
def open_shop_on_server(environment=()):
    """A shop on PostgreSQL, both closed and deleted afterwards. If the scenario fails, their folders stay."""
    with deleted_unless_failed() as (folder, home):
        server = shop = None
        try:
            server = LonelyServer(folder)
            shop = PostgresShop(home, server, environment)
            yield shop
        finally:
            if shop:
                shop.close()
            if server:
                server.primary.kill()
