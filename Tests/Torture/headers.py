"""5,000 half-sent requests from one address: another address is still served, with and without the nftables rules."""

import contextlib
import http.client
import select
import socket
import time

import network
from shop import TOP, expect, open_shop

COUNT = 5000
ATTACKER, CLIENT = "10.11.0.2", "10.11.0.3"
ATTACKER_IPV6, CLIENT_IPV6 = "2001:db8:0:1::2", "2001:db8:0:2::2"


def run(trial):
    network.allow_descriptors(COUNT + 1000)
    with open_shop(limits="on") as shop:
        private_shop(trial, shop)
        addresses = [f"{ATTACKER}/16", f"{CLIENT}/16", f"{ATTACKER_IPV6}/48", f"{CLIENT_IPV6}/48"]
        with network.cable(addresses) as (server, client):
            recommended(trial, shop, server, client)
            with_rules(trial, shop, server, client)


def private_shop(trial, shop):
    """`make run`, which has no firewall."""
    with half_sent(("127.0.0.1", shop.port)) as held:
        slowest = serve("127.0.0.1", shop.port, None)
        trial.say(f"make run: {held()} half-sent requests are open, others are answered within {1000 * slowest:.0f} ms")
        expect(held() > 4500, f"only {held()} half-sent requests are open")


def recommended(trial, shop, server, client):
    """A site with the number of connections that the package recommends, without rules."""
    with network.site(shop, server, 16384), network.inside(client):
        with half_sent((network.SERVER_IPV4, 80), ATTACKER) as held:
            slowest = serve(network.SERVER_IPV4, 80, CLIENT)
            trial.say(f"16,384 connections: {held()} half-sent requests are open, others are answered within {1000 * slowest:.0f} ms")
            expect(held() > 4500, f"only {held()} half-sent requests are open")


def with_rules(trial, shop, server, client):
    """A site with the few connections of Debian's nginx.conf, and the nftables rules."""
    with network.inside(server):
        # Twice: loading again replaces the table.
        for _ in range(2):
            network.command("nft", "-f", f"{TOP}/nftables/souk.nft")
    with network.site(shop, server, 768), network.inside(client):
        for target, attacker, other in ((network.SERVER_IPV4, ATTACKER, CLIENT), (network.SERVER_IPV6, ATTACKER_IPV6, CLIENT_IPV6)):
            with half_sent((target, 80), attacker) as held:
                slowest = serve(target, 80, other)
                trial.say(f"rules, {attacker}: {held()} of {COUNT} connections are open, others are answered within {1000 * slowest:.0f} ms")
                expect(400 < held() <= 500, f"{held()} connections are open, not 500")
            # The kernel removes them from its set, so the address is served again.
            serve(target, 80, attacker)


@contextlib.contextmanager
def half_sent(target, source=None):
    """Sends half of a request COUNT times; yields a function that counts the connections that are still open."""
    family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
    sockets = []
    try:
        for _ in range(COUNT):
            sockets.append(socket.socket(family))
            sockets[-1].setblocking(False)
            if source:
                sockets[-1].bind((source, 0))
            sockets[-1].connect_ex(target)
        for connection in sockets:
            with contextlib.suppress(OSError):
                connection.send(b"GET /inventory HTTP/1.1\r\nHost: shop.exa")
        # nginx ends the first ones after 5 s.
        yield lambda: count_open(sockets)
    finally:
        for connection in sockets:
            connection.close()


def count_open(sockets):
    """Whether a connection is open; a refused or closed one is readable."""
    poll = select.poll()
    for connection in sockets:
        poll.register(connection, select.POLLIN | select.POLLOUT)
    events = [event for _, event in poll.poll(0)]
    return sum(event == select.POLLOUT for event in events)


def serve(target, port, source, seconds=1.5):
    """Gets a page repeatedly, each time on a new connection; returns the slowest time in seconds."""
    slowest, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        client = http.client.HTTPConnection(target, port, timeout=5, source_address=(source, 0) if source else None)
        client.request("GET", "/inventory", headers={"Host": "shop.example.org" if source else "localhost"})
        status = client.getresponse().status
        client.close()
        expect(status == 200, f"{source} gets {status}")
        slowest = max(slowest, time.monotonic() - begin)
        time.sleep(0.02)
    return slowest
