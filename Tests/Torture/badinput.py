"""Malformed requests, and those that schemathesis generates from openapi.yaml: no 5xx, no crash, no growth of memory."""

import collections
import contextlib
import copy
import json
import multiprocessing
import os
import random
import signal
import subprocess

import wire
from shop import DAEMONS, TOP, expect, open_shop

# Valid requests, which the scenario then modifies.
REQUESTS = [
    ("POST", "/customers", {"username": "nadia", "password": "correct horse", "full_name": "N", "age": 30, "gender": "female"}),
    ("GET", "/customers?q=c&role=customer&status=active&limit=5", None), ("GET", "/customers/c1", None),
    ("PATCH", "/customers/c1", {"full_name": "C", "age": 40, "address": "7 Mint Street"}),
    ("POST", "/customers/c1/wallet/credit", {"amount": 5, "note": "cash"}), ("GET", "/customers/c1/wallet/entries?limit=3", None),
    ("POST", "/customers/c1/wallet/debit", {"amount": 1}), ("GET", "/customers/c1/export", None),
    ("PUT", "/customers/c2/status", {"status": "active"}), ("POST", "/customers/refresh", {"refresh_token": "x" * 43}),
    ("GET", "/wishlist", None), ("PUT", "/wishlist/1", None), ("DELETE", "/wishlist/1", None),
    ("GET", "/inventory?q=pen&category=pens&min_price=1&max_price=9&in_stock=true&sort=-price&limit=5", None),
    ("POST", "/inventory", {"name": "pen", "category": "pens", "price": 1, "sku": "P-1", "stock": 5, "low_stock": 2}),
    ("GET", "/inventory/1", None), ("PATCH", "/inventory/1", {"price": 2, "description": "blue"}),
    ("POST", "/inventory/1/stock", {"delta": 3, "reason": "counted"}), ("GET", "/inventory/1/movements?limit=4", None),
    ("GET", "/inventory/low-stock", None), ("GET", "/inventory/archived", None),
    ("POST", "/inventory/1/restore", None), ("GET", "/inventory/categories", None),
    ("POST", "/sales", {"items": [{"product_id": 1, "quantity": 1}], "expected_total": 1}),
    ("GET", "/sales?username=c1&status=paid&from=2026-01-01T00:00:00Z&limit=3", None), ("GET", "/sales/1", None),
    ("POST", "/sales/1/ship", None), ("POST", "/sales/1/refund", {"items": [{"product_id": 1, "quantity": 1}], "restock": True, "reason": "r"}),
    ("GET", "/sales/reports/daily?from=2026-01-01&to=2026-02-01", None), ("GET", "/sales/reports/top-products", None),
    ("POST", "/reviews", {"product_id": 1, "rating": 5, "title": "t", "comment": "c"}),
    ("GET", "/reviews?product_id=1&sort=-helpful&limit=2", None), ("GET", "/reviews/summary?product_id=1", None),
    ("PATCH", "/reviews/1", {"rating": 4}), ("POST", "/reviews/1/reject", {"reason": "no"}), ("PUT", "/reviews/1/vote", None),
    ("PUT", "/reviews/1/reply", {"text": "thanks"}), ("POST", "/reviews/1/flag", {"reason": "spam"}),
]
NASTY = [None, True, 0, -1, 1.5, 1e308, 2**63 - 1, 2**63, -2**63, 10**40, "", " ", "0", "a" * 6000, "\0", "é́\u202e", "\U0001f4a9", "'; DROP",
         [], {}, [[[[[]]]]], {"a": {"b": None}}, "2026-13-45", "%00", "../..", "NaN"]
BYTES = [b"", b"{", b"[" * 5000, b'{"a":1,"a":2}', b"\xff\xfe", b"\xed\xa0\x80", b'"\\ud800"', b"1e999", b"nul", b"{}" * 9, b" " * 4000]
QUERY = ["%", "%zz", "%00", "%ff", "a" * 3000, "=&=&", "limit=0", "limit=-1", "limit=1e9", "after=x", "q=%22%2a%28", "dry_run=true", "dry_run=2"]
FIELDS = [("Authorization", "Bearer x.y.z"), ("Authorization", "Basic eA=="), ("Idempotency-Key", "k"), ("Idempotency-Key", "é".encode()),
          ("If-Match", '"x"'), ("If-Match", "*"), ("If-None-Match", 'W/"a", *'), ("Content-Type", "text/plain"), ("User-Agent", "a" * 2000)]


