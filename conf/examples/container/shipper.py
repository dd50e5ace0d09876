"""Ships what others tell it, a datagram each, to standard output. After SIGTERM it ships what it has
been sent until then, and ends."""

import os
import select
import signal
import socket
import sys

path = sys.argv[1]
if os.path.exists(path):
    os.unlink(path)
inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
inbox.bind(path)
inbox.setblocking(False)

# A signal makes the other end readable: nothing is missed between a look and a wait.
wake, waker = socket.socketpair()
waker.setblocking(False)
signal.set_wakeup_fd(waker.fileno())
asked = False


def on_sigterm(signo, frame):
    global asked
    asked = True


signal.signal(signal.SIGTERM, on_sigterm)
while True:
    is_last = asked
    try:
        while True:
            print("shipped:", inbox.recv(4096).decode(), flush=True)
    except BlockingIOError:
        pass
    if is_last:
        break
    select.select([inbox, wake], [], [])
