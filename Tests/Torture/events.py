"""kill -9 of the responders and the courier under load: a reader of the feed and a webhook miss nothing and get no more.

On PostgreSQL the server crashes as well. FEED_EVENTS is the number of events to read on each engine.
"""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import threading
import time

from engines import on_each_engine
from load import NOT_NOW, Load
from shop import PROGRAMS, TOP, eventually, expect

# What the webhook gets: few of the events, because it gets them one after another.
UNDONE = ("order.cancelled", "order.refunded")
# These still come after the last request.
LATE = "invoice.issued"


class Reader(threading.Thread):
    """Follows the feed from its beginning, with `wait`, and goes on after every failure."""

    def __init__(self, client):
        # A daemon, so that a scenario that fails does not wait for it.
        super().__init__(daemon=True)
        self.client, self.events, self.fault, self.over = client, [], None, threading.Event()
        self.start()

    def run(self):
        after = "0"
        try:
            while not self.over.is_set():
                try:
                    answer = self.client.send("GET", f"/events?after={after}&limit=100&wait=2")
                except (OSError, http.client.HTTPException):
                    time.sleep(0.02)
                    continue
                if answer.status in NOT_NOW:
                    time.sleep(0.02)
                    continue
                expect(answer.status == 200, f"GET /events: {answer}")
                self.events += answer.json["data"]
                after = answer.json["next"] or after
        except Exception as fault:
            self.fault = fault


@contextlib.contextmanager
def open_receiver(shop):
    """A receiver of webhooks, which ends with the scenario."""
    receiver = Receiver(f"{shop.home}/receiver")
    try:
        yield receiver
    finally:
        receiver.close()


class Receiver:
    """The receiver of a webhook, a process."""

    def __init__(self, folder):
        self.folder, self.received, self.offset = folder, [], 0
        os.mkdir(folder)
        self.process = subprocess.Popen(
            ["python3", f"{TOP}/Tests/Clients/receiver.py", folder], stdin=subprocess.PIPE)
        eventually(30, lambda: os.path.exists(f"{folder}/port"), "the receiver starts")
        with open(f"{folder}/port") as file:
            self.port = int(file.read())

    def ids(self):
        """The ids of the messages so far, in order; a repeated message has the same one."""
        with contextlib.suppress(FileNotFoundError), open(f"{self.folder}/received", "rb") as file:
            file.seek(self.offset)
            while (line := file.readline()).endswith(b"\n"):
                self.received.append(json.loads(line)["id"])
                self.offset = file.tell()
        return self.received

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def dry_runs(load, client):
    """Orders that are not made; they must not become events."""
    body = {"items": [{"product_id": load.product, "quantity": 1}]}
    while not load.over.wait(0.02):
        answer = load.insist(client, 20, "POST", "/sales?dry_run=true", body, key=None)
        expect(answer is None or answer.status in (200, 201), f"dry run: {answer}")


def kill_session(server, random):
    """kill -9 of a process of the server that serves a client; the server then ends the others and recovers."""
    def kill():
        """Whether there was a session; while the programs start again, there may be none."""
        for session in random.sample(sessions := server.sessions(), min(1, len(sessions))):
            with contextlib.suppress(ProcessLookupError):
                os.kill(session, signal.SIGKILL)
                return True
        return False

    eventually(30, kill, "the server has a session")


def restart(server, _):
    """An immediate restart of the server, which recovers."""
    server.start("restart")


def kill_server(server, _):
    """kill -9 of all processes of the server, and a start."""
    server.kill()
    server.start()


