"""Malformed FastCGI records on the responders' sockets: a crash in libfcgi ends in a restart, and nothing is lost."""

import contextlib
import random
import select
import socket
import struct
import threading
import time

from load import Load
from shop import DAEMONS, eventually, expect, open_shop

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, GET_VALUES = 1, 2, 3, 4, 5, 6, 9
# Valid requests for each responder, which the scenario then modifies.
REQUESTS = {
    "customersd": [("GET", "/customers/c1", b""), ("POST", "/customers/login", b'{"username":"c1","password":"x"}')],
    "inventoryd": [("GET", "/inventory?q=pen", b""), ("POST", "/inventory/1/stock", b'{"delta":1,"reason":"torture"}')],
    "salesd": [("GET", "/sales", b""), ("POST", "/sales", b'{"items":[{"product_id":1,"quantity":1}]}')],
    "reviewsd": [("GET", "/reviews?limit=2", b""), ("POST", "/reviews", b'{"product_id":1,"rating":5}')],
}


def run(trial):
    with open_shop() as shop:
        with Load(shop, trial, buyers=4, clerks=2, pause=0.02) as load:
            assaults = [Assault(trial, shop, program) for program in DAEMONS]
            threads = [threading.Thread(target=assault.guarded) for assault in assaults]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            faults = [assault.fault for assault in assaults if assault.fault]
            if faults:
                raise faults[0]
        books = load.verify()
        sent = sum(assault.sent for assault in assaults)
        restarts = [seconds for assault in assaults for seconds in assault.restarts]
        trial.say(f"{sent} connections with malformed records, {sum(assault.answered for assault in assaults)} answered; "
                  f"{len(restarts)} deaths" + (f", the slowest restart {max(restarts):.2f} s" if restarts else ""))
        trial.say(f"meanwhile through nginx: {books}")
        for program in DAEMONS:
            endless(trial, shop, program)
        shop.check()


def record(kind, content=b"", identity=1, version=1, length=None, padding=None):
    """A record of FastCGI 1.0 section 3.3, by default padded to a multiple of eight bytes."""
    padding = -len(content) % 8 if padding is None else padding
    length = len(content) if length is None else length
    return struct.pack("!BBHHBx", version, kind, identity, length, padding) + content + bytes(padding)


def pair(name, value):
    """A parameter, §3.4."""
    length = lambda text: bytes([len(text)]) if len(text) < 128 else struct.pack("!I", len(text) | 1 << 31)
    return length(name) + length(value) + name + value


def parameters(method, path, body):
    return [pair(b"REQUEST_METHOD", method.encode()), pair(b"REQUEST_URI", path.encode()), pair(b"CONTENT_TYPE", b"application/json"),
            pair(b"CONTENT_LENGTH", b"%d" % len(body)), pair(b"HTTP_USER_AGENT", b"torture")]


def spoil(dice, method, path, body):
    """The records of a request with one to three faults."""
    pairs = parameters(method, path, body)
    for _ in range(dice.randrange(2)):
        # A length that exceeds the content, in one byte or four.
        huge = dice.choice([b"\x7f", b"\xff\xff\xff\xff", b"\x80\x00\x00\x00", b"\xc0\x00\x00\x00", b"\x80\x01\x00\x00"])
        pairs.insert(dice.randrange(len(pairs) + 1), dice.choice([huge + b"\x01ab", b"\x01" + huge + b"ab", huge + huge]))
    records = [record(BEGIN, bytes([0, dice.choice([1, 1, 1, 0, 2, 255]), dice.choice([0, 1, 255])] + [0] * 5)),
               record(PARAMS, b"".join(pairs)), record(PARAMS)]
    records += [record(STDIN, body)] * bool(body) + [record(STDIN)]
    for _ in range(dice.randint(1, 2)):
        where = dice.randrange(len(records) + 1)
        what = dice.randrange(9)
        if what == 0:
            records.insert(where, record(dice.randrange(256), dice.randbytes(dice.randrange(40)), dice.choice([0, 1, 2, 65535])))
        elif what == 1:
            records.insert(where, record(dice.choice([PARAMS, STDIN]), b"ab", length=dice.choice([0, 1, 3, 65535]), padding=dice.randrange(256)))
        elif what == 2:
            records.insert(where, record(ABORT))
        elif what == 3:
            records[where:where] = [record(GET_VALUES, pair(b"FCGI_MAX_CONNS", b""), identity=0)] * dice.randint(1, 6)
        elif what == 4:
            records.insert(where, record(BEGIN, bytes([0, 1, 1] + [0] * 5), identity=2))
        elif what == 5:
            del records[min(where, len(records) - 1)]
        elif what == 6:
            # Each parameter in a record of its own, and those of another request between them.
            records[1:2] = [part for one in pairs for part in (record(PARAMS, one), record(PARAMS, one, identity=2))]
        elif what == 7:
            dice.shuffle(records)
        else:
            records += [record(STDIN, bytes(1024))] * dice.randint(1, 200)
    whole = bytearray(b"".join(records))
    for _ in range(dice.choice([0, 0, 1, 3, 10])):
        whole[dice.randrange(min(len(whole), 200))] = dice.randrange(256)
    return bytes(whole[:dice.randrange(len(whole))] if dice.random() < 0.2 else whole)


