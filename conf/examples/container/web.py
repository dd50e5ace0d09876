"""Says hello, and tells the shipper. After SIGTERM it answers what it has accepted, and ends."""

import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/slow":
            time.sleep(1)
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"hello\n")
        try:
            outbox.sendto(self.path.encode(), socket.MSG_DONTWAIT, shipper)
        except OSError:
            pass  # it is being started anew, or cannot follow: no reason not to say hello

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False  # the end waits for each that is being answered
    request_queue_size = 128


port, shipper = int(sys.argv[1]), sys.argv[2]
outbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
with Server(("", port), Handler) as server:
    signal.signal(signal.SIGTERM,
                  lambda signo, frame: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
