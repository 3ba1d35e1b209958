"""A power cut at any moment: strace records writes, syncs and responses, and the scenario simulates crashes from them.

After a crash a file contains all synced writes, and any combination of the later ones, complete or torn. In each such state
`souk check` must find no fault, and the database must contain every acknowledged order.
"""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time

from load import Load
from shop import PROGRAMS, at_once, eventually, expect, open_shop, wait_until_traced
from torture import Skipped, strace_may_look

CALL = re.compile(r"^(\d+) +(\w+)\((\d+)<([^>]*)>(.*)$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
SALE = re.compile(rb"(?i)location: /sales/(\d+)")


def run(trial):
    if not strace_may_look():
        raise Skipped("strace may not look into processes here")
    with open_shop() as shop, tempfile.TemporaryDirectory(prefix="souk-") as folder:
        load = Load(shop, trial, pause=0.002)
        pens = shop.product(load.boss, stock=100_000)
        # Almost the size of a checkpoint, so that one runs while strace records.
        while os.path.getsize(shop.database + "-wal") < 15_000_000:
            at_once(lambda buyer=buyer: sell(buyer, pens, 2) for buyer in load.buyers)
        with recording(shop, folder):
            alone = sell(load.buyers[0], pens, 20)
            with load:
                enough = trial.pick(400, 80)
                eventually(120, lambda: len(load.told["sale"]) >= enough or load.failures, f"{enough} sales are made")
        load.verify()
        history = History(f"{folder}/trace", shop.database, os.listdir(f"/proc/{shop.pid('salesd')}/task"))
        trial.say(f"{history.count('write')} writes, {history.count('sync')} syncs, "
                  f"{history.count('answer')} answered sales, {history.copies} writes into the database itself")
        told = {event[1] for event in history.events if event[0] == "answer"}
        expect(set(alone) | set(load.told["sale"].values()) <= told, "strace has missed a response")
        expect(history.copies > 0, "no checkpoint ran while strace recorded")
        each_answer_waits(trial, history, alone)
        crash(trial, shop, history, folder)
        shop.check()


def sell(buyer, product, count):
    return [buyer.ask(201, "POST", "/sales", {"items": [{"product_id": product, "quantity": 1}]})["id"]
            for _ in range(count)]


@contextlib.contextmanager
def recording(shop, folder):
    """Copies the database, and runs strace on all that write to it; nobody writes between the two."""
    calls = "trace=pwrite64,pwritev,write,writev,sendto,sendmsg,fdatasync,fsync,ftruncate"
    command = ["strace", "-f", "-qq", "-y", "-xx", "-s", "200000", "-e", calls, "-e", "signal=none", "-o", f"{folder}/trace"]
    strace = None
    try:
        with contextlib.closing(sqlite3.connect(shop.database, isolation_level=None, timeout=30)) as outsider:
            # The courier still works on the orders, and a checkpoint needs no write lock.
            outsider.execute("BEGIN IMMEDIATE")
            wait_until_still(shop.database)
            for suffix in ("", "-wal"):
                shutil.copy(shop.database + suffix, f"{folder}/begin{suffix}")
            strace = subprocess.Popen(command + [word for program in PROGRAMS for word in ("-p", str(shop.pid(program)))])
            wait_until_traced(shop, PROGRAMS)
            outsider.execute("ROLLBACK")
        yield
    finally:
        if strace:
            strace.terminate()
            strace.wait(20)


def wait_until_still(file):
    """Waits until a file has not changed for half a second."""
    changed, since = None, time.monotonic()
    while time.monotonic() - since < 0.5:
        if (now := os.stat(file).st_mtime_ns) != changed:
            changed, since = now, time.monotonic()
        time.sleep(0.02)


class History:
    """The writes and syncs of the database and its WAL, in order, and the acknowledgements of orders."""

    def __init__(self, trace, database, salesd):
        """`salesd` has the ids of the threads of salesd."""
        self.files = {database: "", database + "-wal": "-wal"}
        self.events = []
        # The indexes of the writes of salesd to the WAL.
        self.sales, self.salesd = [], set(salesd)
        self.copies = 0
        begun = {}
        with open(trace) as lines:
            for line in lines:
                if call := CALL.match(line):
                    thread, name, _, path, rest = call.groups()
                    if "\\x" in path:
                        path = bytes.fromhex(path.replace("\\x", "")).decode(errors="replace")
                    self.note(name, self.files.get(path), rest, begun, thread)
                    if "<unfinished" not in rest:
                        self.end(begun.pop(thread, None), rest)
                elif call := RESUMED.match(line):
                    self.end(begun.pop(call[1], None), call[3])

    def note(self, name, file, rest, begun, thread):
        """A system call begins. Its data may be on the disk from now on."""
        content = b"".join(bytes.fromhex(text.replace("\\x", "")) for text in TEXT.findall(rest))
        if name == "pwrite64" and file is not None:
            offset = int(re.match(r'^, ".*", \d+, (\d+)', rest)[1])
            first = len(self.events)
            self.events += [("write", file, begin, content[begin - offset:end - offset]) for begin, end in pages(offset, len(content))]
            self.sales += range(first, len(self.events)) if file and thread in self.salesd else []
            self.copies += file == ""
        elif name == "ftruncate" and file is not None:
            self.events.append(("cut", file, int(re.match(r"^, (\d+)", rest)[1]), b""))
        elif name in ("fdatasync", "fsync") and file is not None:
            # A sync covers the writes that ended before it began.
            begun[thread] = ("sync", file, len(self.events))
        elif file is None and (sale := SALE.search(content)):
            self.events.append(("answer", int(sale[1])))

    def end(self, sync, rest):
        if sync and re.search(r"\) += 0", rest):
            self.events.append(sync)

    def count(self, kind):
        return sum(event[0] == kind for event in self.events)

    def until(self, moment):
        """The synced and unsynced writes at a moment, and the orders acknowledged so far."""
        safe, pending, answered = self.indexed(moment)
        return [event for _, event in safe], [event for _, event in pending], answered

    def indexed(self, moment):
        """The same, each write with its index."""
        pending, safe, answered = [], [], []
        for index, event in enumerate(self.events[:moment]):
            if event[0] == "answer":
                answered.append(event[1])
            elif event[0] == "sync":
                safe += [old for old in pending if old[1][1] == event[1] and old[0] < event[2]]
                pending = [old for old in pending if old[1][1] != event[1] or old[0] >= event[2]]
            else:
                pending.append((index, event))
        return sorted(safe), pending, answered


def pages(offset, count):
    """Splits a write into pages, because the kernel may write each of them to the disk or not."""
    cuts = [offset, *range(offset // 4096 * 4096 + 4096, offset + count, 4096), offset + count]
    return zip(cuts, cuts[1:])


def each_answer_waits(trial, history, alone):
    """With one buyer, the WAL is synced up to the last write of salesd when an order is acknowledged.

    The courier may write at the same time.
    """
    seen = 0
    for index, event in enumerate(history.events):
        if event[0] == "answer" and event[1] in alone:
            last = max(number for number in history.sales if number < index)
            late = [number for number, write in history.indexed(index)[1] if write[1] == "-wal" and number <= last]
            expect(not late, f"order {event[1]} was acknowledged before its sync")
            seen += 1
    trial.say(f"{seen} responses to one buyer: each after an fdatasync of its writes to the WAL")


def crash(trial, shop, history, folder):
    answers = [index + 1 for index, event in enumerate(history.events) if event[0] == "answer"]
    points = trial.random.sample(range(len(history.events)), trial.pick(120, 20))
    points += trial.random.sample(answers, trial.pick(80, 20))
    torn = sales = 0
    for point in sorted(points):
        safe, pending, answered = history.until(point)
        after = safe
        for event in pending:
            fate = trial.random.choice(("kept", "dropped", "torn"))
            if fate == "torn":
                # A disk writes sectors of 512 bytes atomically.
                event = event[:3] + (event[3][:512 * trial.random.randint(0, len(event[3]) // 512)],)
            if fate != "dropped":
                after = after + [event]
        torn += len(pending)
        sales += len(answered)
        restore(folder, after)
        shop_after = shop.souk_on(f"{folder}/after", "check")
        expect(shop_after.returncode == 0, f"souk check after a crash at {point}: {shop_after.stdout} {shop_after.stderr}")
        lost = missing(shop, folder, answered)
        expect(not lost, f"a crash at {point} of {len(history.events)} lost the acknowledged orders {lost[:5]}")
    trial.say(f"{len(points)} crashes with {torn} unsynced writes kept, dropped or torn: souk check clean after each, "
              f"{sales} answered sales looked for, 0 lost")
    # The control: the test must detect a disk that ignores fdatasync.
    safe, pending, answered = history.until(answers[-1])
    restore(folder, [])
    lost = missing(shop, folder, answered)
    expect(lost, "the test does not detect a disk that ignores every sync")
    trial.say(f"control: had the disk ignored every sync, {len(lost)} of {len(answered)} acknowledged orders would be lost, and the test detects it")


def restore(folder, events):
    for suffix in ("", "-wal"):
        shutil.copy(f"{folder}/begin{suffix}", f"{folder}/after{suffix}")
    # Shared memory does not survive a crash of the machine.
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{folder}/after-shm")
    for kind, suffix, offset, content in events:
        with open(f"{folder}/after{suffix}", "r+b") as file:
            if kind == "cut":
                file.truncate(offset)
            else:
                file.seek(offset)
                file.write(content)


def missing(shop, folder, sales):
    there = {row[0] for row in shop.look("SELECT id FROM orders", database=f"{folder}/after")}
    return [sale for sale in sales if sale not in there]
