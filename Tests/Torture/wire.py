"""A cheap client: it sends prepared bytes and parses only the needed parts of a response, so that it leaves the cores to the shop."""

import json
import socket


class Closed(Exception):
    """The server closed the connection instead of sending a response."""


def request(method, path, body=None, token=None, key=None, fields=()):
    """A whole request. A `bytes` body goes as it is."""
    fields = dict(fields)
    lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: localhost"]
    if token and "Authorization" not in fields:
        lines.append(b"Authorization: Bearer " + token.encode())
    if key:
        lines.append(b"Idempotency-Key: " + key.encode())
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    if body is not None:
        fields.setdefault("Content-Type", "application/json")
        lines.append(b"Content-Length: %d" % len(content))
    for name, value in fields.items():
        lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    return b"\r\n".join(lines) + b"\r\n\r\n" + content


class Wire:
    """A persistent connection, which is opened again if necessary."""

    def __init__(self, port, seconds=30):
        self.port, self.seconds, self.socket, self.left = port, seconds, None, b""

    def send(self, data):
        """Sends without waiting."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=self.seconds)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(data)

    def read(self, head_only=False):
        """The next response: status, header in lower case, content."""
        data = self.left
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self.more()
        head, data = data[:end].lower(), data[end + 4:]
        status = int(head[9:12])
        if head_only or status in (204, 304):
            length = 0
        elif (at := head.find(b"\r\ncontent-length:")) >= 0:
            length = int(head[at + 17:].split(b"\r\n", 1)[0])
        elif b"\r\ntransfer-encoding: chunked" in head:
            length, data = self.chunks(data)
        else:
            raise Closed(f"an answer without a length: {head!r}")
        while len(data) < length:
            data += self.more()
        body, self.left = data[:length], data[length:]
        if b"\r\nconnection: close" in head:
            self.hang_up()
        return status, head, body

    def chunks(self, data):
        """Decodes a chunked body; returns it with its encoded length."""
        body = b""
        while True:
            while (end := data.find(b"\r\n")) < 0:
                data += self.more()
            size = int(data[:end], 16)
            while len(data) < end + size + 4:
                data += self.more()
            body, data = body + data[end + 2:end + 2 + size], data[end + size + 4:]
            if not size:
                return len(body), body + data

    def more(self):
        part = self.socket.recv(65536)
        if not part:
            self.hang_up()
            raise Closed("closed in the middle of an answer, or before it")
        return part

    def ask(self, data, head_only=False):
        self.send(data)
        return self.read(head_only)

    def hang_up(self):
        if self.socket is not None:
            self.socket.close()
        self.socket, self.left = None, b""
