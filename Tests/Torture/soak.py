"""By name only: twenty minutes of mixed load, in which neither memory nor descriptors may grow.

On 2026-11-25, a release build on two shared cores: 23,744 sales and 8,876 charges and restocks, each there once, 2,360 cancels racing
refunds, 579,214 reads, searches and logins. Memory after 5 minutes and at the end: customersd 20.0 and 20.0 MB, inventoryd 18.6 and
18.6, salesd 20.9 and 21.1, reviewsd 17.1 and 17.3. Descriptors: 23 and 23, 24 and 24, 26 and 26, 17 and 19.
"""

import multiprocessing
import time

import wire
from load import Load
from shop import DAEMONS, expect, open_shop


def run(trial):
    minutes = trial.pick(20, 1)
    with open_shop({"SOUK_ACCESS_TOKEN_SECONDS": "86400"}) as shop:
        # Not a buyer: an account has 100 sessions, and each login beyond that ends the oldest.
        made = shop.souk("user", "add", "visitor", given="correct horse\n")
        expect(made.returncode == 0, f"souk user add: {made.stderr}")
        context = multiprocessing.get_context("fork")
        read, over = context.Value("i", 0), context.Event()
        # As fast as a busy shop sells, so that stock and wallets last.
        with Load(shop, trial, pause=0.4) as load:
            readers = context.Process(target=browse, args=(shop.port, load.product, load.buyers[0].token, read, over))
            readers.start()
            samples = sampled(shop, minutes)
            over.set()
            readers.join(30)
        expect(readers.exitcode == 0, "a reader got an unexpected response")
        trial.say(f"{minutes} minutes: {load.verify()}; {read.value} more reads, searches and logins beside them")
        for program in DAEMONS:
            memory, files = [sample[program][0] for sample in samples], [sample[program][1] for sample in samples]
            settled = len(samples) // 4
            trial.say(f"{program}: memory {memory[0]:.1f} MB at first, {memory[settled]:.1f} after a quarter, {memory[-1]:.1f} at the end, "
                      f"{max(memory):.1f} at most; descriptors {files[0]}, {files[settled]}, {files[-1]}, {max(files)}")
            expect(memory[-1] < memory[settled] + 16, f"memory of {program} grows: {memory}")
            expect(files[-1] < files[settled] + 32, f"descriptors of {program} grow: {files}")
        shop.check()


def sampled(shop, minutes):
    """Samples memory and descriptors of each responder forty times."""
    samples, before = [], {program: shop.pid(program) for program in DAEMONS}
    for _ in range(40):
        time.sleep(1.5 * minutes)
        samples.append({program: (shop.memory_mb(program), shop.descriptors(program)) for program in DAEMONS})
    expect(before == {program: shop.pid(program) for program in DAEMONS}, f"a daemon died: {shop.said}")
    return samples


def browse(port, product, token, read, over):
    """Sends reads of all kinds, one after another with short pauses, and sometimes a login."""
    client = wire.Wire(port)
    login = wire.request("POST", "/customers/login", {"username": "visitor", "password": "correct horse"})
    requests = [wire.request("GET", path, token=who) for who in (None, token) for path in (
        f"/inventory/{product}", "/inventory?limit=20", "/inventory?q=pen", f"/reviews?product_id={product}")]
    requests += [wire.request("GET", path, token=token) for path in ("/sales", "/customers/c1", "/customers/c1/wallet/entries", "/wishlist")]
    while not over.wait(0.02):
        for request in requests + [login] * (read.value % 50 == 0):
            status, _, content = client.ask(request)
            expect(status == 200, f"{request}: {status} {content[:300]}")
            read.value += 1
