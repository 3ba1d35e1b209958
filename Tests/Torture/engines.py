"""A scenario on each engine."""

import os

from postgres import open_shop_on_server
from shop import open_shop
from torture import Skipped


def on_each_engine(trial, attack, environment=()):
    """Calls `attack(shop, engine)` with a shop on SQLite and with one on PostgreSQL.

    TORTURE_ENGINE, sqlite or postgresql, chooses one of them.
    """
    only = os.environ.get("TORTURE_ENGINE")
    if only != "postgresql":
        with open_shop(environment) as shop:
            attack(shop, "SQLite")
    if only == "sqlite":
        return
    try:
        with open_shop_on_server(environment) as shop:
            attack(shop, "PostgreSQL")
    except Skipped as reason:
        if only:
            raise
        trial.say(f"not on PostgreSQL: {reason}")
