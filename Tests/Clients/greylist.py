"""usage: greylist.py PORT FOLDER

A mail server on 127.0.0.1 that refuses each message for now (451) once, and then takes it. The file FOLDER/seen has a line
for each attempt: the reply's code, the Message-ID, the receiver and the field To. Ends when standard input ends.
"""

import asyncio
import email
import os
import sys

from aiosmtpd.smtp import SMTP


class Greylist:
    known = set()

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content)
        id = message["Message-ID"]
        reply = "250 OK" if id in self.known else "451 4.7.1 Greylisted, try again later"
        self.known.add(id)
        with open(f"{sys.argv[2]}/seen", "a") as file:
            file.write(f"{reply[:3]} {id} {envelope.rcpt_tos[0]} {message['To'].strip()}\n")
        return reply


async def main():
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: SMTP(Greylist(), loop=loop), "127.0.0.1", int(sys.argv[1]))
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
