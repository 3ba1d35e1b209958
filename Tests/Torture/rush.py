"""Many at once: 200 buyers for 50 units, one wallet spent by all, restock racing sales, refresh racing refresh."""

import time

from shop import Client, expect, open_shop


def run(trial):
    with open_shop() as shop:
        boss, buyers = shop.boss(), shop.buyers(trial.pick(40, 10))
        # 200 connections, some of one person: stock does not care who asks.
        crowd = [Client(shop.port, buyers[number % len(buyers)].token) for number in range(200)]
        shelves(trial, shop, boss, crowd)
        wallets(trial, shop, boss, crowd[:50])
        refreshes(trial, shop)
        shop.check()


def burst(crowd, request):
    """Everybody sends before anybody reads."""
    for number, client in enumerate(crowd):
        client.begin(*request(number))
    return [client.finish() for client in crowd]


def order(product, quantity=1):
    return "POST", "/sales", {"items": [{"product_id": product, "quantity": quantity}]}


def shelves(trial, shop, boss, crowd):
    end = time.monotonic() + trial.pick(110, 12)
    rounds = restocked = 0
    while rounds < trial.pick(1000, 30) and time.monotonic() < end:
        product = shop.product(boss, stock=50)
        # In every other round ten more come to the shelf while they buy.
        more = 10 if rounds % 2 else 0
        if more:
            boss.begin("POST", f"/inventory/{product}/stock", {"delta": more, "reason": "torture"})
        statuses = [answer.status for answer in burst(crowd, lambda _: order(product))]
        if more:
            expect(boss.finish().status == 201, "a restock among sales")
        sold = statuses.count(201)
        stock = boss.ask(200, "GET", f"/inventory/{product}")["stock"]
        expect(50 <= sold <= 50 + more and sold + statuses.count(409) == len(crowd) and stock == 50 + more - sold,
               f"round {rounds}: {sold} sold of {50 + more}, {stock} left, {sorted(set(statuses))}")
        restocked += more > 0
        rounds += 1
    trial.say(f"{rounds} rounds of 200 buyers for 50 units, 10 more units meanwhile in {restocked}: never one too many")


def wallets(trial, shop, boss, crowd):
    rounds = trial.pick(50, 6)
    for number in range(rounds):
        name = f"rich{number}"
        shop.visitor().ask(201, "POST", "/customers", {"username": name, "password": "correct horse", "full_name": "R"})
        boss.ask(201, "POST", f"/customers/{name}/wallet/charge", {"amount": 2000})
        token = shop.log_in(name).token
        product = shop.product(boss, stock=1000, price=100)
        spenders = [Client(shop.port, token) for _ in crowd]
        statuses = [answer.status for answer in burst(spenders, lambda _: order(product))]
        balance = boss.ask(200, "GET", f"/customers/{name}/wallet")["balance"]
        expect(statuses.count(201) == 20 and statuses.count(409) == len(crowd) - 20 and balance == 0,
               f"{statuses.count(201)} sales from a wallet for 20, {balance} left")
        for spender in spenders:
            spender.hang_up()
    trial.say(f"{rounds} wallets for 20 sales, each spent by {len(crowd)} clients at once: 20 sales and nothing left, each time")


def refreshes(trial, shop):
    rounds = trial.pick(50, 10)
    for _ in range(rounds):
        visitor = shop.visitor()
        pair = visitor.ask(200, "POST", "/customers/login", {"username": "c1", "password": "correct horse"})
        rivals = [shop.visitor() for _ in range(8)]
        answers = burst(rivals, lambda _: ("POST", "/customers/refresh", {"refresh_token": pair["refresh_token"]}))
        expect(all(answer.status == 200 for answer in answers), f"refresh racing refresh: {answers[0]}")
        successors = {answer.json["refresh_token"] for answer in answers}
        expect(len(successors) == 1, f"{len(successors)} successors of one refresh token")
        for rival in rivals:
            rival.hang_up()
    trial.say(f"{rounds} refresh tokens, each used by 8 at once: all got the one successor")
