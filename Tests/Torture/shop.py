"""A whole shop as `make run` opens it, in a folder of its own, and clients for it."""

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
DAEMONS = ["customersd", "inventoryd", "salesd", "reviewsd"]
# All that write to the database.
PROGRAMS = DAEMONS + ["courierd"]


class Broken(Exception):
    """An expectation of a scenario failed."""


def expect(condition, sentence):
    """Fails the scenario with `sentence` unless `condition` holds."""
    if not condition:
        raise Broken(sentence)


def eventually(seconds, condition, sentence):
    """Polls every few milliseconds until `condition()` holds; returns the time in seconds."""
    begin = time.monotonic()
    while not condition():
        expect(time.monotonic() - begin < seconds, f"not within {seconds} s: {sentence}")
        time.sleep(0.01)
    return time.monotonic() - begin


def free_port():
    """A free port below the range of the ports of clients, so that no client takes it before the shop does."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def at_once(jobs):
    """Runs each function on a thread of its own and returns their results."""
    jobs = list(jobs)
    with ThreadPoolExecutor(max(1, len(jobs))) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]


class Answer:
    """A response: status, header fields, content."""

    def __init__(self, response):
        self.status = response.status
        self.fields = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {self.body[:300]!r}"


class Client:
    """A client with a persistent connection."""

    def __init__(self, port, token=None, seconds=30):
        self.port, self.token, self.seconds = port, token, seconds
        self.connection = None

    def begin(self, method, path, body=None, key=None, fields=()):
        """Sends a request without waiting; `finish` reads the response."""
        head = dict(fields)
        if self.token:
            head["Authorization"] = f"Bearer {self.token}"
        if key:
            head["Idempotency-Key"] = key
        if body is not None:
            head.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.seconds)
        try:
            self.connection.request(method, path, body, head)
        except Exception:
            self.hang_up()
            raise

    def finish(self):
        try:
            return Answer(self.connection.getresponse())
        except Exception:
            self.hang_up()
            raise

    def send(self, *arguments, **options):
        """Sends a request and returns its response; raises network errors."""
        self.begin(*arguments, **options)
        return self.finish()

    def ask(self, status, *arguments, **options):
        """The JSON of a response, which must have this status."""
        answer = self.send(*arguments, **options)
        expect(answer.status == status, f"{arguments[:2]}: {status} expected, got {answer}")
        return answer.json if answer.body else None

    def hang_up(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Shop:
    """A running shop. `database` is a URL or the path of its database, by default in its own folder."""

    def __init__(self, home, environment=(), database="souk.db", limits="off"):
        self.home = home
        self.database = database if "://" in database else os.path.join(home, database)
        self.port = free_port()
        self.knobs = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
            "SOUK_HOME": home, "SOUK_PORT": str(self.port), "SOUK_DEMO": "0", "SOUK_RATE_LIMITS": limits,
            "SOUK_BIN": os.environ.get("SOUK_BIN", f"{TOP}/.build/release"),
        }
        self.environment = {"SOUK_DATABASE": self.database, **dict(environment)}
        self.log = os.path.join(home, "run.out")
        self.open()

    def open(self):
        with open(self.log, "w") as log:
            self.supervisor = subprocess.Popen(
                [f"{TOP}/make/run.sh"], env={**self.knobs, **self.environment}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True)
        eventually(60, lambda: self.says("souk: ready at ") or self.supervisor.poll() is not None,
                   "the shop opens")
        expect(self.supervisor.poll() is None, f"the shop did not open: {self.said}")

    @property
    def said(self):
        with open(self.log) as log:
            return log.read()

    def says(self, words):
        return words in self.said

    def log_of(self, program):
        with open(f"{self.home}/log/{program}.log", errors="replace") as log:
            return log.read()

    def requests_by(self, agent):
        """The number of requests in nginx's log whose User-Agent has this prefix."""
        with open(f"{self.home}/log/access.log", errors="replace") as log:
            return sum(f'"user_agent":"{agent}' in line for line in log)

    def close(self):
        if self.supervisor.poll() is None:
            self.supervisor.terminate()
            try:
                self.supervisor.wait(30)
            except subprocess.TimeoutExpired:
                self.supervisor.kill()
                raise Broken("the shop does not close within 30 s")

    def pid(self, program):
        """The process id of a responder or of nginx from its pid file; 0 if it has none."""
        with contextlib.suppress(FileNotFoundError, ValueError), open(f"{self.home}/run/{program}.pid") as file:
            return int(file.read())
        return 0

    def kill(self, program, number=signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            if pid := self.pid(program):
                os.kill(pid, number)

    def souk(self, *arguments, given=""):
        return self.souk_on(self.database, *arguments, given=given)

    def souk_on(self, database, *arguments, given=""):
        """The operator's command, on this shop's database or a copy."""
        return subprocess.run(
            [f"{TOP}/make/souk.sh", *arguments], env=self.knobs | {"SOUK_DATABASE": database},
            input=given, text=True, capture_output=True, timeout=120)

    def check(self, when="at the end"):
        """Expects that `souk check` finds no fault."""
        outcome = self.souk("check")
        broken = [line for line in outcome.stdout.splitlines() if not line.startswith("ok ")]
        expect(outcome.returncode == 0, f"souk check {when}: {outcome.stderr} {broken}")

    def look(self, sql, *values, database=None):
        """Rows of the database or of a copy, read by Python's sqlite3."""
        with contextlib.closing(sqlite3.connect(database or self.database, timeout=20)) as connection:
            return connection.execute(sql, values).fetchall()

    def change(self, sql):
        """Runs a statement that writes."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=20)) as connection, connection:
            connection.execute(sql)

    def end_leases(self):
        """Ends the leases of killed couriers now, instead of after a minute."""
        self.change(f"UPDATE jobs SET lease_until = 0 WHERE leased_by NOT LIKE '{self.pid('courierd')}-%'")

    def memory_mb(self, program):
        """Resident memory in MB."""
        with open(f"/proc/{self.pid(program)}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def descriptors(self, program):
        return len(os.listdir(f"/proc/{self.pid(program)}/fd"))

    def visitor(self, **options):
        return Client(self.port, **options)

    def log_in(self, name, password="correct horse"):
        client = self.visitor()
        client.token = client.ask(
            200, "POST", "/customers/login", {"username": name, "password": password})["access_token"]
        return client

    def boss(self):
        """Creates an admin and logs in."""
        made = self.souk("user", "add", "boss", "--role", "admin", given="correct horse\n")
        expect(made.returncode == 0, f"souk user add: {made.stderr}")
        return self.log_in("boss")

    def buyers(self, count):
        """Creates customers c1, c2 and so on with 100,000,000 each, and logs in."""
        made = self.souk("seed", "--customers", str(count))
        expect(made.returncode == 0, f"souk seed: {made.stderr}")
        return [self.log_in(f"c{number}") for number in range(1, count + 1)]

    def product(self, boss, stock, price=1):
        return boss.ask(201, "POST", "/inventory", {
            "name": "pen", "category": "pens", "price": price, "stock": stock})["id"]


def wait_until_traced(shop, programs=DAEMONS):
    """Waits until strace is attached to each of the programs."""
    def traced(program):
        with open(f"/proc/{shop.pid(program)}/status") as status:
            return "TracerPid:\t0\n" not in status.read()
    eventually(30, lambda: all(traced(program) for program in programs), "strace attaches")


@contextlib.contextmanager
def open_shop(environment=(), database="souk.db", below=None, limits="off"):
    """A shop that is closed and deleted afterwards. If the scenario fails, its folder stays."""
    # A short path, because the paths of its sockets are limited to 107 bytes.
    home = tempfile.mkdtemp(prefix="souk-", dir=below)
    shop = None
    try:
        shop = Shop(home, environment, database, limits)
        yield shop
        shop.close()
        shutil.rmtree(home, ignore_errors=True)
    except BaseException:
        print(f"  the shop's folder is kept: {home}")
        raise
    finally:
        if shop:
            shop.close()
