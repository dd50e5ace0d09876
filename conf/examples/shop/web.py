"""POST /orders takes an order and answers with its number; GET / tells how many are to be packed.
After SIGTERM it answers what it has accepted, and ends.

It listens at the socket that it is given: who connects while it is restarted waits there."""

import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from client import Database


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        what = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._answer(201, self._ask("ADD " + " ".join(what.split())))

    def do_GET(self):
        self._answer(200, self._ask("COUNT"))

    def _ask(self, line):
        database = Database(folder)
        answer = database.ask(line)
        database.close()
        return answer

    def _answer(self, status, text):
        body = (text + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False  # the end waits for each that is being answered

    def __init__(self):
        super().__init__(None, Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = socket.socket(fileno=3)  # the first that is passed, see sd_listen_fds(3)
        self.socket.setblocking(False)  # of those who share it another may be faster


def tell_supervisor(text):
    """As sd_notify(3) does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(text.encode(), os.environ["NOTIFY_SOCKET"])


folder = sys.argv[1]
with Server() as server:
    signal.signal(signal.SIGTERM,
                  lambda signo, frame: threading.Thread(target=server.shutdown).start())
    tell_supervisor("READY=1")
    server.serve_forever(poll_interval=0.1)
