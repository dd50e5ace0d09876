"""How the others talk to the database: a line there, a line back."""

import os
import signal
import socket


class Database:
    def __init__(self, folder):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(os.path.join(folder, "database.sock"))
        self.lines = self.socket.makefile("r")

    def ask(self, line):
        self.socket.sendall(line.encode() + b"\n")
        answer = self.lines.readline()
        if not answer:
            raise ConnectionError("the database has gone")
        return answer.rstrip("\n")

    def close(self):
        self.lines.close()
        self.socket.close()


class Asked:
    """True from SIGTERM on: finish what you are at, and end."""

    def __init__(self):
        self.to_end = False
        signal.signal(signal.SIGTERM, self._on_sigterm)

    def __bool__(self):
        return self.to_end

    def _on_sigterm(self, signo, frame):
        self.to_end = True