def connect(shop, program):
    # A short path, because the paths of sockets are limited to 107 bytes.
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(5)
    client.connect(f"{shop.home}/run/{program[:-1]}.sock")
    return client


class Assault:
    """Malformed requests to one responder, one after another."""

    def __init__(self, trial, shop, program):
        self.shop, self.program, self.dice = shop, program, random.Random(f"{trial.seed}/{program}")
        self.count, self.end = trial.pick(2500, 150), time.monotonic() + trial.pick(25, 8)
        self.sent = self.answered = 0
        self.restarts, self.fault = [], None

    def guarded(self):
        try:
            while self.sent < self.count and time.monotonic() < self.end:
                self.attack()
        except Exception as fault:
            self.fault = fault

    def attack(self):
        pid = self.shop.pid(self.program)
        data = spoil(self.dice, *self.dice.choice(REQUESTS[self.program]))
        with contextlib.suppress(OSError), connect(self.shop, self.program) as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            if select.select([client], [], [], 0.05)[0]:
                self.answered += client.recv(65536)[1:2] == bytes([STDOUT])
        self.sent += 1
        if not lives(pid):
            self.restarts.append(eventually(30, self.is_back, f"{self.program} answers again after {data[:200]!r}"))
            # A program that dies within a second of its start is restarted with a growing delay, which is not measured here.
            time.sleep(1)

    def is_back(self):
        return lives(self.shop.pid(self.program)) and ask(self.shop, self.program)


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return ") Z " not in stat.read()
    except OSError:
        return False


def ask(shop, program):
    """Whether a valid request gets a response."""
    method, path, body = REQUESTS[program][0]
    with contextlib.suppress(OSError), connect(shop, program) as client:
        client.sendall(record(BEGIN, bytes([0, 1] + [0] * 6)) + record(PARAMS, b"".join(parameters(method, path, body)))
                       + record(PARAMS) + record(STDIN))
        return client.recv(65536)[1:2] == bytes([STDOUT])
    return False


def endless(trial, shop, program):
    """Endless parameters, and then an endless body: memory must be bounded."""
    pid, before = shop.pid(program), shop.memory_mb(program)
    head = record(BEGIN, bytes([0, 1] + [0] * 6))
    many = record(PARAMS, b"".join(pair(b"N%06d" % number, bytes(100)) for number in range(500)))
    large = record(PARAMS, struct.pack("!BI", 1, 1 << 30 | 1 << 31) + b"N" + bytes(50_000)), record(PARAMS, bytes(60_000))
    body = record(PARAMS, b"".join(parameters("POST", "/", b""))) + record(PARAMS), record(STDIN, bytes(60_000))
    highest, sent = before, 0
    for first, then in ((head + many, many), (head + large[0], large[1]), (head + body[0], body[1])):
        with contextlib.suppress(OSError), connect(shop, program) as client:
            client.sendall(first)
            end = time.monotonic() + 2
            for _ in range(trial.pick(2000, 500)):
                client.sendall(then)
                sent += len(then)
                if time.monotonic() > end:
                    break
            if shop.pid(program) == pid:
                highest = max(highest, shop.memory_mb(program))
    eventually(30, lambda: ask(shop, program), f"{program} answers after what does not end")
    expect(shop.pid(program) == pid, f"{program} died of an endless request")
    trial.say(f"{program}: read {sent / 1e6:.0f} MB of endless parameters and bodies, memory {before:.0f} to {highest:.0f} MB")
    expect(highest < before + 32, f"memory of {program} grows without a bound: {before:.0f} to {highest:.0f} MB")
