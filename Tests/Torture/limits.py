"""Locked by an outsider, a reader that never ends, no descriptors left, a clock set back: the shop bears it and recovers."""

import contextlib
import os
import sqlite3
import subprocess
import tempfile
import threading
import time

from shop import DAEMONS, eventually, expect, open_shop

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


def run(trial):
    with open_shop() as shop:
        boss, buyer = shop.boss(), shop.buyers(1)[0]
        product = shop.product(boss, stock=10**6)
        locked(trial, shop, buyer, product)
        endless(trial, shop, buyer, product)
        descriptors(trial, shop, buyer, product)
        shop.check()
    if os.path.exists(FAKETIME):
        clock(trial)
    else:
        trial.say("there is no libfaketime: the clock is left alone")


def buy(buyer, product, key=None):
    return buyer.send("POST", "/sales", {"items": [{"product_id": product, "quantity": 1}]}, key=key)


def locked(trial, shop, buyer, product):
    """Somebody from outside writes for longer than anybody waits."""
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
    trial.say(f"locked by an outsider: 503 busy after {took:.1f} s, reads meanwhile within {1000 * slowest:.0f} ms; then sold")


def endless(trial, shop, buyer, product):
    """A reader keeps its snapshot: the log cannot start again, and must once the reader has gone."""
    size = lambda: os.path.getsize(shop.database + "-wal") / 1e6
    before = size()
    with contextlib.closing(sqlite3.connect(shop.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM orders").fetchone()
        for _ in range(trial.pick(2000, 200)):
            expect(buy(buyer, product).status == 201, "a sale beside an endless reader")
        grown = size()
    for _ in range(trial.pick(600, 150)):
        expect(buy(buyer, product).status == 201, "a sale after the reader")
    expect(grown > before, "the log has not grown")
    expect(size() < max(2 * grown, 20), f"the log grows on: {grown:.1f} MB, then {size():.1f} MB")
    trial.say(f"a reader that does not end: the log grew from {before:.1f} to {grown:.1f} MB, and is {size():.1f} MB afterwards")


def descriptors(trial, shop, buyer, product):
    """No descriptor is left for another connection; those that are open go on."""
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
    eventually(5, lambda: buy(buyer, product).status == 201, "a sale is made when there are descriptors again")
    trial.say(f"no descriptors left: {statuses.count(200)} of 40 readers served all the same, nobody died; then all was well")


def clock(trial):
    """An hour back, while the shop is open."""
    with open_shop_at(0) as (shop, set_clock):
        boss, buyer = shop.boss(), shop.buyers(1)[0]
        product = shop.product(boss, stock=100)
        sold = buy(buyer, product, "before").json
        first = sold["id"]
        set_clock(-3600)
        eventually(5, lambda: shop.visitor().send("GET", "/inventory").status == 200, "the shop answers")
        again = buy(buyer, product, "before")
        expect(again.status == 201 and again.json["id"] == first and again.fields["Idempotent-Replayed"], f"a retry: {again}")
        later = buy(buyer, product).json
        expect(later["created_at"] < sold["created_at"], "the clock has not been set back")
        expect(later["id"] > first, "a later sale has a lower id")
        ids = [sale["id"] for sale in buyer.ask(200, "GET", "/sales")["data"]]
        expect(ids == sorted(ids, reverse=True), f"newest first: {ids}")
        shop.log_in("c1")
        shop.check()
        trial.say("the clock an hour back: tokens and keys are good, ids go on, logins work, souk check is clean")


@contextlib.contextmanager
def open_shop_at(offset):
    with tempfile.NamedTemporaryFile("w", prefix="souk-clock-") as file:
        def set_clock(seconds):
            file.seek(0)
            file.truncate()
            file.write(f"{seconds:+d}s\n")
            file.flush()
        set_clock(offset)
        environment = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": file.name, "FAKETIME_NO_CACHE": "1",
                       "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        with open_shop(environment) as shop:
            yield shop, set_clock
