"""POST /orders takes an order and answers with its number; GET / tells how many are to be packed.
After SIGTERM it answers what it has accepted, and ends."""

import signal
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
    request_queue_size = 128


folder, port = sys.argv[1], int(sys.argv[2])
with Server(("127.0.0.1", port), Handler) as server:
    signal.signal(signal.SIGTERM,
                  lambda signo, frame: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
