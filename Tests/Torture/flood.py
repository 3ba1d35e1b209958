"""Log flood: requests of several kilobytes as fast as one address can send them; the log grows by a bounded number of bytes a second."""

import contextlib
import os
import time

import wire
from shop import at_once, expect, open_shop

# Requests within the limit of one address (burst 200, then 100 a second), and one in 100 of the others, at most
# 1 KiB each.
PER_SECOND, BURST, LINE = 100, 200, 1024
LONG, CONTROL = "a\"\\" * 1200, "\x01\x1f\"" * 1000
FLOODS = {
    "products": f"GET /inventory?q={LONG} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {CONTROL}\r\n\r\n",
    "unknown paths": f"GET /{LONG} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {CONTROL}\r\n\r\n",
    "unknown hosts": f"GET /{LONG} HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: {CONTROL}\r\n\r\n",
    "bad lines": f"GET /{LONG} HTTP/9.1\r\nHost: localhost\r\n\r\n",
}


def run(trial):
    for name, request in FLOODS.items():
        with open_shop(limits="on") as shop:
            flood(trial, shop, name, request.encode())


def flood(trial, shop, name, request):
    """Four clients of one address send for some seconds."""
    logs = [f"{shop.home}/log/{log}" for log in os.listdir(f"{shop.home}/log")]
    before = sum(os.path.getsize(log) for log in logs)
    begin = time.monotonic()
    end = begin + trial.pick(5, 2)
    sent = sum(at_once([lambda: send(shop.port, request, end)] * 4))
    seconds = time.monotonic() - begin
    # nginx writes its buffer once a second.
    time.sleep(1.5)
    written = sum(os.path.getsize(log) for log in logs) - before
    bound = LINE * (BURST + PER_SECOND * (seconds + 1) + sent / 50)
    trial.say(f"{name}: {sent / seconds:.0f} requests a second ({sent * len(request) / seconds / 1e6:.0f} MB/s) add "
              f"{written / seconds / 1e3:.0f} kB/s to all logs")
    expect(sent > 500, f"{name}: only {sent} requests are answered")
    expect(0 < written < bound, f"{name}: {written} bytes of log in {seconds:.1f} s, at most {bound:.0f} expected")
    expect(written / seconds < 1e6, f"{name}: {written / seconds:.0f} bytes of log a second")


def send(port, request, end):
    """Sends twenty at a time until `end`: how many were answered."""
    count = 0
    while time.monotonic() < end:
        client = wire.Wire(port)
        with contextlib.suppress(OSError, wire.Closed):
            client.send(request * 20)
            for _ in range(20):
                # The response to a bad request closes the connection.
                if client.socket is None:
                    break
                client.read()
                count += 1
        client.hang_up()
    return count
