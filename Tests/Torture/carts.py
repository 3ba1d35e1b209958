"""kill -9 of salesd while each cart is checked out by two clients that retry: one order for each cart, and an answer to each."""

import threading
import time

from engines import on_each_engine
from load import Crowd
from shop import at_once, eventually, expect

STOCK, PRICE, PATIENCE = 1_000_000, 1000, 2000


class Carts(Crowd):
    """Visitors and customers who fill carts and check out each of them twice at once."""

    def __init__(self, shop, trial, count):
        super().__init__(shop, trial)
        boss = shop.boss()
        self.product = shop.product(boss, stock=STOCK, price=PRICE)
        self.cards = [card["code"] for _ in range(3) for card in
                      boss.ask(201, "POST", "/sales/gift-cards", {"amount": 3 * PRICE, "count": 100})["data"]]
        # The acknowledged orders with their quantities, and the number of carts that the limit for a network kept open.
        self.orders, self.open = {}, 0
        clients = shop.buyers(count) + [shop.visitor() for _ in range(count)]
        self.threads = [threading.Thread(target=self.guarded, args=(self.shop_around, client)) for client in clients]

    def shop_around(self, client):
        visitor = client.token is None
        with self.lock:
            quantity, chance = self.random.randint(1, 3), self.random.random()
            card = [self.cards.pop()] if self.cards and chance < 0.3 else []
        fields = self.fill(client, quantity, visitor, has_token=visitor or chance > 0.5)
        method = "bank_transfer" if visitor else "wallet"
        body = {"expected_total": quantity * PRICE, "payment": {"method": method}, "gift_cards": card}
        answers = at_once([lambda: self.check_out(client, body, fields)] * 2)
        # A cart that stayed open for one of them may have been ordered by the other meanwhile.
        made = [answer for answer in answers if answer.status in (200, 201)]
        with self.lock:
            self.open += not made
        if not made:
            return
        again = self.check_out(client, body, fields)
        expect(again.status == 200, f"the cart again: {again}")
        orders = {(answer.json["id"], answer.json.get("order_token")) for answer in made + [again]}
        expect(len(orders) == 1, f"a cart gave the orders {orders}")
        order, token = orders.pop()
        expect(again.json["items"][0]["quantity"] == quantity, f"{quantity} units: {again}")
        with self.lock:
            expect(order not in self.orders, f"two carts gave the order {order}")
            self.orders[order] = quantity
        if visitor:
            seen = self.insist(client, PATIENCE, "GET", f"/sales/{order}", fields={"Souk-Order": token})
            expect(seen.status == 200, f"the order by its token: {seen}")

    def fill(self, client, quantity, visitor, has_token):
        """Puts units into a new cart, or into the customer's own; returns the fields that name it."""
        fields = {}
        if has_token:
            made = self.insist(client, PATIENCE, "POST", "/sales/carts")
            expect(made.status == 201, f"a new cart: {made}")
            fields = {"Souk-Cart": made.json["token"]}
        item = f"/sales/carts/mine/items/{self.product}"
        put = self.insist(client, PATIENCE, "PUT", item, {"quantity": quantity}, fields=fields)
        expect(put.status == 200, f"an item: {put}")
        if visitor:
            # An address of its own for each cart, because the orders of one are limited.
            email = {"email": f"{fields['Souk-Cart']}@example.com"}
            changed = self.insist(client, PATIENCE, "PATCH", "/sales/carts/mine", email, fields=fields)
            expect(changed.status == 200, f"an address: {changed}")
        return fields

    def check_out(self, client, body, fields):
        client = self.copy(client)
        answer = self.insist(client, PATIENCE, "POST", "/sales/carts/mine/checkout", body, fields=fields)
        client.hang_up()
        expect(answer.status in (200, 201) or answer.json["code"] == "quota_exceeded", f"a checkout: {answer}")
        return answer

    def verify(self):
        if self.failures:
            raise self.failures[0]
        look = self.shop.look
        stored = dict(look("SELECT order_id, SUM(quantity) FROM order_lines GROUP BY order_id"))
        expect(stored == self.orders, "orders that were acknowledged are not those that are there")
        carts = look("SELECT order_id FROM carts WHERE order_id IS NOT NULL")
        expect(sorted(row[0] for row in carts) == sorted(stored), "an order has no cart, or two")
        left = look("SELECT stock FROM products WHERE id = ?", self.product)[0][0]
        sold = look("SELECT SUM(quantity - refunded_quantity) FROM order_lines")[0][0]
        expect(left + sold == STOCK, f"{STOCK} units became {left} in stock and {sold} sold")
        guests = look("SELECT COUNT(*) FROM orders JOIN customers ON customers.id = customer_id WHERE guest_email IS NOT NULL")
        return (f"{len(stored)} carts became one order each, {guests[0][0]} of them of visitors; {self.open} stayed open; "
                f"{self.retries} tries failed")


SETTINGS = {"SOUK_PAYMENT_METHODS": "wallet bank_transfer", "SOUK_TRANSFER_HOLD_SECONDS": "1",
            "SOUK_ACCESS_TOKEN_SECONDS": "86400"}


def run(trial):
    on_each_engine(trial, lambda shop, engine: attack(trial, shop, engine), SETTINGS)


def attack(trial, shop, engine):
    kills, wanted, begin = 0, trial.pick(75, 5), time.monotonic()
    with Carts(shop, trial, count=4) as carts:
        while kills < wanted and not carts.failures:
            before = len(carts.orders)
            time.sleep(trial.random.uniform(0.3, 1.3))
            # A responder that ends again and again is restarted after up to two seconds.
            eventually(30, lambda: len(carts.orders) > before or carts.failures, "a cart is checked out")
            shop.kill("salesd")
            kills += 1
    pending = "SELECT COUNT(*) FROM orders WHERE status = 'pending'"
    eventually(30, lambda: shop.look(pending)[0][0] == 0, "all orders are paid or expired")
    sentence = carts.verify()
    shop.check()
    trial.say(f"{engine}: {kills} kills in {time.monotonic() - begin:.0f} s; {sentence}")
