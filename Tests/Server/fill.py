"""usage: fill.py PROGRAM

Runs instead of a responder, in its unit: waits until /var/lib/souk/fill exists, and then allocates memory until
the kernel kills it. After a restart it runs PROGRAM.
"""
import os
import socket
import sys
import time

MARK = "/var/lib/souk/fill"

if os.path.exists(MARK):
    os.unlink(MARK)
    os.execv(sys.argv[1], sys.argv[1:])

notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.connect(os.environ["NOTIFY_SOCKET"])
notify.send(b"READY=1")
while not os.path.exists(MARK):
    time.sleep(0.05)
held = []
for _ in range(256):
    # Not zeros, and not the same bytes, so that they cannot be shared.
    held.append(os.urandom(1 << 20) * 8)
print("took 2 GiB and was not ended", flush=True)
sys.exit(3)
