"""usage: mail.py FOLDER

Runs mail servers of aiosmtpd on 127.0.0.1, and writes their ports to FOLDER/mail.json. The recipient's local part chooses
the replies. Each accepted message becomes a file in FOLDER/messages. Ends when standard input ends.
"""

import asyncio
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, syntax


class Handler:
    def __init__(self, folder):
        self.folder, self.count = folder, 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        replies = {
            "unknown": "550 5.1.1 No such user here",
            "grey": "451 4.7.1 Greylisted, try again later",
            "full": "452 4.2.2 Mailbox full",
            "login": "530 5.7.0 Authentication required",
        }
        name = address.split("@")[0]
        if name == "slow":
            await asyncio.sleep(30)
        if name == "drop":
            server.transport.abort()
        if name in replies:
            return replies[name]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "spam":
            return "554 5.7.1 This looks like spam"
        if name == "busy":
            return "421 4.3.2 Shutting down"
        self.count += 1
        path = f"{self.folder}/messages/{self.count}"
        seen = {
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": server.transport.get_extra_info("ssl_object") is not None,
            "login": (session.auth_data or b"").decode(), "content": envelope.original_content.decode("latin-1"),
        }
        with open(path + ".new", "w") as file:
            json.dump(seen, file)
        os.rename(path + ".new", path + ".json")
        return f"250 2.0.0 Queued as {self.count}"


class RefusingTLS(SMTP):
    @syntax("STARTTLS")
    async def smtp_STARTTLS(self, arg):
        await self.push("454 4.7.0 TLS not available due to temporary reason")


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"shop", "pass word ü".encode())
    return AuthResult(success=good, handled=good, auth_data=data.login)


async def refuse(reader, writer):
    writer.write(b"554 No service for you\r\n")
    writer.close()


async def say_nothing(reader, writer):
    await asyncio.sleep(60)


async def main(folder):
    os.makedirs(f"{folder}/messages")
    loop = asyncio.get_running_loop()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(f"{folder}/server.pem")
    handler = Handler(folder)

    async def listen(kind=SMTP, tls=None, **options):
        return await loop.create_server(lambda: kind(handler, loop=loop, **options), "127.0.0.1", 0, ssl=tls)

    login = {"auth_required": True, "authenticator": authenticate}
    servers = {
        "plain": await listen(),
        "starttls": await listen(tls_context=context, require_starttls=True),
        "login": await listen(tls_context=context, **login),
        "plain-login": await listen(auth_require_tls=False, **login),
        "smtps": await listen(tls=context),
        "no-tls": await listen(RefusingTLS, tls_context=context),
        "refusing": await asyncio.start_server(refuse, "127.0.0.1", 0),
        "silent": await asyncio.start_server(say_nothing, "127.0.0.1", 0),
    }
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    with open(f"{folder}/mail.new", "w") as file:
        json.dump(ports, file)
    os.rename(f"{folder}/mail.new", f"{folder}/mail.json")
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main(sys.argv[1]))
