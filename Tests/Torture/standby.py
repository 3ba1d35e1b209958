"""souk check on a streaming standby while the primary takes orders: clean, or cancelled by the standby, never wrong."""

import json
import time

from load import Load
from postgres import open_shop_on_pair
from shop import eventually, expect

# The only sentence that a standby cannot verify.
TABLES = "Tables, columns, rules, indexes, triggers and views are those of this program."
ADVICE = "hot_standby_feedback"


def run(trial):
    rounds = trial.pick(40, 8)
    with open_shop_on_pair() as shop:
        with Load(shop, trial, pause=0.02) as load:
            slowest = check_often(shop, load, rounds)
            cancelled = check_without_patience(shop, rounds)
        expect(not load.failures, f"{load.failures[:1]}")
        trial.say(f"{rounds} checks of the standby were clean while {len(load.told['sale'])} orders were acknowledged;"
                  f" the slowest took {slowest:.1f} s")
        trial.say(f"{cancelled} of {rounds} more checks were cancelled by the standby, with advice; none found a fault")
        find_fault(shop)
        trial.say(load.verify())
        shop.check()


def standby_url(pair):
    return f"postgresql://souk@/souk?host={pair.standby.folder}&port={pair.standby.port}"


def check_often(shop, load, rounds):
    """Checks the standby, each time after more orders; returns the time of the slowest check in seconds."""
    slowest = 0.0
    for number in range(rounds):
        before = len(load.told["sale"])
        eventually(60, lambda: load.failures or len(load.told["sale"]) > before, "an order is acknowledged")
        begin = time.monotonic()
        outcome = shop.souk_on(standby_url(shop.pair), "check", "--json")
        slowest = max(slowest, time.monotonic() - begin)
        expect(outcome.returncode == 0, f"souk check of the standby, round {number}: {outcome.stderr} {outcome.stdout}")
        left_out = [found["invariant"] for found in json.loads(outcome.stdout) if found["holds"] is None]
        expect(left_out == [TABLES], f"not checked: {left_out}")
    return slowest


def check_without_patience(shop, rounds):
    """The same on a standby that cancels each read in its way, while the primary removes old rows."""
    standby, primary = shop.pair.standby, shop.pair.primary
    configure(standby, "max_standby_streaming_delay = 0")
    cancelled = 0
    for _ in range(rounds):
        primary.sql("VACUUM products, stock_movements, wallet_entries, customers")
        outcome = shop.souk_on(standby_url(shop.pair), "check")
        told = outcome.returncode == 1 and ADVICE in outcome.stderr
        expect(outcome.returncode == 0 or told, f"souk check: {outcome.returncode} {outcome.stderr} {outcome.stdout}")
        cancelled += told
    configure(standby, "max_standby_streaming_delay = '30s'")
    return cancelled


def configure(server, setting):
    server.sql(f"ALTER SYSTEM SET {setting}", database="postgres")
    server.sql("SELECT pg_reload_conf()", database="postgres")


def find_fault(shop):
    """A fault that is planted on the primary is found on the standby."""
    change = "UPDATE products SET stock = stock {} 1 WHERE id = 1"
    shop.pair.primary.sql(change.format("+"))
    # The standby has it on its disk, and shows it a moment later.
    eventually(30, lambda: "product 1 has" in shop.souk_on(standby_url(shop.pair), "check").stdout,
               "souk check of the standby finds the fault")
    shop.pair.primary.sql(change.format("-"))
