"""1,000 webhooks of which most do not answer: those that do get each message without waiting for the others."""

import json
import time

from engines import on_each_engine
from events import open_receiver
from shop import eventually, expect

# A silent receiver occupies a thread of the courier for ten seconds.
SILENT = 990
GOOD = 10


def run(trial):
    def attacked(shop, engine):
        with open_receiver(shop) as receiver:
            attack(trial, shop, receiver, engine)

    on_each_engine(trial, attacked, {"SOUK_WEBHOOK_HOSTS": "127.0.0.1", "SOUK_ACCESS_TOKEN_SECONDS": "86400"})


def attack(trial, shop, receiver, engine):
    boss, silent = shop.boss(), trial.pick(SILENT, 90)

    def create(path):
        url = f"http://127.0.0.1:{receiver.port}/{path}"
        boss.ask(201, "POST", "/webhooks", {"url": url, "types": ["product.created"]})

    for number in range(GOOD):
        create(f"ok/{number}")
    shop.product(boss, stock=1)
    eventually(20, lambda: len(good(receiver)) == GOOD, "the good receivers have got the first message")
    for number in range(silent):
        create(f"silent/{number}")
    shop.product(boss, stock=1)
    eventually(30, lambda: len(good(receiver)) == 2 * GOOD, "the good receivers have got the second message")
    # Until the courier has waited for silent receivers with as many threads as it may.
    time.sleep(trial.pick(40, 15))
    # nginx has closed the idle connection.
    boss.hang_up()
    slowest = 0.0
    for number in range(3, 13):
        begin = time.time()
        shop.product(boss, stock=1)
        eventually(30, lambda: len(good(receiver)) == number * GOOD, f"the good receivers have got message {number}")
        slowest = max(slowest, max(good(receiver)[-GOOD:]) - begin)
    jobs = shop.souk("jobs", "list", "--limit", "100000").stdout.count("\n")
    trial.say(f"{engine}: {silent} silent and {GOOD} good receivers: the slowest of 100 messages took {slowest:.2f} s; "
              f"{jobs} messages wait")
    expect(slowest < 5, "silent receivers delay the others")
    shop.check()


def good(receiver):
    """The times of the messages that good receivers got, in order."""
    try:
        with open(f"{receiver.folder}/received") as file:
            lines = [json.loads(line) for line in file if line.endswith("\n")]
    except FileNotFoundError:
        return []
    return sorted(line["at"] for line in lines if line["path"].startswith("/ok/"))
