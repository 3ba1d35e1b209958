#!/usr/bin/env python3
"""usage: stripe.py FOLDER

An imitation of Stripe on 127.0.0.1: Checkout Sessions, Refunds and Events, as far as Souk calls them. Writes its port to
FOLDER/stripe.json. Ends when standard input ends.

Paths that begin with /_ belong to the tests: /_next says how the next calls of the API fail, /_pay pays a session, and
/_event makes an event. Both answer with the message that Stripe would send.
"""

import json
import os
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

lock = threading.Lock()
sessions, intents, refunds, events, replies, failures = {}, {}, {}, [], {}, []


class Refused(Exception):
    def __init__(self, status, code, message):
        self.status, self.error = status, {"type": "invalid_request_error", "code": code, "message": message}


def create_session(form):
    amount = int(form["line_items[0][price_data][unit_amount]"])
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
        "currency": form["line_items[0][price_data][currency]"], "payment_intent": None,
        "expires_at": int(form["expires_at"]), "url": f"https://checkout.stripe.test/c/pay/{number}",
        "metadata": {"souk_payment": form["metadata[souk_payment]"]},
    }
    return sessions[number]


def create_refund(form):
    intent = intents.get(form["payment_intent"])
    if intent is None:
        raise Refused(404, "resource_missing", "No such payment_intent.")
    amount = int(form["amount"])
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


def list_events(query):
    newest = [event for event in reversed(events) if event["created"] >= int(query.get("created[gte]", "0"))]
    if "starting_after" in query:
        numbers = [event["id"] for event in newest]
        newest = newest[numbers.index(query["starting_after"]) + 1:]
    page = newest[:int(query.get("limit", "10"))]
    return {"object": "list", "data": page, "has_more": len(newest) > len(page)}


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
        if path == "/v1/events":
            return self.reply(200, list_events(dict(urllib.parse.parse_qsl(query))))
        self.reply(200, {"sessions": len(sessions), "refunds": len(refunds)})

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path.startswith("/_"):
            order = json.loads(text)
            with lock:
                if self.path == "/_next":
                    failures.extend(order)
                    return self.reply(200, {})
                return self.reply(200, pay(order) if self.path == "/_pay" else make_event(order))
        with lock:
            failure = failures.pop(0) if failures else None
        if failure in (400, 401, 429, 500):
            return self.reply(failure, {"error": {"message": "as the test asked"}})
        status, value = self.once(text)
        # The call was carried out, and its caller does not learn it.
        if failure == "hang":
            time.sleep(3)
        if failure in ("hang", "drop"):
            self.close_connection = True
            return
        self.reply(status, value)

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
            form = dict(urllib.parse.parse_qsl(text))
            try:
                reply = 200, {"/v1/checkout/sessions": create_session, "/v1/refunds": create_refund}[self.path](form)
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
