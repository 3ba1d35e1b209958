#!/usr/bin/env python3
"""usage: stripe.py FOLDER

An imitation of Stripe on 127.0.0.1: Checkout Sessions, Refunds and Events, as far as Souk calls them. Writes its port to
FOLDER/stripe.json. Ends when standard input ends.

Paths that begin with /_ belong to the tests: /_next says how the next calls of the API fail, /_forget forgets the
idempotency keys, /_pay pays a session, and /_event makes an event. The last two answer with the message that Stripe would
send. The header field Test-Time is the time of a call in seconds, if the test has a clock of its own.
"""

import json
import os
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# https://docs.stripe.com/currencies: amounts in hundredths of these must end with 00, in thousandths with 0.
HUNDREDTHS, THOUSANDTHS = {"isk", "ugx"}, {"bhd", "jod", "kwd", "omr", "tnd"}

lock = threading.Lock()
sessions, intents, refunds, events, replies, failures = {}, {}, {}, [], {}, []


class Refused(Exception):
    def __init__(self, status, code, message):
        self.status, self.error = status, {"type": "invalid_request_error", "code": code, "message": message}


def require_whole(amount, currency):
    step = 100 if currency in HUNDREDTHS else 10 if currency in THOUSANDTHS else 1
    if amount % step:
        raise Refused(400, "invalid_amount", f"Amounts in {currency} must be multiples of {step}.")


def create_session(form, now):
    amount = int(form["line_items[0][price_data][unit_amount]"])
    currency, end = form["line_items[0][price_data][currency]"], int(form["expires_at"])
    require_whole(amount, currency)
    if not 30 * 60 <= end - now <= 24 * 60 * 60:
        raise Refused(400, "invalid_expires_at", "`expires_at` must be between 30 minutes and 24 hours from now.")
    if form.get("mode") != "payment" or amount < 1:
        raise Refused(400, "parameter_invalid", "Invalid mode or amount.")
    if amount > 99999999:
        raise Refused(400, "amount_too_large", "Amount must be no more than 999,999.99.")
    if not form["success_url"].startswith(("https://", "http://")):
        raise Refused(400, "url_invalid", "Not a valid URL")
    number = f"cs_test_{len(sessions) + 1}"
    sessions[number] = {
        "id": number, "object": "checkout.session", "livemode": False, "mode": "payment", "status": "open",
        "payment_status": "unpaid", "client_reference_id": form["client_reference_id"], "amount_total": amount,
        "currency": currency, "payment_intent": None, "expires_at": end,
        # Without types, Stripe offers those of the account.
        "payment_method_types": [form.get(f"payment_method_types[{n}]") for n in range(9)
                                 if f"payment_method_types[{n}]" in form] or ["card", "sepa_debit"], "url": f"https://checkout.stripe.test/c/pay/{number}",
        "metadata": {"souk_payment": form["metadata[souk_payment]"]},
    }
    return sessions[number]


def create_refund(form, now):
    intent = intents.get(form["payment_intent"])
    if intent is None:
        raise Refused(404, "resource_missing", "No such payment_intent.")
    amount = int(form["amount"])
    require_whole(amount, intent["currency"])
    if intent["amount_refunded"] + amount > intent["amount"]:
        raise Refused(400, "charge_already_refunded", "The refund is larger than what is left of the charge.")
    intent["amount_refunded"] += amount
    number = f"re_{len(refunds) + 1}"
    refunds[number] = {
        "id": number, "object": "refund", "amount": amount, "currency": intent["currency"], "status": "succeeded",
        "payment_intent": intent["id"],
        "metadata": {key: form[f"metadata[{key}]"] for key in ("souk_payment", "souk_refund")},
    }
    return refunds[number]


def add_event(kind, item, livemode=False):
    event = {
        "id": f"evt_{len(events) + 1}", "object": "event", "api_version": "2025-03-31.basil", "type": kind,
        "created": int(time.time()), "livemode": livemode, "data": {"object": json.loads(json.dumps(item))},
    }
    events.append(event)
    return event


def pay(order):
    """Pays a session; the amount, the currency and the mode may differ from what was asked for."""
    session = sessions[order["session"]]
    number = f"pi_{len(intents) + 1}"
    intents[number] = {
        "id": number, "amount": order.get("amount", session["amount_total"]), "amount_refunded": 0,
        "currency": order.get("currency", session["currency"]), "ref": session["client_reference_id"],
    }
    session.update(
        status="complete", payment_status=order.get("payment_status", "paid"), payment_intent=number,
        amount_total=intents[number]["amount"], currency=intents[number]["currency"])
    return add_event(order.get("type", "checkout.session.completed"), session, order.get("livemode", False))


