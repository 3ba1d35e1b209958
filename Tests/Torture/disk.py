"""A disk that is full, at its quota, read-only or broken: writes get 503 with a reason, reads work, and the shop recovers."""

import contextlib
import os
import subprocess
import tempfile
import time

import shop as shops
from shop import DAEMONS, eventually, expect, open_shop


def run(trial):
    if os.environ["TORTURE_MOUNTS"] == "yes":
        full(trial)
    else:
        trial.say("this machine allows no mount: the full disk is skipped; the quota has the same effect on the database")
    with open_shop() as shop:
        house = House(shop)
        house.suffers(trial, "a quota", quota(shop))
        for fault, inject in [
            ("a read-only file", "pwrite64:error=EROFS"),
            ("an fdatasync that fails", "fdatasync:error=EIO"),
            ("writes that fail", "pwrite64:error=EIO"),
        ]:
            house.suffers(trial, fault, injected(shop, inject))
        house.close(trial)


class House:
    """A shop, a buyer, and the responses that the buyer received."""

    def __init__(self, shop):
        self.shop = shop
        self.boss = shop.boss()
        self.buyer = shop.buyers(1)[0]
        self.product = shop.product(self.boss, stock=100_000)
        self.told = {}
        self.refused = []
        self.count = 0

    def buy(self, key=None):
        """One order under a new or an earlier key: acknowledged, or refused with a reason."""
        if key is None:
            self.count += 1
            key = f"sale {self.count}"
        answer = self.buyer.send("POST", "/sales", {"items": [{"product_id": self.product, "quantity": 1}]}, key=key)
        if answer.status == 201:
            self.told[key] = answer.json["id"]
            return True
        problem = answer.json
        expect(answer.status == 503 and problem["code"] == "unavailable" and answer.fields["Retry-After"],
               f"an order that cannot be written: {answer}")
        expect(answer.fields["Content-Type"] == "application/problem+json", "a refusal is a problem")
        self.refused.append(key)
        return False

    def reads(self):
        """Reads of a customer from all four responders, and anonymous reads, which nginx caches in files if the disk has room."""
        for path in (f"/inventory/{self.product}", "/inventory?q=pen", "/sales", "/customers/c1/wallet",
                     f"/reviews?product_id={self.product}"):
            self.buyer.ask(200, "GET", path)
        for path in (f"/inventory/{self.product}", "/inventory?limit=100", f"/reviews?product_id={self.product}"):
            self.shop.visitor().ask(200, "GET", path)

    def suffers(self, trial, fault, trouble):
        """Orders until a refusal, reads, and orders again after the fault has ended."""
        before = len(self.told)
        for _ in range(3):
            expect(self.buy(), f"before {fault} an order is refused")
        with trouble:
            eventually(30, lambda: not self.buy(), f"with {fault} an order is refused")
            for _ in range(3):
                self.buy()
            self.reads()
            for path, body in [("/customers/login", {"username": "c1", "password": "correct horse"}),
                               ("/customers", {"username": f"nadia{self.count}", "password": "correct horse", "full_name": "N"})]:
                answer = self.shop.visitor().send("POST", path, body)
                expect(answer.status in (200, 201, 503), f"{path} with {fault}: {answer}")
        took = eventually(30, self.buy, f"after {fault} an order succeeds")
        for key in self.refused:
            expect(self.buy(key), f"{key} is refused after {fault}")
        self.shop.check(f"after {fault}")
        trial.say(f"{fault}: {len(self.told) - before} orders acknowledged, {len(self.refused)} got 503 and succeeded with their "
                  f"keys afterwards, reads worked, the first order succeeded {took:.2f} s after the end")
        self.refused = []

    def close(self, trial):
        rows = self.shop.look("SELECT key, location FROM idempotency_keys WHERE key LIKE 'sale %'")
        expect({key: f"/sales/{sale}" for key, sale in self.told.items()} == dict(rows), "the keys and their orders differ")
        sales = self.shop.look("SELECT count(*) FROM orders")[0][0]
        expect(sales == len(self.told), f"{sales} orders, {len(self.told)} acknowledged")
        trial.say(f"{sales} orders acknowledged, and as many in the database")


def full(trial):
    """SOUK_HOME on a small disk, with database, logs and pid files. A responder is killed while the disk is full."""
    disk = tempfile.mkdtemp(prefix="souk-")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "souk", disk], check=True)
    try:
        with open_shop(below=disk) as shop:
            house = House(shop)
            house.suffers(trial, "a full disk", filled(shop, f"{disk}/filler"))
            house.close(trial)
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
        os.rmdir(disk)


@contextlib.contextmanager
def filled(shop, filler):
    with open(filler, "wb", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
    for program in DAEMONS:
        before = shop.pid(program)
        shop.kill(program)
        eventually(30, lambda: shop.pid(program) not in (0, before), f"{program} is started again on a full disk")
    eventually(30, lambda: all_answer(shop), "all four answer again on a full disk")
    try:
        yield
    finally:
        os.unlink(filler)


def all_answer(shop):
    visitor = shop.visitor(token="x.y.z")
    return all(visitor.send("GET", f"/{name}").status < 500 for name in ("customers", "inventory", "sales", "reviews"))


@contextlib.contextmanager
def quota(shop):
    """RLIMIT_FSIZE limits the responders' files to the present size of the WAL."""
    def limit(bytes_max):
        for program in DAEMONS:
            subprocess.run(["prlimit", "--pid", str(shop.pid(program)), f"--fsize={bytes_max}:unlimited"], check=True)
    limit(os.path.getsize(shop.database + "-wal"))
    try:
        yield
    finally:
        limit("unlimited")


@contextlib.contextmanager
def injected(shop, fault):
    """strace makes one system call on the WAL fail in every responder."""
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", shop.database + "-wal",
               "-e", f"trace={fault.split(':')[0]}", "-e", f"inject={fault}"]
    strace = subprocess.Popen(command + [word for program in DAEMONS for word in ("-p", str(shop.pid(program)))])
    shops.wait_until_traced(shop)
    try:
        yield
    finally:
        strace.terminate()
        strace.wait(20)
        time.sleep(0.05)
