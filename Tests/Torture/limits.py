"""A foreign lock, an endless reader, no descriptors, no memory, a clock set back: the shop survives and recovers."""

import contextlib
import os
import sqlite3
import subprocess
import tempfile
import threading
import time

import wire
from disk import all_answer
from load import Load
from records import lives
from shop import DAEMONS, PROGRAMS, TOP, at_once, eventually, expect, open_shop

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


def run(trial):
    with open_shop() as shop:
        boss, buyer = shop.boss(), shop.buyers(1)[0]
        product = shop.product(boss, stock=10**6)
        locked(trial, shop, buyer, product)
        endless(trial, shop, buyer, product)
        descriptors(trial, shop, buyer, product)
        shop.check()
    memory(trial)
    if os.path.exists(FAKETIME):
        clock(trial)
    else:
        trial.say("libfaketime is not installed: the clock is not tested")


def buy(buyer, product, key=None):
    return buyer.send("POST", "/sales", {"items": [{"product_id": product, "quantity": 1}]}, key=key)


def locked(trial, shop, buyer, product):
    """Another program holds the write lock longer than a responder waits."""
    with contextlib.closing(sqlite3.connect(shop.database, isolation_level=None)) as outsider:
        outsider.execute("BEGIN IMMEDIATE")
        answers = []
        begin = time.monotonic()
        waiting = threading.Thread(target=lambda: answers.append(buy(buyer, product, "locked")))
        waiting.start()
        slowest = 0.0
        while waiting.is_alive():
            since = time.monotonic()
            shop.visitor().ask(200, "GET", f"/inventory/{product}")
            slowest = max(slowest, time.monotonic() - since)
            time.sleep(0.05)
        took = time.monotonic() - begin
        outsider.execute("ROLLBACK")
    expect(answers and answers[0].status == 503 and "busy" in answers[0].json["detail"], f"locked: {answers and answers[0]}")
    again = buy(buyer, product, "locked")
    expect(again.status == 201, f"after the lock: {again}")
    trial.say(f"locked by another program: 503 busy after {took:.1f} s, reads meanwhile within {1000 * slowest:.0f} ms; then an order succeeded")


def figures(shop):
    """The WAL metrics of the sales responder: its size in MB, and the frames that could not be checkpointed."""
    lines = dict(line.rsplit(" ", 1) for line in shop.visitor().send("GET", "/sales/metrics").body.decode().splitlines() if line[0] != "#")
    return int(lines["souk_wal_bytes"]) / 1e6, int(lines["souk_checkpoint_frames_left"])


