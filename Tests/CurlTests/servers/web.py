#!/usr/bin/env python3
"""usage: web.py FOLDER

Serves HTTPS and HTTP on 127.0.0.1 and HTTPS on ::1, and writes the ports to FOLDER/web.json. The path of a request chooses
how the server behaves. FOLDER/server.pem has the key and the certificate. Ends when standard input ends.
"""

import asyncio
import json
import os
import ssl
import sys

connections = 0


async def read_request(reader):
    head = await reader.readexactly(1)
    if head == b"\x16":
        raise OSError("a TLS handshake on a port without TLS")
    head += await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = [[name, value.strip()] for name, _, value in (line.partition(":") for line in lines[1:] if line)]
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    method, path, _ = lines[0].split(" ")
    return method, path, headers, await reader.readexactly(length)


def response(status, body=b"", fields=""):
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{fields}\r\n".encode() + body


async def send(writer, pause=0):
    """Also lets the loop learn that the client has gone, which drain() alone does not."""
    await writer.drain()
    await asyncio.sleep(pause)


async def answer(method, path, headers, body, writer):
    if path == "/echo":
        seen = {"method": method, "headers": headers, "body": body.decode("latin-1")}
        writer.write(response(200, json.dumps(seen).encode(), "X-Empty:\r\nX-Twice: 1\r\nX-Twice: 2\r\n"))
    elif path == "/connections":
        writer.write(response(200, str(connections).encode()))
    elif path.startswith("/status/"):
        writer.write(response(path.split("/")[2], b"so it is", "Retry-After: 7\r\n"))
    elif path == "/redirect":
        writer.write(response(302, b"moved", "Location: /echo\r\n"))
    elif path.startswith("/bytes/"):
        writer.write(response(200, b"x" * int(path.split("/")[2])))
    elif path == "/endless":
        writer.write(b"HTTP/1.1 200 X\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await send(writer)
    elif path == "/endless-header":
        writer.write(b"HTTP/1.1 200 X\r\n")
        while True:
            writer.write(b"X-More: " + b"x" * 1000 + b"\r\n")
            await send(writer)
    elif path == "/drip":
        writer.write(b"HTTP/1.1 200 X\r\n\r\n")
        while True:
            writer.write(b"x")
            await send(writer, pause=0.05)
    elif path == "/silent":
        await asyncio.sleep(30)
    elif path == "/short":
        writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nshort")
    elif path == "/garbage":
        writer.write(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    elif path == "/old":
        writer.write(b"<html>a page of HTTP/0.9</html>")


async def serve(reader, writer):
    global connections
    connections += 1
    try:
        await answer(*await read_request(reader), writer)
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def main(folder):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(f"{folder}/server.pem")
    servers = {
        "https": await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context),
        "http": await asyncio.start_server(serve, "127.0.0.1", 0),
        "ipv6": await asyncio.start_server(serve, "::1", 0, ssl=context),
    }
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    with open(f"{folder}/web.new", "w") as file:
        json.dump(ports, file)
    os.rename(f"{folder}/web.new", f"{folder}/web.json")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main(sys.argv[1]))
