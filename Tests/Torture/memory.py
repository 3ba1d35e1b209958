"""100 concurrent large bodies, and exports of an account with a long history: memory is bounded and released."""

import sqlite3
import threading
import time
from contextlib import closing

import wire
from shop import DAEMONS, at_once, eventually, expect, open_shop

PEAK_MB, KEPT_MB = 150, 30
SERVICES = {"customersd": "/customers/login", "inventoryd": "/inventory", "salesd": "/sales", "reviewsd": "/reviews"}


def run(trial):
    with open_shop({"SOUK_ACCESS_TOKEN_SECONDS": "86400"}) as shop:
        boss = shop.boss()
        shop.product(boss, stock=10)
        bodies(trial, shop, boss)
        exports(trial, shop, boss)
        shop.check()


class Peak:
    """The peak memory of a responder while this runs."""

    def __init__(self, shop, program):
        self.shop, self.program, self.mb, self.watching = shop, program, 0, True
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while self.watching:
            self.mb = max(self.mb, self.shop.memory_mb(self.program))
            time.sleep(0.005)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.watching = False
        self.thread.join()


def bodies(trial, shop, boss):
    """Bodies of many small values, of long texts and of deep nesting."""
    kinds = [b'{"items":[' + b"0," * 9000 + b"0]}", b"[" + b"0," * 60_000 + b"0]", b'{"a":"' + b"x" * 130_000 + b'"}',
             b"{" + b",".join(b'"f%d":{}' % number for number in range(4000)) + b"}", b"[" * 130_000]
    for program, path in SERVICES.items():
        requests = [wire.request("POST", path, kinds[number % len(kinds)], boss.token) for number in range(100)]
        at_once([lambda: wire.Wire(shop.port).ask(requests[0])] * 4)
        before = shop.memory_mb(program)
        with Peak(shop, program) as peak:
            statuses = at_once([lambda request=request: wire.Wire(shop.port).ask(request)[0] for request in requests])
        expect(set(statuses) <= {400, 413, 422, 503}, f"{program}: {set(statuses)}")
        expect(peak.mb - before < PEAK_MB, f"{program} grows by {peak.mb - before:.0f} MB")
        eventually(30, lambda: shop.memory_mb(program) - before < KEPT_MB, f"{program} gives memory back")
        trial.say(f"{program}: 100 large bodies at once; {before:.0f} MB, {peak.mb:.0f} at most, {shop.memory_mb(program):.0f} afterwards")


def exports(trial, shop, boss):
    """20 exports at once of an account with very many sessions."""
    sessions = trial.pick(100_000, 20_000)
    with closing(sqlite3.connect(shop.database, timeout=20)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(sessions)") if row[1] not in ("id", "ended_at")]
        kept = ", ".join(columns)
        connection.execute(f"""WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < {sessions})
                               INSERT INTO sessions ({kept}, ended_at) SELECT {kept}, last_seen_at FROM sessions, numbers WHERE sessions.id = 1""")
    before = shop.memory_mb("customersd")
    export = wire.request("GET", "/customers/boss/export", token=boss.token)
    with Peak(shop, "customersd") as peak:
        answers = at_once([lambda: wire.Wire(shop.port, seconds=60).ask(export)] * 20)
    statuses = [status for status, _, _ in answers]
    size = max(len(content) for _, _, content in answers) / 1e6
    expect(set(statuses) <= {200, 429} and 200 in statuses, f"exports: {statuses}")
    expect(all(b"retry-after" in head for status, head, _ in answers if status == 429), "a refusal has Retry-After")
    expect(peak.mb - before < 100 + 8 * size, f"exports of {size:.0f} MB grow customersd by {peak.mb - before:.0f} MB")
    eventually(30, lambda: shop.memory_mb("customersd") - before < KEPT_MB, "customersd gives memory back after exports")
    trial.say(f"20 exports of {size:.0f} MB at once, {statuses.count(200)} answered 200; {before:.0f} MB, {peak.mb:.0f} at most, "
              f"{shop.memory_mb('customersd'):.0f} afterwards")
