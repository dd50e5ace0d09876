"""Reads what workers say of themselves; events.h has the layout."""

import os
import struct
import time

STARTED, ASKED, DONE = 1, 2, 3
RECORD = struct.Struct("=QIIII")
POLL = 0.001  # the stamps are exact: looking late costs nothing


class Event:
    __slots__ = ("nsec", "pid", "index", "kind")

    def __init__(self, nsec, pid, index, kind, _reserved):
        self.nsec, self.pid, self.index, self.kind = nsec, pid, index, kind


class Events:
    """All of one run, in the order of their writing; read() adds what is new."""

    def __init__(self, path):
        self.path = str(path)
        self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
        self.offset = 0
        self.all = []

    def close(self):
        os.close(self.fd)

    def count(self):
        """Of all kinds, without reading them."""
        return os.fstat(self.fd).st_size // RECORD.size

    def read(self):
        data = os.pread(self.fd, self.count() * RECORD.size - self.offset, self.offset)
        data = data[: len(data) // RECORD.size * RECORD.size]
        self.offset += len(data)
        new = [Event(*fields) for fields in RECORD.iter_unpack(data)]
        self.all += new
        return new

    def of(self, kind, since=0):
        self.read()
        return [e for e in self.all if e.kind == kind and e.nsec >= since]

    def wait(self, kind, n, seconds, since=0):
        """The events of that kind, once there are those of n workers; TimeoutError otherwise."""
        seen = {e.index for e in self.of(kind, since)}
        end = time.monotonic() + seconds
        while len(seen) < n:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(seen)} of {n} workers in {seconds} s")
            time.sleep(POLL)
            seen.update(e.index for e in self.read() if e.kind == kind and e.nsec >= since)
        return self.of(kind, since)
