"""Clients that ask a web server without a pause, each request over a connection of its own, and
count exactly what became of them."""

import socket
import threading
import time


class Clients:
    def __init__(self, port, paths):
        """One client for each of @paths."""
        self.port = port
        self.answered = 0
        self.failures = []
        self.slowest = 0.0
        self._lock = threading.Lock()
        self._over = False
        self._threads = [threading.Thread(target=self._ask_on, args=(path,)) for path in paths]
        for thread in self._threads:
            thread.start()

    def stop(self):
        """Let each finish what it is at."""
        self._over = True
        for thread in self._threads:
            thread.join()

    def _ask_on(self, path):
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        while not self._over:
            begin = time.monotonic()
            try:
                self._ask(request)
                failure = None
            except (OSError, AssertionError) as error:
                failure = repr(error)
            seconds = time.monotonic() - begin
            with self._lock:
                if failure:
                    self.failures.append(failure)
                else:
                    self.answered += 1
                self.slowest = max(self.slowest, seconds)

    def _ask(self, request):
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as s:
            s.sendall(request)
            while data := s.recv(4096):
                answer += data
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), f"answer {answer!r}"
        assert f"Content-Length: {len(body)}".encode() in head, f"cut after {len(body)} bytes"