def make_event(order):
    kind = order["type"]
    if kind.startswith("checkout."):
        return add_event(kind, sessions[order["session"]])
    if kind == "refund.failed":
        made = refunds.get(order.get("refund"))
        if made:
            made["status"] = "failed"
        item = made or {
            "id": order["refund"], "object": "refund", "amount": order["amount"], "currency": "usd",
            "payment_intent": order["intent"], "metadata": {},
        }
        return add_event(kind, dict(item, status="failed"))
    intent = intents[order["intent"]]
    if kind == "charge.refunded":
        intent["amount_refunded"] = order.get("total", intent["amount_refunded"])
        return add_event(kind, {
            "id": "ch_1", "object": "charge", "amount": intent["amount"], "currency": intent["currency"],
            "amount_refunded": intent["amount_refunded"], "payment_intent": intent["id"],
            "metadata": {"souk_payment": intent["ref"]},
        })
    return add_event(kind, {
        "id": order.get("dispute", "du_1"), "object": "dispute", "amount": order.get("amount", intent["amount"]),
        "currency": intent["currency"], "payment_intent": intent["id"], "status": order.get("status", "needs_response"),
        "metadata": {},
    })


def page(newest, query, most):
    """A page of a list; `most` is less than Stripe's 100, so that a test needs few items for two pages."""
    if "starting_after" in query:
        numbers = [item["id"] for item in newest]
        newest = newest[numbers.index(query["starting_after"]) + 1:]
    data = newest[:min(most, int(query.get("limit", "10")))]
    return {"object": "list", "data": data, "has_more": len(newest) > len(data)}


def list_events(query):
    since = int(query.get("created[gte]", "0"))
    # Stripe's sessions have many more members than Souk reads: such an event has about 6 kB.
    large = [dict(event, rest="x" * 6000) for event in reversed(events) if event["created"] >= since]
    return page(large, query, 100)


def list_refunds(query):
    return page([item for item in reversed(refunds.values()) if item["payment_intent"] == query["payment_intent"]], query, 3)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def reply(self, status, value, fields=()):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in fields:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def is_authentic(self):
        return self.headers["Authorization"].startswith("Bearer sk_test_") and self.headers["Stripe-Version"]

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path.startswith("/v1/") and not self.is_authentic():
            return self.reply(401, {"error": {"message": "Invalid API Key provided."}})
        lists = {"/v1/events": list_events, "/v1/refunds": list_refunds}
        if path in lists:
            with lock:
                failure = failures.pop(0) if failures else None
                if failure:
                    return self.reply(failure, {"error": {"message": "as the test asked"}})
                return self.reply(200, lists[path](dict(urllib.parse.parse_qsl(query))))
        if path.startswith("/_sessions/"):
            return self.reply(200, sessions[path.rpartition("/")[2]])
        self.reply(200, {"sessions": len(sessions), "refunds": len(refunds)})

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path.startswith("/_"):
            order = json.loads(text)
            with lock:
                if self.path == "/_next":
                    failures.extend(order)
                    return self.reply(200, {})
                if self.path == "/_forget":
                    replies.clear()
                    return self.reply(200, {})
                return self.reply(200, pay(order) if self.path == "/_pay" else make_event(order))
        with lock:
            failure = failures.pop(0) if failures else None
        if failure in (400, 401, 429, 500):
            return self.reply(failure, {"error": {"message": "as the test asked"}})
        status, value = self.once(text)
        # A refund that ends at once.
        if failure == "failed":
            with lock:
                value["status"] = refunds[value["id"]]["status"] = "failed"
                intents[value["payment_intent"]]["amount_refunded"] -= value["amount"]
        # The call was carried out, and its caller does not learn it.
        if failure in ("hang", "late"):
            time.sleep(3)
        if failure in ("hang", "drop"):
            self.close_connection = True
            return
        try:
            self.reply(status, value)
        except OSError:
            # The caller of a late answer has gone.
            self.close_connection = True

    def once(self, text):
        """The answer to a call; a second one with the same key gets the first answer."""
        if not self.is_authentic():
            return 401, {"error": {"message": "Invalid API Key provided."}}
        key = self.headers["Idempotency-Key"]
        with lock:
            if key in replies:
                path, former, reply = replies[key]
                if (path, former) != (self.path, text):
                    message = "Keys for idempotent requests can only be used with the same parameters."
                    return 400, {"error": {"type": "idempotency_error", "message": message}}
                return reply
            form, now = dict(urllib.parse.parse_qsl(text)), int(self.headers["Test-Time"] or time.time())
            calls = {"/v1/checkout/sessions": create_session, "/v1/refunds": create_refund}
            try:
                reply = 200, calls[self.path](form, now)
            except Refused as refused:
                reply = refused.status, {"error": refused.error}
            reply = reply[0], json.loads(json.dumps(reply[1]))
            replies[key] = self.path, text, reply
            return reply


def main():
    folder = sys.argv[1]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(f"{folder}/stripe.json.new", "w") as file:
        json.dump({"port": server.server_address[1]}, file)
    os.rename(f"{folder}/stripe.json.new", f"{folder}/stripe.json")
    sys.stdin.read()


main()
