"""kill -9 of salesd and the courier while orders are held, paid, cancelled and expire: no money, unit or coupon is lost.

Then the same message of Stripe comes 50 times at once while salesd is killed (paid_once.py).
"""

import threading
import time

import paid_once
from engines import on_each_engine
from load import Crowd
from shop import eventually, expect

STOCK, PRICE, USES = 40, 1000, 25


class Shoppers(Crowd):
    """Buyers who pay in every way, or do not pay, and staff who book what has come."""

    def __init__(self, shop, trial, count):
        super().__init__(shop, trial)
        self.boss = shop.boss()
        self.buyers = shop.buyers(count)
        self.product = shop.product(self.boss, stock=STOCK, price=PRICE)
        self.boss.ask(201, "POST", "/sales/coupons", {"code": "TEN", "kind": "percent", "value": 1000, "max_uses": USES})
        cards = self.boss.ask(201, "POST", "/sales/gift-cards", {"amount": 300, "count": 100})["data"]
        self.cards = [card["code"] for card in cards]
        # Acknowledged orders, and the bookings that staff have tried, by the number of the order.
        self.orders, self.booked, self.count, self.restocks = [], set(), 0, 0
        self.threads = [threading.Thread(target=self.guarded, args=(self.shop_around, client)) for client in self.buyers]
        self.threads.append(threading.Thread(target=self.guarded, args=(self.restock, self.copy(self.boss))))

    def restock(self, client):
        """A few units at a time, so that orders compete for them."""
        time.sleep(0.3)
        with self.lock:
            self.restocks += 1
            key = f"restock {self.restocks}"
        answer = self.insist(client, 2000, "POST", f"/inventory/{self.product}/stock", {"delta": 4, "reason": "torture"}, key=key)
        expect(answer.status == 201, f"restock: {answer}")

    def shop_around(self, client):
        with self.lock:
            self.count += 1
            number, chance = self.count, self.random.random()
            body = {"items": [{"product_id": self.product, "quantity": self.random.randint(1, 3)}]}
            method = self.random.choice(["test", "bank_transfer", "bank_transfer", "wallet"])
            body["payment"] = {"method": method}
            if method == "test":
                body["payment"]["return_url"] = "https://shop.example"
            if self.random.random() < 0.5:
                body["coupon"] = "TEN"
            if self.cards and self.random.random() < 0.2:
                body["gift_cards"] = [self.cards.pop()]
        answer = self.insist(client, 2000, "POST", "/sales", body, key=f"order {number}")
        if answer.status in (409, 422):
            expected = ("insufficient_stock", "coupon_invalid", "quota_exceeded")
            expect(answer.json["code"] in expected, f"order: {answer}")
            time.sleep(0.05)
            return
        expect(answer.status == 201, f"order: {answer}")
        order = answer.json
        with self.lock:
            self.orders.append(order["id"])
        if method == "bank_transfer" and chance < 0.6:
            self.settle(client, order, races=chance < 0.2)
        elif chance > 0.8:
            self.cancel(client, order)

    def settle(self, client, order, races):
        """Staff book the money, for some orders while the buyer cancels."""
        cancel = threading.Thread(target=self.cancel, args=(self.copy(client), order))
        if races:
            cancel.start()
        if order["due"]:
            staff = self.copy(self.boss)
            with self.lock:
                self.booked.add(order["id"])
            body = {"method": "bank_transfer", "amount": order["due"], "reference": f"order {order['id']}"}
            answer = self.insist(staff, 2000, "POST", f"/sales/{order['id']}/payments", body, key=f"book {order['id']}")
            staff.hang_up()
            expect(answer.status == 201, f"booking: {answer}")
        if races:
            cancel.join()

    def cancel(self, client, order):
        answer = self.insist(client, 2000, "POST", f"/sales/{order['id']}/cancel", key=f"cancel {order['id']}")
        # It may have expired.
        expect(answer.status in (200, 409), f"cancellation: {answer}")

    def verify(self):
        if self.failures:
            raise self.failures[0]
        look = self.shop.look
        stored = {row[0]: row[1:] for row in look("SELECT id, status, payment_status, coupon FROM orders")}
        expect(set(self.orders) == stored.keys(), "orders that were acknowledged are not those that are there")
        bookings = look("SELECT order_id FROM payments WHERE provider = 'manual'")
        expect(sorted(row[0] for row in bookings) == sorted(self.booked), "a booking is missing, or there twice")
        left = look("SELECT stock FROM products WHERE id = ?", self.product)[0][0]
        sold = look("SELECT COALESCE(SUM(quantity - refunded_quantity), 0) FROM order_lines")[0][0]
        put = STOCK + 4 * self.restocks
        expect(left + sold == put, f"{put} units became {left} in stock and {sold} sold")
        uses = look("SELECT uses FROM coupons")[0][0]
        used = sum(1 for status, _, coupon in stored.values() if coupon and status != "cancelled")
        expect(uses == used <= USES, f"the coupon counts {uses} uses, orders have {used}")
        money = look("SELECT SUM(balance) FROM customers")[0][0]
        given = 100_000_000 * len(self.buyers)
        paid_in = look("SELECT COALESCE(SUM(captured - refunded), 0) FROM payments")[0][0]
        cards = look("SELECT COALESCE(SUM(amount), 0) FROM gift_cards WHERE status = 'redeemed'")[0][0]
        spent = look("SELECT COALESCE(SUM(total - refunded), 0) FROM orders WHERE paid_at IS NOT NULL")[0][0]
        expect(money == given + paid_in + cards - spent, f"{given} + {paid_in} + {cards} - {spent} became {money}")
        states = [status for status, _, _ in stored.values()]
        return (f"{len(stored)} orders: {states.count('paid')} paid, {states.count('cancelled')} cancelled or expired; "
                f"{len(bookings)} bookings, {self.retries} tries failed")


SETTINGS = {
    "SOUK_PAYMENT_METHODS": "wallet test bank_transfer", "SOUK_CARD_HOLD_SECONDS": "2",
    "SOUK_TRANSFER_HOLD_SECONDS": "2", "SOUK_ACCESS_TOKEN_SECONDS": "86400",
}


def run(trial):
    on_each_engine(trial, lambda shop, engine: attack(trial, shop, engine), SETTINGS)
    paid_once.run(trial)


def attack(trial, shop, engine):
    kills, wanted, begin = 0, trial.pick(300, 20), time.monotonic()
    with Shoppers(shop, trial, count=8) as shoppers:
        while kills < wanted and not shoppers.failures:
            time.sleep(trial.random.uniform(0.1, 0.5))
            shop.kill(trial.random.choice(["salesd", "courierd"]))
            kills += 1
    pending = "SELECT COUNT(*) FROM orders WHERE status = 'pending'"
    eventually(30, lambda: shop.look(pending)[0][0] == 0, "all orders are paid or expired")
    jobs = "SELECT COUNT(*) FROM jobs WHERE kind LIKE 'payment%'"
    eventually(60, lambda: shop.look(jobs)[0][0] == 0, "the courier has done all jobs of payments")
    sentence = shoppers.verify()
    shop.check()
    trial.say(f"{engine}: {kills} kills in {time.monotonic() - begin:.0f} s; {sentence}")
