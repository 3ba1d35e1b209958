"""usage: load.py STOP [buy] [no-reviews]

Six clients ask the shop for its three public lists, and with `buy` also buy one product a time with
the tokens of /mnt/tokens, until the file STOP is there. `no-reviews` leaves the reviews out. Each request has a connection of its own: one
that is kept may rightly be closed by nginx. Prints what was asked, lost and sold.
"""
import http.client
import itertools
import json
import os
import sys
import threading
import time
import uuid

stop, buys = sys.argv[1], "buy" in sys.argv[2:]
tokens = open("/mnt/tokens").read().split() if buys else []
paths = ["/inventory?limit=5", "/reviews?limit=5", "/inventory/1", "/customers/nobody"]
if "no-reviews" in sys.argv[2:]:
    paths.remove("/reviews?limit=5")
lock = threading.Lock()
asked, sold, lost = [], [], []
end = time.monotonic() + 120


def ask(method, path, body=None, headers={}):
    connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=40)
    try:
        connection.request(method, path, body, {"Host": "shop.example.org", **headers})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except OSError as error:
        return repr(error)
    except http.client.HTTPException as error:
        return repr(error)
    finally:
        connection.close()


def client(number):
    for turn in itertools.count():
        if os.path.exists(stop) or time.monotonic() > end:
            return
        begun = time.monotonic()
        if buys and turn % 2:
            order = json.dumps({"items": [{"product_id": turn % 400 + 1, "quantity": 1}]})
            fields = {
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid.uuid4()),
                "Authorization": "Bearer " + tokens[number % len(tokens)],
            }
            status = ask("POST", "/sales", order, fields)
            good = status == 201
        else:
            path = paths[(turn + number) % len(paths)]
            status = ask("GET", path)
            good = status == (401 if path.startswith("/customers") else 200)
        with lock:
            asked.append(time.monotonic() - begun)
            if good and status == 201:
                sold.append(1)
            if not good:
                lost.append(status)
        time.sleep(0.008)


threads = [threading.Thread(target=client, args=(number,)) for number in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(asked), len(lost), len(sold), round(max(asked) * 1000), *sorted(set(map(str, lost))))