def endless(trial, shop, buyer, product):
    """An open read transaction keeps the WAL from restarting: metrics show it, and the WAL restarts after the reader ends."""
    before, _ = figures(shop)
    kept = 67.2  # MB: the size to which a long WAL is truncated (journal_size_limit).
    with contextlib.closing(sqlite3.connect(shop.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM orders").fetchone()
        sales, half = 0, None
        while figures(shop)[0] < trial.pick(kept + 8, 24):
            for _ in range(100):
                expect(buy(buyer, product).status == 201, "an order beside an endless reader")
            sales += 100
            expect(sales < 5000, f"the WAL does not grow: {figures(shop)}")
            half = half or figures(shop)
        grown = figures(shop)
        expect(before < half[0] < grown[0] and half[1] < grown[1], f"metrics do not show that the WAL grows: {before}, {half}, {grown}")

    def over():
        expect(buy(buyer, product).status == 201, "an order after the reader")
        size, left = figures(shop)
        return left == 0 and size <= kept
    eventually(30, over, "the log is short again, and metrics say so")
    after = figures(shop)
    trial.say(f"an endless reader: during {sales} orders souk_wal_bytes grew from {before:.1f} to {grown[0]:.1f} MB and "
              f"souk_checkpoint_frames_left to {grown[1]}; afterwards {after[0]:.1f} MB and {after[1]}")


def descriptors(trial, shop, buyer, product):
    """No descriptor is left for new connections; open ones still work."""
    def limit(program, count):
        subprocess.run(["prlimit", "--pid", str(shop.pid(program)), f"--nofile={count}:20000"], check=False)
    before = {program: shop.pid(program) for program in DAEMONS}
    for program in DAEMONS:
        limit(program, shop.descriptors(program))
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(
        shop.visitor(seconds=60).send("GET", f"/inventory/{product}").status)) for _ in range(40)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    for program in DAEMONS:
        limit(program, 1024)
    for thread in threads:
        thread.join(60)
    expect(before == {program: shop.pid(program) for program in DAEMONS}, "a daemon died without descriptors")
    expect(len(statuses) == 40 and set(statuses) <= {200, 502, 503, 504}, f"without descriptors: {statuses}")
    eventually(30, lambda: buy(buyer, product).status == 201, "an order succeeds when there are descriptors again")
    trial.say(f"no descriptors left: {statuses.count(200)} of 40 readers served, no crash; the shop recovered")


def memory(trial):
    """Limits a busy responder's memory to about its present size: it refuses requests, or dies and is restarted."""
    with open_shop() as shop:
        deaths = refused = 0
        with Load(shop, trial, buyers=4, clerks=2, pause=0.01) as load:
            for program in DAEMONS * trial.pick(5, 1):
                pid = shop.pid(program)
                room = trial.random.choice((0, 1 << 17, 1 << 20))
                with open(f"/proc/{pid}/status") as status:
                    held = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData"))
                subprocess.run(["prlimit", "--pid", str(pid), f"--data={held + room}:unlimited"], check=False)
                refused += sum(at_once([lambda: stuff(shop, program)] * 8))
                if shop.pid(program) == pid and lives(pid):
                    subprocess.run(["prlimit", "--pid", str(pid), "--data=unlimited"], check=False)
                else:
                    deaths += 1
                    eventually(30, lambda: shop.pid(program) not in (0, pid), f"{program} is started again")
                eventually(30, lambda: all_answer(shop), f"all answer after {program} had no memory")
        trial.say(f"memory limited {4 * trial.pick(5, 1)} times: {deaths} deaths, {refused} large requests refused; {load.verify()}")
        shop.check()


def stuff(shop, program):
    """Sends bodies near the limit, which are read completely before validation; returns the number of 5xx."""
    client, refused = wire.Wire(shop.port), 0
    request = wire.request("POST", {"customersd": "/customers", "inventoryd": "/inventory", "salesd": "/sales", "reviewsd": "/reviews"}[program],
                           b'{"a":"' + b"x" * 130_000 + b'"}')
    for _ in range(5):
        with contextlib.suppress(OSError, wire.Closed):
            refused += client.ask(request)[0] >= 500
    client.hang_up()
    return refused


def clock(trial):
    """Sets the clock back by an hour while the shop is open."""
    with open_shop_at(0) as (shop, set_clock):
        boss, buyer = shop.boss(), shop.buyers(1)[0]
        product = shop.product(boss, stock=100)
        sold = buy(buyer, product, "before").json
        first = sold["id"]
        for _ in range(4):
            guess(shop)
        # The fifth failure locks the name for a second, which a busy machine may miss; the next one for two seconds.
        eventually(30, lambda: guess(shop).json["code"] == "login_locked", "wrong passwords lock the name")
        set_clock(-3600)
        eventually(30, lambda: shop.visitor().send("GET", "/inventory").status == 200, "the shop answers")
        again = buy(buyer, product, "before")
        expect(again.status == 201 and again.json["id"] == first and again.fields["Idempotent-Replayed"], f"a retry: {again}")
        later = buy(buyer, product).json
        expect(later["created_at"] < sold["created_at"], "the clock has not been set back")
        expect(later["id"] > first, "a later order has a lower id")
        # Newest first is by the recorded time.
        sales = [(sale["created_at"], sale["id"]) for sale in buyer.ask(200, "GET", "/sales")["data"]]
        expect(sales == sorted([(later["created_at"], later["id"]), (sold["created_at"], first)], reverse=True), f"the sales: {sales}")
        shop.log_in("c1")
        expect(guess(shop).status == 401, "a lock of a second holds for an hour when the clock is set back")
        shop.check()
        trial.say("the clock an hour back: tokens and keys are valid, ids increase, logins work, a lock of one second has ended, souk check is clean")


def guess(shop):
    return shop.visitor().send("POST", "/customers/login", {"username": "boss", "password": "wrong horse"})


@contextlib.contextmanager
def open_shop_at(offset):
    """A shop whose responders have another time, but not its supervisor: an interrupted `read -t` of bash uses the clock, and
    lasts an hour longer if the clock is set back meanwhile."""
    with tempfile.TemporaryDirectory(prefix="souk-clock-") as folder:
        def set_clock(seconds):
            with open(f"{folder}/new", "w") as file:
                file.write(f"{seconds:+d}s\n")
            os.rename(f"{folder}/new", f"{folder}/clock")
        set_clock(offset)
        programs = os.environ.get("SOUK_BIN", f"{TOP}/.build/release")
        os.symlink(f"{programs}/souk", f"{folder}/souk")
        for program in PROGRAMS:
            with open(f"{folder}/{program}", "w") as file:
                file.write(f"""#!/bin/sh
export LD_PRELOAD={FAKETIME} FAKETIME_TIMESTAMP_FILE={folder}/clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
exec {programs}/{program} "$@"
""")
            os.chmod(file.name, 0o755)
        with open_shop({"SOUK_BIN": folder}, limits="on") as shop:
            yield shop, set_clock
