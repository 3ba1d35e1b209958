"""PostgreSQL with a synchronous standby: the primary killed or frozen, the standby gone, and no order lost or duplicated."""

import collections
import os
import statistics
import time

from load import Load
from postgres import open_shop_on_pair
from shop import Broken, eventually, expect

# A call ends after 5 s. A COMMIT that was sent then has one more second, and the machine may be busy.
CALL_SECONDS = 8
# From the promotion to the first write.
RETURN_SECONDS = 10


def rounds_of(trial):
    """The number of rounds: FAILOVER_ROUNDS, or one of each kind."""
    return int(os.environ.get("FAILOVER_ROUNDS") or len(KINDS))


def run(trial):
    figures, promotions = collections.defaultdict(list), 0
    with open_shop_on_pair() as shop, TimedLoad(shop, trial, pause=0.05) as load:
        for number in range(rounds_of(trial)):
            kind = KINDS[number % len(KINDS)]
            load.wait_for_order()
            # The courier issues the first invoice of a series a moment after its order.
            wait_for_series(shop, promotions + 1)
            time.sleep(trial.random.uniform(0.5, 1.5))
            figures[kind.__doc__].append(kind(trial, shop.pair, load))
            load.wait_for_order()
            # A promotion begins a series of invoices, because the new primary may have lost some.
            promotions += kind is not lose_standby
            wait_for_series(shop, promotions + 1)
            shop.check(f"in round {number}")
            expect(not load.failures, f"in round {number}: {load.failures[:1]}")
        load.__exit__()
        books = load.verify()
        for kind, times in figures.items():
            trial.say(f"{len(times)} times {kind}: writes are back after {statistics.median(times):.1f} s"
                      f" (median), {max(times):.1f} s (slowest)")
        trial.say(books)
        trial.say(f"{load.summary()}; souk check was clean {sum(map(len, figures.values()))} times")
        shop.check()


def wait_for_series(shop, count):
    """Waits until there are invoices of `count` series, of which each promotion opens one."""
    try:
        eventually(30, lambda: shop.look("SELECT COUNT(DISTINCT series) FROM invoices")[0][0] == count, "a series of invoices")
    except Broken as error:
        invoices = shop.look("SELECT series, COUNT(*), MIN(issued_at), MAX(issued_at) FROM invoices GROUP BY series")
        jobs = shop.look("SELECT queue, attempts, run_at, lease_until, leased_by, error FROM jobs"
                         " WHERE kind = 'issue_invoices' OR leased_by IS NOT NULL ORDER BY id LIMIT 20")
        events = shop.look("SELECT COUNT(*) FROM outbox")[0][0]
        raise Broken(f"{error}; {count} expected, found {invoices}; jobs {jobs}; {events} new events") from error


def promote(pair, load):
    """Promotes the standby and returns how long it takes until an order is acknowledged."""
    begin = time.monotonic()
    pair.standby.promote()
    pair.swap()
    load.wait_for_order()
    seconds = time.monotonic() - begin
    expect(seconds < RETURN_SECONDS, f"writes are back only {seconds:.1f} s after the promotion")
    return seconds


def kill_primary(trial, pair, load):
    """kill -9 of the primary, promotion of the standby"""
    pair.primary.kill()
    time.sleep(trial.random.uniform(0.0, 1.0))
    seconds = promote(pair, load)
    pair.repair()
    return seconds


def lose_standby(trial, pair, load):
    """kill -9 of the standby, its start after 8 s"""
    pair.standby.kill()
    # An order whose COMMIT had begun may still be acknowledged.
    time.sleep(1)
    before = load.orders()
    time.sleep(CALL_SECONDS - 1)
    expect(load.orders() == before, "an order is acknowledged without the standby")
    pair.standby.start()
    seconds = load.wait_for_order()
    expect(seconds < RETURN_SECONDS, f"writes are back only {seconds:.1f} s after the start of the standby")
    return seconds


def freeze_primary(trial, pair, load):
    """SIGSTOP of the primary, promotion of the standby, SIGCONT of the old primary"""
    pair.primary.freeze()
    time.sleep(trial.random.uniform(0.0, 3.0))
    seconds = promote(pair, load)
    # The old primary does not know of the new one. Its standby confirms no COMMIT any longer, but a request over an old
    # connection reads the data from before the promotion.
    load.is_stale = True
    pair.standby.thaw()
    time.sleep(2)
    # The fence: nobody can reach it any longer.
    pair.standby.kill()
    load.is_stale = False
    seconds = max(seconds, load.wait_for_order())
    expect(seconds < RETURN_SECONDS, f"writes are back only {seconds:.1f} s after the fence")
    pair.repair()
    return seconds


KINDS = [kill_primary, lose_standby, freeze_primary]


class TimedLoad(Load):
    """A load that knows how long each call took and how often each status was returned."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.statuses, self.slowest = collections.Counter(), 0.0
        # Whether requests may still reach an old primary.
        self.is_stale = False

    def orders(self):
        with self.lock:
            return len(self.told["sale"])

    def wait_for_order(self):
        """Waits until an order is acknowledged that was requested from now on; returns the time in seconds."""
        with self.lock:
            first = max(self.tried["sale"], default=0)
        return eventually(60, lambda: self.failures or self.has_order_after(first), "an order is acknowledged")

    def has_order_after(self, first):
        with self.lock:
            return any(number > first for number in self.told["sale"])

    def insist(self, client, patience, *request, key):
        while True:
            stale = self.is_stale
            answer = super().insist(Timed(client, self), patience, *request, key=key)
            if not stale or answer is None or answer.status != 404:
                return answer
            time.sleep(0.1)

    def note(self, status, seconds):
        with self.lock:
            self.statuses[status] += 1
            self.slowest = max(self.slowest, seconds)

    def verify(self):
        expect(self.slowest < CALL_SECONDS, f"a call took {self.slowest:.1f} s")
        wrong = {status: count for status, count in self.statuses.items() if status in (0, 500, 502, 504)}
        expect(not wrong, f"not 503: {wrong}")
        return super().verify()

    def summary(self):
        return (f"{self.statuses[503]} of {sum(self.statuses.values())} writes answered 503, none 500, 502 or 504;"
                f" the slowest took {self.slowest:.1f} s")


class Timed:
    """A client whose calls are timed."""

    def __init__(self, client, load):
        self.client, self.load = client, load

    def send(self, *arguments, **options):
        begin, status = time.monotonic(), 0
        try:
            answer = self.client.send(*arguments, **options)
            status = answer.status
            return answer
        finally:
            self.load.note(status, time.monotonic() - begin)
