"""kill -9 of each responder, and of all with nginx, under mixed load: no order is lost or duplicated."""

import time

from load import Load
from shop import DAEMONS, eventually, expect, open_shop


def run(trial):
    rounds = trial.pick(100, 8)
    with open_shop() as shop, Load(shop, trial, pause=0.05) as load:
        slowest = 0.0
        for number in range(rounds):
            for program in trial.random.sample(DAEMONS, len(DAEMONS)):
                time.sleep(trial.random.uniform(0.02, 0.2))
                slowest = max(slowest, kill([program], shop))
            time.sleep(trial.random.uniform(0.02, 0.2))
            slowest = max(slowest, kill(DAEMONS + ["nginx"], shop))
            shop.check(f"in round {number}")
            expect(not load.failures, f"in round {number}: {load.failures[:1]}")
        load.__exit__()
        trial.say(f"{rounds} rounds, in each every daemon killed alone and then all with nginx; {load.verify()}")
        trial.say(f"the slowest start after a kill took {slowest:.2f} s; souk check was clean {rounds} times")
        shop.check()


def kill(programs, shop):
    """Kills `programs` and returns how long each took to restart."""
    before = {program: shop.pid(program) for program in programs}
    for program in programs:
        shop.kill(program)
    return eventually(
        30, lambda: all(shop.pid(program) not in (0, before[program]) for program in programs),
        f"{programs} are started again")
