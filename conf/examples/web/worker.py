"""Answers one request at a time from the listening socket that it was given as descriptor 3. After
SIGTERM it finishes the request in hand and ends; those who wait are left to the next."""

import os
import select
import signal
import socket
import sys
import time


def listening_socket():
    """As sd_listen_fds(3) has it."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        sys.exit("one listening socket is needed: sockets = NAME")
    return socket.socket(fileno=3)


def notify(text):
    """As sd_notify(3) has it."""
    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(text.encode(), path.replace("@", "\0", 1) if path[0] == "@" else path)


def answer(connection):
    request = b""
    while b"\r\n\r\n" not in request:
        data = connection.recv(4096)
        if not data:
            return
        request += data
    if request.startswith(b"GET /slow "):
        time.sleep(0.2)
    body = f"{os.environ.get('GREETING', 'hello')} from {os.getpid()}\n"
    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
                       f"\r\n{body}".encode())


def main():
    stopping = []
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    # A signal that came just before select() would be slept over otherwise. It must not interrupt
    # accept(): a connection that was taken has to be answered.
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    listener = listening_socket()
    listener.setblocking(False)
    notify("READY=1")
    while not stopping:
        select.select([listener, wake], [], [])
        if stopping:
            break
        try:
            connection, _ = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            continue  # another worker was faster, or the client has gone
        with connection:
            connection.settimeout(10)
            try:
                answer(connection)
            except OSError:
                pass  # the client has gone
    notify("STOPPING=1")


main()
