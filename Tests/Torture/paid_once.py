"""One message of Stripe 50 times at once while salesd is killed: one credit and one paid order."""

import contextlib
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time

from load import NOT_NOW, Crowd
from postgres import open_shop_on_server
from shop import TOP, Client, at_once, eventually, expect, open_shop
from torture import Skipped

COPIES, PRICE = 50, 1000
SECRET = "whsec_of_the_torture_tests"


@contextlib.contextmanager
def open_stripe():
    """The imitation of Stripe of the tests in Swift; yields the settings of a shop that uses it, and a client."""
    with tempfile.TemporaryDirectory(prefix="souk-stripe-", dir="/tmp") as folder:
        for name, text in (("key", "sk_test_1"), ("secret", SECRET)):
            with open(f"{folder}/{name}", "w") as file:
                file.write(text)
        script = f"{TOP}/Tests/PaymentsTests/servers/stripe.py"
        # It ends with its standard input.
        with subprocess.Popen([sys.executable, script, folder], stdin=subprocess.PIPE) as server:
            eventually(20, lambda: os.path.exists(f"{folder}/stripe.json"), "the imitation of Stripe starts")
            with open(f"{folder}/stripe.json") as file:
                port = json.load(file)["port"]
            settings = {
                "SOUK_PAYMENT_METHODS": "wallet card", "SOUK_STRIPE_KEY_FILE": f"{folder}/key",
                "SOUK_STRIPE_WEBHOOK_SECRET_FILE": f"{folder}/secret", "SOUK_STRIPE_URL": f"http://127.0.0.1:{port}",
                "SOUK_ACCESS_TOKEN_SECONDS": "86400",
            }
            try:
                yield settings, Client(port)
            finally:
                server.stdin.close()


def signature(body):
    """The field `Stripe-Signature` for a message."""
    now = str(int(time.time()))
    code = hmac.new(SECRET.encode(), now.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={now},v1={code}"


def deliver(shop, body, field):
    """Delivers a message until the shop accepts it, as Stripe does; returns what became of it, and the failed tries."""
    client, failed = shop.visitor(), 0
    while True:
        try:
            answer = client.send("POST", "/sales/payments/stripe", body, fields={"Stripe-Signature": field})
            if answer.status == 200:
                client.hang_up()
                return answer.json["result"], failed
            expect(answer.status in NOT_NOW, f"message: {answer}")
        except (OSError, http.client.HTTPException):
            pass
        failed += 1
        expect(failed < 2000, "a message is never accepted")
        time.sleep(0.02)


def pay(trial, shop, stripe, buyer, product, number):
    """Orders by card, and delivers the message about the payment; returns its number and the failed tries."""
    # salesd may still be starting after the last kill.
    insist = Crowd(shop, trial).insist
    answer = insist(buyer, 2000, "POST", "/sales", {
        "items": [{"product_id": product, "quantity": 1}],
        "payment": {"method": "card", "return_url": "https://shop.example"}}, key=f"order {number}")
    expect(answer.status == 201, f"order: {answer}")
    order = answer.json
    payment = order["payments"][0]["id"]
    page = insist(buyer, 2000, "GET", f"/sales/payments/{payment}?wait=20", key=None).json["url"]
    body = stripe.send("POST", "/_pay", {"session": page.rpartition("/")[2]}).body
    field, early, answers = signature(body), trial.random.randrange(COPIES // 2), []

    def kill():
        """Kills salesd after a few answers."""
        while len(answers) < early:
            time.sleep(0.0005)
        shop.kill("salesd")

    at_once([kill] + [lambda: answers.append(deliver(shop, body, field))] * COPIES)
    results = [result for result, _ in answers]
    expect(len(results) == COPIES, f"order {order['id']}: {len(results)} answers")
    # None, if salesd was killed between the commit and the answer.
    expect(results.count("applied") <= 1, f"order {order['id']} was paid {results.count('applied')} times")
    expect(set(results) <= {"applied", "duplicate"}, f"order {order['id']}: {set(results)}")
    return payment, sum(failed for _, failed in answers)


def verify(shop, payments):
    """Each payment has one event, one credit and one paid order; all of them are there."""
    total = {
        "orders": "SELECT COUNT(*) FROM orders WHERE status = 'paid' AND payment_status = 'paid'",
        "payments": "SELECT COUNT(*) FROM payments WHERE status = 'captured'",
        "messages": "SELECT COUNT(*) FROM payment_events WHERE change = 'captured'",
        "credits": f"SELECT COUNT(*) FROM wallet_entries WHERE kind = 'paid_in' AND amount = {PRICE}",
        "debits": f"SELECT COUNT(*) FROM wallet_entries WHERE kind = 'purchase' AND amount = -{PRICE}",
        "timelines": "SELECT COUNT(*) FROM order_events WHERE status = 'paid'",
    }
    counts = {name: shop.look(sql)[0][0] for name, sql in total.items()}
    expect(set(counts.values()) == {len(payments)}, f"{len(payments)} payments became {counts}")
    credited = shop.look("SELECT payment_id FROM wallet_entries WHERE kind = 'paid_in' ORDER BY payment_id")
    expect([row[0] for row in credited] == sorted(payments), "a payment was credited twice")
    shop.check()


def attack(trial, shop, stripe, engine):
    begin, boss, rounds = time.monotonic(), shop.boss(), trial.pick(40, 6)
    buyer, = shop.buyers(1)
    product = shop.product(boss, stock=rounds, price=PRICE)
    done = [pay(trial, shop, stripe, buyer, product, number) for number in range(rounds)]
    verify(shop, [payment for payment, _ in done])
    trial.say(f"{engine}: {rounds} messages, each {COPIES} times at once, and {rounds} kills in "
              f"{time.monotonic() - begin:.0f} s; {sum(failed for _, failed in done)} tries failed; each order was paid once")


def run(trial):
    with open_stripe() as (settings, stripe), open_shop(settings) as shop:
        attack(trial, shop, stripe, "SQLite")
    try:
        with open_stripe() as (settings, stripe), open_shop_on_server(settings) as shop:
            attack(trial, shop, stripe, "PostgreSQL")
    except Skipped as reason:
        trial.say(f"not on PostgreSQL: {reason}")
