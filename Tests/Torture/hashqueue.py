"""Floods of logins and password changes from many accounts: another login still gets a response within its deadline."""

import threading
import time

from shop import expect, open_shop

# The queue's deadline of five seconds, and a margin for a busy machine.
DEADLINE = 8


def run(trial):
    with open_shop() as shop:
        names = [f"c{number}" for number in range(1, trial.pick(40, 12) + 1)]
        clients = shop.buyers(len(names))
        alone = login_times(shop, 3)[0]
        for kind, send in (("password changes", change), ("logins", guess)):
            flood(trial, shop, kind, send, names, clients, alone)
        still = shop.log_in("c1")
        still.ask(200, "GET", "/customers/c1")
        shop.check()


def change(shop, client, name):
    """Changes a password; a wrong current password costs a hash, and a change costs another."""
    return client.send("POST", f"/customers/{name}/password", {"current_password": "correct horse", "new_password": "correct horse"})


def guess(shop, client, name):
    return shop.visitor().send("POST", "/customers/login", {"username": name, "password": "wrong horse"})


def login_times(shop, count):
    """The duration of a correct login in seconds, and how often it got 503."""
    times, refused = [], 0
    for _ in range(count):
        begin = time.monotonic()
        answer = shop.visitor(seconds=60).send("POST", "/customers/login", {"username": "c1", "password": "correct horse"})
        times.append(time.monotonic() - begin)
        expect(answer.status in (200, 503), f"a login: {answer}")
        expect(answer.status == 200 or answer.fields["Retry-After"], f"a login without Retry-After: {answer}")
        refused += answer.status == 503
    return times, refused


def flood(trial, shop, kind, send, names, clients, alone):
    over = threading.Event()
    statuses = []

    def attack(name, client):
        while not over.is_set():
            statuses.append(send(shop, client, name).status)

    threads = [threading.Thread(target=attack, args=pair) for pair in list(zip(names, clients))[1:]]
    for thread in threads:
        thread.start()
    time.sleep(1)
    times, refused = login_times(shop, trial.pick(20, 5))
    over.set()
    for thread in threads:
        thread.join(60)
    expect(set(statuses) <= {200, 204, 401, 403, 409, 422, 503}, f"{kind}: {sorted(set(statuses))}")
    expect(max(times) < DEADLINE, f"a login took {max(times):.1f} s beside {kind}")
    expect(refused < len(times), f"no login succeeded beside {kind}")
    trial.say(f"{len(threads)} accounts flood with {kind}: {len(statuses)} answered, {statuses.count(503)} of them 503; "
              f"a login took {max(alone) * 1000:.0f} ms alone and {max(times) * 1000:.0f} ms at most, {refused} of {len(times)} refused")
