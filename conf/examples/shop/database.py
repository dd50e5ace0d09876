"""A database in small. An order is confirmed when it is on disk, in a journal:

    ADD WHAT   -> the order's number          TAKE  -> "NUMBER WHAT", or nothing to do
    DONE NUMBER                               COUNT -> how many are to be packed

It ends by closing the journal and leaving a note that all is in order. Without the note the next
start has to read the journal with suspicion: what a crash has cut in half is dropped.
"""

import os
import signal
import socketserver
import sys
import threading


class Store:
    def __init__(self, folder):
        self.lock = threading.Lock()
        self.orders = {}  # number: what, in the order in which they came
        self.taken = set()
        self.last = 0
        self.note = os.path.join(folder, "clean")
        self.journal = open(os.path.join(folder, "journal"), "a+")
        if self.journal.tell() > 0:
            self._replay(os.path.exists(self.note))
        if os.path.exists(self.note):
            os.unlink(self.note)

    def _replay(self, is_clean):
        print("was shut down in order" if is_clean else "was cut off, recovering", flush=True)
        self.journal.seek(0)
        good = 0
        for line in self.journal:
            if not line.endswith("\n"):
                break  # cut in half: nobody was told that it had been added
            good += len(line.encode())
            sign, number, what = line.rstrip("\n").split(" ", 2)
            self.last = max(self.last, int(number))
            if sign == "+":
                self.orders[int(number)] = what
            else:
                del self.orders[int(number)]
        self.journal.truncate(good)

    def _write(self, line):
        self.journal.write(line + "\n")
        self.journal.flush()
        os.fsync(self.journal.fileno())

    def add(self, what):
        with self.lock:
            self._write(f"+ {self.last + 1} {what}")
            self.last += 1
            self.orders[self.last] = what
            return self.last

    def take(self):
        with self.lock:
            for number, what in self.orders.items():
                if number not in self.taken:
                    self.taken.add(number)
                    return number, what
            return None

    def give_back(self, number):
        with self.lock:
            self.taken.discard(number)

    def done(self, number):
        with self.lock:
            self._write(f"- {number} packed")
            self.taken.discard(number)
            del self.orders[number]

    def close(self):
        with self.lock:
            self.journal.close()
            open(self.note, "w").close()


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        mine = set()  # taken, and not done: given back if this session is lost
        try:
            for line in self.rfile:
                answer = self._answer(line.decode().rstrip("\n"), mine)
                self.wfile.write(f"{answer}\n".encode())
        except ConnectionError:
            pass
        for number in mine:
            self.server.store.give_back(number)

    def _answer(self, line, mine):
        store = self.server.store
        verb, _, rest = line.partition(" ")
        if verb == "ADD":
            return store.add(rest)
        if verb == "TAKE":
            order = store.take()
            if not order:
                return ""
            mine.add(order[0])
            return f"{order[0]} {order[1]}"
        if verb == "DONE":
            store.done(int(rest))
            mine.discard(int(rest))
            return "OK"
        return len(store.orders)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True  # a session that is open and idle does not hold up the end


folder = sys.argv[1]
path = os.path.join(folder, "database.sock")
if os.path.exists(path):
    os.unlink(path)
store = Store(folder)
with Server(path, Session) as server:
    server.store = store
    signal.signal(signal.SIGTERM,
                  lambda signo, frame: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
store.close()
print(f"{len(store.orders)} orders are to be packed, good night", flush=True)
