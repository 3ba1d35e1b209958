"""kill -9 of the courier and salesd under load: invoices have no gap and come once, also after a restore."""

import http.client
import threading
import time

from load import NOT_NOW, Load
from postgres import open_shop_on_server
from shop import eventually, expect, open_shop
from torture import Skipped


class Reader(threading.Thread):
    """Reads invoices of random orders, which issues them, and keeps the number and the hash of each document."""

    def __init__(self, load, random):
        super().__init__()
        self.load, self.random, self.client = load, random, load.copy(load.boss)
        self.hashes, self.fault = {}, None
        self.start()

    def run(self):
        try:
            while not self.load.over.is_set():
                with self.load.lock:
                    orders = list(self.load.told["sale"].values())
                if orders:
                    self.read(f"/sales/{self.random.choice(orders[-20:])}/invoice")
                time.sleep(0.01)
        except Exception as fault:
            self.fault = fault

    def read(self, path):
        try:
            answer = self.client.send("GET", path)
        except (OSError, http.client.HTTPException):
            return
        if answer.status in NOT_NOW:
            return
        expect(answer.status == 200, f"GET {path}: {answer}")
        number, shown = answer.json["number"], answer.json["hash"]
        expect(self.hashes.setdefault(number, shown) == shown, f"{number} has changed")


def run(trial):
    with open_shop() as shop:
        attack(trial, shop, "SQLite")
        restore_file(trial, shop)
    try:
        with open_shop_on_server() as shop:
            attack(trial, shop, "PostgreSQL")
            restore_archive(trial, shop)
    except Skipped as reason:
        trial.say(f"not on PostgreSQL: {reason}")


def attack(trial, shop, engine):
    kills, begin, wanted, rounds = 0, time.monotonic(), trial.pick(3000, 60), trial.pick(60, 6)
    with Load(shop, trial, buyers=4, clerks=1, pause=0.02) as load:
        readers = [Reader(load, trial.random) for _ in range(3)]
        while (len(load.told["sale"]) < wanted or kills < rounds) and not load.failures:
            time.sleep(trial.random.uniform(0.1, 0.4))
            if kills >= rounds / 3 and not hasattr(shop, "saved"):
                shop.saved = save(shop)
            for program in trial.random.sample(["courierd", "salesd"], trial.random.choice([1, 1, 2])):
                shop.kill(program)
                kills += 1
        load.__exit__()
        load.verify()
    for reader in readers:
        reader.join(30)
        if reader.fault:
            raise reader.fault
    if trial.short:
        # The jobs of a killed courier wait for the end of their lease. A request does not.
        for order, in shop.look("SELECT id FROM orders WHERE paid_at IS NOT NULL"):
            load.boss.ask(200, "GET", f"/sales/{order}/invoice")
    eventually(120, lambda: is_complete(shop), "each order has an invoice, each refund a credit note")
    numbers = [number for number, in shop.look("SELECT number FROM invoices ORDER BY id")]
    expect(numbers == list(range(1, len(numbers) + 1)), f"the numbers have a gap: {numbers[:20]}")
    # In one statement, because the courier moves rows from one table to the other meanwhile.
    (events,), = shop.look("SELECT (SELECT COUNT(*) FROM outbox WHERE type = 'invoice.issued')"
                           " + (SELECT COUNT(*) FROM events WHERE type = 'invoice.issued')")
    expect(events == len(numbers), f"{events} events for {len(numbers)} documents")
    shop.issued = {number for reader in readers for number in reader.hashes}
    shop.check()
    trial.say(f"{engine}: {kills} kills in {time.monotonic() - begin:.0f} s; {len(numbers)} documents, numbered "
              f"from 1 to {len(numbers)}; {len(shop.issued)} were read, and none changed")


def is_complete(shop):
    (orders,), (refunds,) = [shop.look(sql)[0] for sql in (
        "SELECT COUNT(*) FROM orders WHERE paid_at IS NOT NULL",
        "SELECT COUNT(*) FROM order_events WHERE status IN ('refunded', 'cancelled')")]
    return shop.look("SELECT COUNT(*) FROM invoices")[0][0] == orders + refunds


def save(shop):
    outcome = shop.souk("backup", shop.home)
    expect(outcome.returncode == 0, f"souk backup: {outcome.stderr}")
    return outcome.stdout.splitlines()[0]


def restore_file(trial, shop):
    """The same backup is restored twice, and each time the shop goes on."""
    series = set()
    for _ in range(2):
        shop.close()
        outcome = shop.souk("restore", shop.saved)
        expect(outcome.returncode == 0, f"souk restore: {outcome.stderr}")
        shop.open()
        series |= continue_series(shop)
    expect(len(series) == 2, f"a restored shop has continued a series: {series}")
    trial.say(f"restored twice: {len(series)} new series, no number a second time")


def restore_archive(trial, shop):
    shop.close()
    shop.pair.primary.sql("CREATE DATABASE souk2", database="postgres")
    shop.database = shop.environment["SOUK_DATABASE"] = shop.database.replace("/souk?", "/souk2?")
    outcome = shop.souk("restore", shop.saved)
    expect(outcome.returncode == 0, f"souk restore: {outcome.stderr}")
    look = shop.pair.primary.sql
    shop.pair.primary.sql = lambda sql, database="souk2": look(sql, database=database)
    shop.open()
    continue_series(shop)
    trial.say("restored: a new series, no number a second time")


def continue_series(shop):
    """Issues the invoices of all orders; returns the series of those that are new, which nobody has seen before."""
    boss = shop.log_in("boss")
    before = {number for number, in shop.look("SELECT id FROM invoices")}
    for order, in shop.look("SELECT id FROM orders WHERE paid_at IS NOT NULL"):
        boss.ask(200, "GET", f"/sales/{order}/invoice")
    buyer = shop.log_in("c1")
    order = buyer.ask(201, "POST", "/sales", {"items": [{"product_id": 1, "quantity": 1}]})["id"]
    number = boss.ask(200, "GET", f"/sales/{order}/invoice")["number"]
    expect(number not in shop.issued, f"{number} is given again")
    expect(len(shop.look("SELECT id FROM invoices")) > len(before), "no invoice was issued")
    shop.issued.add(number)
    eventually(60, lambda: is_complete(shop), "the restored shop has all documents")
    shop.check("after the restore")
    return {number.split("-")[0]}