class Crashes:
    """The crashes of a server, spread evenly over the events to read."""

    def __init__(self, trial, server, wanted):
        self.random, self.server = trial.random, server
        count = max(3, wanted // 2000) if server else 0
        self.due = [wanted * number // (count + 1) for number in range(1, count + 1)]
        self.made = []

    def make(self, read):
        """Makes a crash if one is due after `read` events."""
        if len(self.made) < len(self.due) and read >= self.due[len(self.made)]:
            kind = (kill_session, restart, kill_server)[len(self.made) % 3]
            kind(self.server, self.random)
            self.made.append(kind)

    def __str__(self):
        count = self.made.count
        return (f"{count(kill_session)} kills of a session, {count(restart)} immediate restarts and "
                f"{count(kill_server)} kills of the server")


SETTINGS = {
    "SOUK_WEBHOOK_HOSTS": "127.0.0.1", "SOUK_WEBHOOK_RETRY_SECONDS": " ".join(["1"] * 20),
    "SOUK_ACCESS_TOKEN_SECONDS": "86400",
}


def run(trial):
    def attacked(shop, engine):
        with open_receiver(shop) as receiver:
            attack(trial, shop, receiver, engine)

    on_each_engine(trial, attacked, SETTINGS)


def attack(trial, shop, receiver, engine):
    default = trial.pick(100_000, 1500) if engine == "SQLite" else trial.pick(10_000, 1000)
    wanted = int(os.environ.get("FEED_EVENTS") or default)
    server = shop.pair.primary if engine == "PostgreSQL" else None
    kills, crashes, begin = 0, Crashes(trial, server, wanted), time.monotonic()
    with Load(shop, trial, buyers=8) as load:
        load.boss.ask(201, "POST", "/webhooks", {"url": f"http://127.0.0.1:{receiver.port}/ok", "types": list(UNDONE)})
        reader = Reader(load.copy(load.boss))
        dry = threading.Thread(target=load.guarded, args=(lambda client: dry_runs(load, client), load.copy(load.buyers[0])))
        dry.start()
        while len(reader.events) < wanted and not load.failures and not reader.fault:
            time.sleep(trial.random.uniform(0.1, 0.6))
            for program in trial.random.sample(PROGRAMS, trial.random.choice([1, 1, 1, 2, 5])):
                shop.kill(program)
                kills += 1
            crashes.make(len(reader.events))
        load.__exit__()
        dry.join(60)
        sentence = load.verify()
    try:
        compare(trial, shop, reader, receiver)
    finally:
        reader.over.set()
        reader.join(30)
    trial.say(f"{engine}: {kills} kills{f', {crashes}' if server else ''} in {time.monotonic() - begin:.0f} s; {sentence}")
    shop.check()


def compare(trial, shop, reader, receiver):
    """The feed is exactly what the database says, and the webhook got its part."""
    stored = [row for row in shop.look("SELECT type FROM events UNION ALL SELECT type FROM outbox UNION ALL "
                                       "SELECT next_type FROM outbox WHERE next_type IS NOT NULL") if row[0] != LATE]

    def seen():
        return [event for event in reader.events if event["type"] != LATE]

    eventually(60, lambda: len(seen()) >= len(stored) or reader.fault, "the reader has seen all events")
    if reader.fault:
        raise reader.fault
    ids = [int(event["id"]) for event in reader.events]
    expect(ids == sorted(set(ids)), "an event came twice, or not in order")
    expect(len(seen()) == len(stored), f"{len(seen())} events were read, {len(stored)} are stored")
    subjects = {}
    for event in reader.events:
        subjects.setdefault(event["type"], []).append(event["subject"])
    orders = sorted(f"/sales/{row[0]}" for row in shop.look("SELECT id FROM orders"))
    for kind in ("order.created", "order.paid"):
        expect(sorted(subjects[kind]) == orders, f"{kind} is not there once for each of {len(orders)} orders")
    undone = sorted(f"/sales/{row[0]}" for row in shop.look("SELECT order_id FROM order_events"))
    told = sorted(subject for kind in UNDONE for subject in subjects.get(kind, []))
    expect(told == undone, f"{len(undone)} orders were undone, {len(told)} events say so")
    due = {event["id"] for event in reader.events if event["type"] in UNDONE}
    if trial.short:
        shop.end_leases()
    # A killed courier blocks the queue of the webhook for a minute, so most of the messages are still to come.
    eventually(120 + len(due) / 20, lambda: set(receiver.ids()) >= due, "the webhook has got all of its events")
    got = receiver.ids()
    expect(set(got) == due, "the webhook got an event that it did not ask for")
    trial.say(f"{len(ids)} events of {len(orders)} orders were read in order, each once; "
              f"the webhook got {len(due)}, and {len(got) - len(due)} of them again")
