"""usage: receiver.py FOLDER

Receives webhooks on 127.0.0.1, and writes its port to FOLDER/port. Each request becomes a line of JSON in FOLDER/received.
The first segment of the path chooses the answer: ok, fail (500), redirect, silent, endless, or flaky (500 twice for each
message). Ends when standard input ends.
"""

import collections
import http.server
import json
import os
import sys
import threading
import time

folder = sys.argv[1]
lock = threading.Lock()
seen = collections.Counter()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        id = self.headers["webhook-id"]
        line = {
            "path": self.path, "id": id, "at": time.time(), "timestamp": self.headers["webhook-timestamp"],
            "signature": self.headers["webhook-signature"], "body": body.decode(),
        }
        with lock:
            seen[self.path, id] += 1
            attempt = seen[self.path, id]
            with open(f"{folder}/received", "a") as file:
                file.write(json.dumps(line) + "\n")
        kind = self.path.split("/")[1]
        if kind == "silent":
            time.sleep(30)
        elif kind == "endless":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                self.wfile.write(b"x" * 10_000)
        elif kind == "redirect":
            self.send_response(302)
            self.send_header("Location", "/ok/redirected")
            self.end_headers()
        elif kind == "fail" or kind == "flaky" and attempt <= 2:
            self.send_error(500)
        else:
            self.send_response(204)
            self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Receiver)
with open(f"{folder}/port.new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename(f"{folder}/port.new", f"{folder}/port")
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
os._exit(0)
