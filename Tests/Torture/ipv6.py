"""Limits over IPv6: the addresses of a /64 share a limit, another /64 has its own, and all share one for logins."""

import http.client
import time

import network
from shop import expect, open_shop

# Twenty addresses of one network, one of its neighbour, and thirty networks more.
NEIGHBOURS = [f"2001:db8:0:1:{number:x}::2" for number in range(1, 21)]
STRANGER = "2001:db8:0:2::2"
CROWD = [f"2001:db8:0:{number:x}::2" for number in range(0x100, 0x11e)]
IPV4, IPV4_NEIGHBOUR = "10.11.0.2", "10.11.0.3"
BURST, PER_SECOND = 200, 100
AUTH_BURST, AUTH_PER_SECOND = 200, 50


def run(trial):
    addresses = [f"{address}/48" for address in [*NEIGHBOURS, STRANGER, *CROWD]] + [f"{IPV4}/16", f"{IPV4_NEIGHBOUR}/16"]
    with open_shop(limits="on") as shop, network.cable(addresses) as (server, client):
        with network.site(shop, server, 16384), network.inside(client):
            share(trial, "20 addresses of a /64", network.SERVER_IPV6, NEIGHBOURS, STRANGER)
            share(trial, "an IPv4 address", network.SERVER_IPV4, [IPV4], IPV4_NEIGHBOUR)
            logins(trial)


def get(connection, method="GET", path="/inventory/1", body=None):
    connection.request(method, path, body, {"Host": "shop.example.org", "Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    return response.status


def connect(target, source):
    return http.client.HTTPConnection(target, 80, timeout=10, source_address=(source, 0))


def share(trial, name, target, sources, stranger):
    """All of `sources` together share the limit of one client; `stranger` has its own."""
    connections, begin = [connect(target, source) for source in sources], time.monotonic()
    statuses = [get(connection) for _ in range(1200 // len(sources)) for connection in connections]
    seconds = time.monotonic() - begin
    passed, refused = statuses.count(404), statuses.count(429)
    other = connect(target, stranger)
    others = {get(other) for _ in range(50)}
    trial.say(f"{name}: {passed} of {len(statuses)} requests pass in {seconds:.2f} s; the neighbour gets {others}")
    expect(passed + refused == len(statuses), f"{name}: {set(statuses)}")
    expect(BURST <= passed <= BURST + PER_SECOND * seconds + 2, f"{name}: {passed} requests pass in {seconds:.2f} s")
    expect(refused > 300 and others == {404}, f"{name}: {refused} refused, and the neighbour gets {others}")


def logins(trial):
    """Each network may try to log in 20 times at once; all together are held to the limit of the site."""
    begin = time.monotonic()
    statuses = []
    for source in CROWD:
        connection = connect(network.SERVER_IPV6, source)
        statuses += [get(connection, "POST", "/customers/login", "{") for _ in range(20)]
        connection.close()
    seconds = time.monotonic() - begin
    passed, refused = statuses.count(400), statuses.count(429)
    trial.say(f"logins from {len(CROWD)} networks: {passed} of {len(statuses)} pass in {seconds:.2f} s")
    expect(passed + refused == len(statuses), f"logins: {set(statuses)}")
    expect(AUTH_BURST <= passed <= AUTH_BURST + AUTH_PER_SECOND * seconds + 2, f"{passed} logins pass in {seconds:.2f} s")
    expect(refused > 100, f"only {refused} logins are refused")
    status = get(connect(network.SERVER_IPV6, STRANGER))
    expect(status == 404, f"a reader gets {status} beside the logins")
