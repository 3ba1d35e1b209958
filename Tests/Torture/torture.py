#!/usr/bin/env python3
"""usage: torture.py [--short] [SCENARIO...]

Runs each scenario on a shop of its own, and prints a line that counts them. SOUK_SEED repeats the random choices of a run;
SOUK_BIN is the folder of the programs, FAILOVER_ROUNDS the number of failures of PostgreSQL (3), FEED_EVENTS the number of
events that `events` reads on each engine. TORTURE_ENGINE, sqlite or postgresql, keeps `events`, `checkout`, `carts` and
`receivers` to one engine. A run takes at most twenty minutes, or eight with --short; so does `torture.py soak`.
"""

import importlib
import os
import random
import signal
import subprocess
import sys
import time
import traceback

# In this order, because the last ones may leave the machine busy.
SCENARIOS = [
    "kill", "events", "checkout", "carts", "invoices", "receivers", "rush", "durability", "disk", "limits", "records", "slow",
    "badinput", "unicode", "memory", "hashqueue", "quota", "failover", "standby",
    "flood", "ipv6", "headers",
]


class Skipped(Exception):
    """Raised with the reason if this machine does not allow the scenario."""


class Trial:
    """The parameters of a scenario, and its output."""

    def __init__(self, name, seed, short):
        self.name, self.short = name, short
        self.seed = f"{seed}/{name}"
        self.random = random.Random(self.seed)

    def pick(self, long, short):
        """A size for the long run or the short one."""
        return short if self.short else long

    def say(self, sentence):
        print(f"  {sentence}", flush=True)


def attack(name, seed, short):
    """Runs one scenario and returns how it ended."""
    module = importlib.import_module(name)
    begin = time.monotonic()
    print(f"{name}: {module.__doc__.splitlines()[0]}", flush=True)
    try:
        module.run(Trial(name, seed, short))
        outcome = "passed"
    except Skipped as reason:
        outcome = f"skipped: {reason}"
    except Exception as fault:
        traceback.print_exc()
        outcome = f"failed: {fault}"
    print(f"  {name} {outcome} ({time.monotonic() - begin:.1f} s)", flush=True)
    return outcome.split(":")[0]


def strace_may_look():
    """Whether strace is installed and may attach to a process of this user."""
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        try:
            command = ["timeout", "--signal=INT", "0.2", "strace", "-p", str(sleeper.pid)]
            return b"attached" in subprocess.run(command, capture_output=True).stderr
        except FileNotFoundError:
            return False
        finally:
            sleeper.kill()


def enter_private_mounts():
    """Starts this program again in a mount namespace of its own, so that its mounts end with it."""
    if os.environ.get("TORTURE_MOUNTS"):
        return
    unshare = ["unshare", "--mount"] + (["--user", "--map-root-user"] if os.geteuid() else [])
    may = subprocess.run(unshare + ["true"], capture_output=True).returncode == 0
    os.environ["TORTURE_MOUNTS"] = "yes" if may else "no"
    command = [sys.executable] + sys.argv
    os.execvp((unshare + command)[0] if may else command[0], unshare + command if may else command)


def main(arguments):
    enter_private_mounts()
    short = "--short" in arguments
    names = [argument for argument in arguments if argument != "--short"] or SCENARIOS
    seed = os.environ.get("SOUK_SEED") or str(random.SystemRandom().randrange(10**6))
    # Settings of the user's own shop must not affect the scenarios.
    for knob in [name for name in os.environ if name.startswith("SOUK_") and name != "SOUK_BIN"]:
        del os.environ[knob]
    print(f"SOUK_SEED={seed}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # Ends a scenario that hangs. The limit is generous, because the machine may be busy.
    rounds, events = (int(os.environ.get(name) or 0) for name in ("FAILOVER_ROUNDS", "FEED_EVENTS"))
    signal.alarm((1200 if short else 3000) + 1500 * ("soak" in names) + 40 * rounds + events // 25)
    begin = time.monotonic()
    outcomes = [attack(name, seed, short) for name in names]
    count = outcomes.count
    print(f"{time.monotonic() - begin:.0f} s in all")
    print(f"{count('passed')} passed, {count('failed')} failed, {count('skipped')} skipped")
    return 1 if count("failed") else 0


if __name__ == "__main__":
    # Scenarios import Skipped from here: without this they would load a second copy, and each skip would count as failed.
    sys.modules["torture"] = sys.modules[__name__]
    sys.exit(main(sys.argv[1:]))
