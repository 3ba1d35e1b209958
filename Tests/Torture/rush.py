"""Races: 200 buyers for 50 units, many orders from one wallet, restocking during orders, concurrent refreshes."""

import json

import wire
from shop import expect, open_shop


def run(trial):
    with open_shop() as shop:
        boss, buyers = shop.boss(), shop.buyers(trial.pick(40, 10))
        # 200 connections, some of the same customer, which makes no difference to the stock.
        tokens = [buyers[number % len(buyers)].token for number in range(200)]
        stock(trial, shop, boss, tokens)
        wallets(trial, shop, boss)
        refreshes(trial, shop)
        shop.check()


def burst(crowd, requests):
    """Sends all requests before reading a response; returns the status and content of each."""
    for client, request in zip(crowd, requests):
        client.send(request)
    answers = [client.read() for client in crowd]
    return [status for status, _, _ in answers], [body for _, _, body in answers]


def orders(product, tokens):
    body = {"items": [{"product_id": product, "quantity": 1}]}
    made = {token: wire.request("POST", "/sales", body, token) for token in set(tokens)}
    return [made[token] for token in tokens]


def stock(trial, shop, boss, tokens):
    rounds, restocked = trial.pick(1000, 30), 0
    crowd = [wire.Wire(shop.port) for _ in tokens]
    for number in range(rounds):
        product = shop.product(boss, stock=50)
        # In every other round, ten more units arrive during the orders.
        more = 10 if number % 2 else 0
        if more:
            boss.begin("POST", f"/inventory/{product}/stock", {"delta": more, "reason": "torture"})
        statuses, _ = burst(crowd, orders(product, tokens))
        if more:
            expect(boss.finish().status == 201, "a restock during orders")
        sold = statuses.count(201)
        stock = boss.ask(200, "GET", f"/inventory/{product}")["stock"]
        expect(50 <= sold <= 50 + more and sold + statuses.count(409) == len(crowd) and stock == 50 + more - sold,
               f"round {number}: {sold} sold of {50 + more}, {stock} left, {sorted(set(statuses))}")
        restocked += more > 0
    for client in crowd:
        client.hang_up()
    trial.say(f"{rounds} rounds of 200 buyers for 50 units, 10 more units meanwhile in {restocked}: never one too many")


def wallets(trial, shop, boss):
    rounds, count = trial.pick(50, 6), 50
    spenders = [wire.Wire(shop.port) for _ in range(count)]
    for number in range(rounds):
        name = f"rich{number}"
        shop.visitor().ask(201, "POST", "/customers", {"username": name, "password": "correct horse", "full_name": "R"})
        boss.ask(201, "POST", f"/customers/{name}/wallet/credit", {"amount": 2000})
        product = shop.product(boss, stock=1000, price=100)
        statuses, _ = burst(spenders, orders(product, [shop.log_in(name).token] * count))
        balance = boss.ask(200, "GET", f"/customers/{name}/wallet")["balance"]
        expect(statuses.count(201) == 20 and statuses.count(409) == count - 20 and balance == 0,
               f"{statuses.count(201)} sales from a wallet for 20, {balance} left")
    for spender in spenders:
        spender.hang_up()
    trial.say(f"{rounds} wallets for 20 sales, each spent by {count} clients at once: 20 sales and nothing left, each time")


def refreshes(trial, shop):
    rounds = trial.pick(50, 10)
    rivals = [wire.Wire(shop.port) for _ in range(8)]
    for _ in range(rounds):
        pair = shop.visitor().ask(200, "POST", "/customers/login", {"username": "c1", "password": "correct horse"})
        request = wire.request("POST", "/customers/refresh", {"refresh_token": pair["refresh_token"]})
        statuses, bodies = burst(rivals, [request] * len(rivals))
        expect(set(statuses) == {200}, f"refresh racing refresh: {statuses} {bodies[0]}")
        successors = {json.loads(body)["refresh_token"] for body in bodies}
        expect(len(successors) == 1, f"{len(successors)} successors of one refresh token")
    for rival in rivals:
        rival.hang_up()
    trial.say(f"{rounds} refresh tokens, each used by 8 at once: all got the one successor")
