"""The web's application: each request makes a job for the queue, and is answered when the queue has
it. On SIGTERM what has been accepted is answered."""

import os
import signal
import socketserver
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler

from redis_client import Redis


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        job = uuid.uuid4().hex
        time.sleep(0.02)
        redis = Redis()
        redis.call("LPUSH", "jobs", job)
        redis.close()
        self.send_response(200)
        self.send_header("Content-Length", str(len(job)))
        self.end_headers()
        self.wfile.write(job.encode())

    def log_message(self, *arguments):
        pass

    def address_string(self):
        return "nginx"


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    request_queue_size = 256
    daemon_threads = False  # server_close() waits for them


path = os.environ["LAB"] + "/app.sock"
if os.path.exists(path):
    os.unlink(path)
server = Server(path, Handler)
os.chmod(path, 0o777)
signal.signal(signal.SIGTERM,
              lambda signo, frame: threading.Thread(target=server.shutdown).start())
server.serve_forever(poll_interval=0.05)
server.server_close()
