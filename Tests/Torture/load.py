"""A mixed load of customers and staff, which knows afterwards what the database must contain."""

import http.client
import threading
import time

from shop import Broken, expect

# Temporary failures: a client with an idempotency key retries.
NOT_NOW = (502, 503, 504)
# The number of orders of each product: one of 1 unit, one of 2 units and so on.
SIZES = 2000


class Crowd:
    """Clients on threads of their own, which retry until they are answered. A subclass fills `threads`."""

    def __init__(self, shop, trial, pause=0.0):
        self.shop, self.pause, self.random = shop, pause, trial.random
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.retries = 0
        self.failures, self.threads = [], []

    def copy(self, client):
        return self.shop.visitor(token=client.token)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(60)
        if any(thread.is_alive() for thread in self.threads):
            raise Broken("a client hangs")

    def guarded(self, work, client):
        while not self.over.is_set():
            try:
                work(client)
            except Exception as fault:
                self.failures.append(fault)
                return
            time.sleep(self.pause)

    def insist(self, client, patience, *request, **options):
        """Retries until the request is acknowledged; returns None if the client gave up after `patience` attempts."""
        for _ in range(patience):
            try:
                answer = client.send(*request, **options)
                if answer.status not in NOT_NOW:
                    expect(answer.status < 500, f"{request[:2]}: {answer}")
                    return answer
            except (OSError, http.client.HTTPException):
                pass
            with self.lock:
                self.retries += 1
            time.sleep(0.02)
        return None


class Load(Crowd):
    """Concurrent orders, restocks, credits, cancellations and refunds, each with an idempotency key and a unique number.

    The number is the amount, or product and quantity together, so that the database shows how often each was executed,
    whatever the responses were.
    """

    def __init__(self, shop, trial, buyers=8, clerks=3, pause=0.0):
        super().__init__(shop, trial, pause)
        self.boss = shop.boss()
        self.buyers = shop.buyers(buyers)
        self.products = [shop.product(self.boss, stock=10 * SIZES**2) for _ in range(50)]
        self.product = self.products[0]
        self.restocked = shop.product(self.boss, stock=0)
        self.numbers = iter(range(1, SIZES * len(self.products)))
        # By kind, the numbers that were tried, those that were acknowledged, and those that a client gave up.
        self.tried = {kind: set() for kind in ("sale", "credit", "restock")}
        self.told = {kind: {} for kind in self.tried}
        self.undone = {}
        self.reads = 0
        self.threads = [threading.Thread(target=self.guarded, args=(self.buy, client)) for client in self.buyers]
        self.threads += [threading.Thread(target=self.guarded, args=(self.clerk, self.copy(self.boss)))
                         for _ in range(clerks)]

    def number(self, kind):
        with self.lock:
            number = next(self.numbers)
            self.tried[kind].add(number)
            return number, self.random.random()

    def buy(self, client):
        number, chance = self.number("sale")
        # One in ten sends the request once and gives up.
        answer = self.insist(client, 1 if chance < 0.1 else 2000, "POST", "/sales",
                             {"items": [{"product_id": self.products[number // SIZES],
                                         "quantity": 1 + number % SIZES}]}, key=f"sale {number}")
        if answer is None:
            return
        expect(answer.status == 201, f"order: {answer}")
        sale = answer.json["id"]
        with self.lock:
            self.told["sale"][number] = sale
        if chance > 0.9:
            self.undo(client, sale)
        elif chance > 0.7:
            self.read(client, f"/sales/{sale}")

    def undo(self, client, sale):
        """The buyer cancels while staff refund: exactly one of them succeeds."""
        staff, answers = self.copy(self.boss), []
        cancel = threading.Thread(target=lambda: answers.append(
            self.insist(client, 2000, "POST", f"/sales/{sale}/cancel", key=f"cancel {sale}")))
        cancel.start()
        answers.append(self.insist(staff, 2000, "POST", f"/sales/{sale}/refund",
                                   {"restock": True, "reason": "torture"}, key=f"refund {sale}"))
        cancel.join()
        staff.hang_up()
        statuses = sorted(answer.status for answer in answers)
        expect(statuses == [200, 409], f"cancellation and refund of one order: {[str(answer) for answer in answers]}")
        with self.lock:
            self.undone[sale] = True

    def clerk(self, client):
        kind = "credit" if self.random.random() < 0.5 else "restock"
        number, chance = self.number(kind)
        patience = 1 if chance < 0.1 else 2000
        if kind == "credit":
            path, body = f"/customers/c{1 + number % len(self.buyers)}/wallet/credit", {"amount": number}
        else:
            path, body = f"/inventory/{self.restocked}/stock", {"delta": number, "reason": "torture"}
        answer = self.insist(client, patience, "POST", path, body, key=f"{kind} {number}")
        if answer is not None:
            expect(answer.status == 201, f"{kind}: {answer}")
            with self.lock:
                self.told[kind][number] = answer.json["id"]
        self.read(client, f"/inventory/{self.product}")
        self.read(client, f"/reviews?product_id={self.product}")

    def read(self, client, path):
        try:
            answer = client.send("GET", path)
            expect(answer.status in (200,) + NOT_NOW, f"GET {path}: {answer}")
        except (OSError, http.client.HTTPException):
            pass
        with self.lock:
            self.reads += 1

    def books(self):
        """By kind, every number in the database with its id, as often as it occurs."""
        look = self.shop.look
        places = {product: place for place, product in enumerate(self.products)}
        return {
            "sale": [(SIZES * places[product] + quantity - 1, order) for product, quantity, order in look(
                "SELECT product_id, quantity, order_id FROM order_lines") if product in places],
            "credit": look("SELECT amount, id FROM wallet_entries WHERE kind = 'credited' AND amount < 1000000"),
            "restock": look("SELECT delta, id FROM stock_movements WHERE kind IN ('received', 'adjusted')"
                            " AND product_id = ?", self.restocked),
        }

    def verify(self):
        """The database contains every acknowledged operation once, under the returned id, and every other at most once."""
        if self.failures:
            raise self.failures[0]
        unknown = 0
        for kind, rows in self.books().items():
            done = dict(rows)
            expect(len(done) == len(rows), f"a {kind} was done twice")
            for number, identity in self.told[kind].items():
                expect(done.get(number) == identity, f"{kind} {number}, acknowledged as {identity}: {done.get(number)}")
            expect(done.keys() <= self.tried[kind], f"a {kind} that no client requested")
            unknown += len(done) - len(self.told[kind])
        done = sum(len(told) for told in self.told.values())
        return (f"{len(self.told['sale'])} sales, {len(self.told['credit'])} credits, {len(self.told['restock'])} restocks, "
                f"{len(self.undone)} cancels racing refunds, {self.reads} reads; {self.retries} tries failed; "
                f"{done} acknowledged and each there once, {unknown} more unacknowledged and there once, 0 twice")