def run(trial):
    with open_shop({"SOUK_ACCESS_TOKEN_SECONDS": "86400"}) as shop:
        boss, (buyer, _) = shop.boss(), shop.buyers(2)
        shop.product(boss, stock=1000)
        before = {program: shop.pid(program) for program in DAEMONS}
        tokens = [boss.token, buyer.token, None]
        # By then, libraries and caches have allocated their memory.
        made = spoilers(trial, shop, tokens, "first", trial.pick(10_000, 1000))
        warm = {program: shop.memory_mb(program) for program in DAEMONS}
        with schemathesis(trial, shop, boss.token) as generated:
            made += spoilers(trial, shop, tokens, "beside", trial.pick(60_000, 1500))
        made += spoilers(trial, shop, tokens, "last", trial.pick(100_000, 2500) - sum(made.values()) - generated())
        expect(before == {program: shop.pid(program) for program in DAEMONS}, f"a daemon died: {shop.said}")
        shown = " ".join(f"{status}:{count}" for status, count in sorted(made.items()))
        trial.say(f"{sum(made.values())} malformed requests and {generated()} by schemathesis, no 5xx, no crash ({shown})")
        growth = {program: shop.memory_mb(program) - warm[program] for program in DAEMONS}
        trial.say("memory since the first tenth: " + ", ".join(f"{name} {mb:+.1f} MB" for name, mb in growth.items()))
        expect(max(growth.values()) < 24, f"memory grows: {growth}")
        shop.check()


@contextlib.contextmanager
def schemathesis(trial, shop, token):
    """Sends valid and invalid requests that schemathesis generates from openapi.yaml; yields a function that counts them."""
    program = f"{TOP}/.build/tools/schemathesis/bin/schemathesis"
    if not os.path.exists(program):
        trial.say("schemathesis is not installed (make/deps.sh), so it is skipped")
        yield lambda: 0
        return
    report = f"{shop.home}/schemathesis.out"
    # All checks: with --checks all, those that the file disables would run too. Without logout, which would end the session.
    # Without positive_data_acceptance, because openapi.yaml cannot list valid ids.
    command = [program, "--config-file", f"{TOP}/Tests/Torture/schemathesis.toml", "run", f"{TOP}/openapi.yaml",
               "--url", f"http://127.0.0.1:{shop.port}", "--exclude-path", "/customers/logout", "--exclude-checks", "positive_data_acceptance",
               "--phases", "examples,fuzzing,stateful",
               "--max-examples", str(trial.pick(50, 4)), "--max-time", str(trial.pick(90, 10)), "--no-shrink",
               "--seed", str(trial.random.randrange(10**6)), "--header", f"Authorization: Bearer {token}",
               "--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "30"]
    with open(report, "w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=shop.home, stdin=subprocess.DEVNULL)
        yield lambda: shop.requests_by("schemathesis")
        status = process.wait(300)
    with open(report) as out:
        expect(status == 0, f"schemathesis: {out.read()[-3000:]}")


def spoilers(trial, shop, tokens, name, count):
    """Two processes send `count` malformed requests together; returns the number of responses by status."""
    counts = [count // 2, count - count // 2]
    with multiprocessing.get_context("fork").Pool(2, initializer=end_by_sigterm) as pool:
        parts = pool.starmap(spoiler, [(shop.port, tokens, f"{trial.seed}/{name}/{number}", part) for number, part in enumerate(counts)])
    return sum(parts, collections.Counter())


def end_by_sigterm():
    """The handler of torture.py would not end a worker that is about to wait: the pool joins its workers."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def spoiler(port, tokens, seed, count):
    random_here, client, statuses = random.Random(seed), wire.Wire(port), collections.Counter()
    for _ in range(count):
        method, path, body, fields = spoil(random_here)
        request = wire.request(method, path, body, random_here.choice(tokens), fields=fields)
        status, _, content = client.ask(request, head_only=method == "HEAD")
        expect(status < 500, f"{request}: {status} {content[:300]}")
        statuses[status] += 1
    return statuses


def spoil(random):
    """A valid request with one to three changes."""
    method, path, body = copy.deepcopy(random.choice(REQUESTS))
    fields = {}
    for _ in range(random.randint(1, 3)):
        what = random.randrange(7)
        if what == 0:
            method = random.choice(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
        elif what == 1:
            path += ("&" if "?" in path else "?") + random.choice(QUERY)
        elif what == 2:
            path = path.replace("1", random.choice(["0", "-1", "9" * 30, "1.0", "%31", "a", "%2f", "1/1", "é".encode().hex()]), 1)
        elif what == 3:
            name, value = random.choice(FIELDS)
            fields[name] = value
        elif isinstance(body, dict) and body:
            name = random.choice(list(body))
            if what == 4:
                body[name] = random.choice(NASTY)
            elif what == 5:
                del body[name]
            else:
                body[random.choice(["x", name.upper(), ""])] = random.choice(NASTY)
        elif what == 4:
            body = random.choice(BYTES)
    if isinstance(body, dict) and random.random() < 0.2:
        body = bytearray(json.dumps(body).encode())
        for _ in range(random.randint(1, 4)):
            body[random.randrange(len(body))] = random.randrange(256)
        body = bytes(body[:random.randint(0, len(body))] if random.random() < 0.5 else body)
    return method, path, body, fields
