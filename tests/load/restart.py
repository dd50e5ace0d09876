"""Restart four web workers behind one listening socket under load, RESTARTS times in each way, and
count the requests that failed. They are those of conf/examples/web.conf."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from clients import Clients
from lab import HERE, await_true, free_port

RESTARTS = int(os.environ.get("RESTARTS", "4"))
WORKERS = 4
PATHS = ["/"] * 3 + ["/slow"] * 3
BETWEEN = 50  # requests that are answered between two restarts, at least
SUPERVISORCTL = os.path.join(os.path.dirname(os.environ["SUPERVISORD"]), "supervisorctl")
EXAMPLE = HERE.parent.parent / "conf/examples/web.conf"


class Tier:
    """The example under the supervisord that is tested."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="restart.")
        self.port = free_port()
        self.configure("hello")
        with open(self.path("log"), "w") as log:
            self.daemon = subprocess.Popen(
                [os.environ["SUPERVISORD"], "-n", "-c", self.path("supervisord.conf")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.await_ready(WORKERS)

    def close(self):
        self.daemon.kill()
        self.daemon.wait()
        if os.environ.get("LAB_KEEP"):
            print(f"      | all of it is in {self.dir}")
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def configure(self, greeting, surge=False):
        self.greeting = greeting
        text = EXAMPLE.read_text()
        for old, new in (("%(here)s", str(EXAMPLE.parent)), ("= python3 ", f"= {sys.executable} "),
                         ("8080", str(self.port)),
                         ("/tmp/supervisord-web.pid", self.path("pid")),
                         ("surge = true", f"surge = {str(surge).lower()}"),
                         ('"hello"', f'"{greeting}"')):
            assert old in text, old
            text = text.replace(old, new)
        pathlib.Path(self.path("supervisord.conf")).write_text(text)

    def log(self):
        return pathlib.Path(self.path("log")).read_text()

    def count(self, regex):
        assert self.daemon.poll() is None, self.log()
        return len(re.findall(regex, self.log()))

    def await_ready(self, n):
        """Wait until workers have become ready @n times in all."""
        await_true(f"readiness number {n}", lambda: self.count(r"worker_\d is ready") >= n)

    def pid(self, worker):
        return int(re.findall(rf"spawned: 'worker_{worker}' with pid (\d+)", self.log())[-1])


# ---------------------------------------------------------------- ways to restart


def by_reload(tier, number):
    """All at once, for another environment."""
    tier.configure(f"hello {number}")
    tier.daemon.send_signal(signal.SIGHUP)
    return WORKERS


def one_by_signal(tier, number):
    """One of them ends by itself and is started again."""
    os.kill(tier.pid(number % WORKERS), signal.SIGTERM)
    return 1


def in_turns(tier, number):
    """Each is ready before the next is touched."""
    done = subprocess.run(
        [SUPERVISORCTL, "-c", tier.path("supervisord.conf"), "rolling-restart", "worker:*"],
        capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return WORKERS


def with_surge(tier, number):
    """Each new one is ready before an old one is touched."""
    if number == 0:
        tier.configure(tier.greeting, surge=True)
        before = tier.count("configuration reloaded")
        tier.daemon.send_signal(signal.SIGHUP)
        await_true("the reload", lambda: tier.count("configuration reloaded") > before)
    return in_turns(tier, number)


def restart_under_load(tier, restart):
    """Give the clients after RESTARTS restarts in the way of @restart."""
    ready = tier.count(r"worker_\d is ready")
    clients = Clients(tier.port, PATHS)
    try:
        for number in range(RESTARTS):
            before = clients.answered
            await_true("answers", lambda: clients.answered >= before + BETWEEN or clients.failures)
            ready += restart(tier, number)
            tier.await_ready(ready)
    finally:
        clients.stop()
    return clients


def judge(tier, restart, name):
    try:
        clients = restart_under_load(tier, restart)
        assert not clients.failures, f"{len(clients.failures)} of" \
            f" {clients.answered + len(clients.failures)} failed: {clients.failures[:5]}"
        print(f"ok    load::{name} ({clients.answered} requests over {RESTARTS} restarts, the"
              f" slowest took {clients.slowest * 1000:.0f} ms)", flush=True)
        return 1, 0
    except AssertionError as error:
        text = str(error).replace("\n", "\n      | ")
        print(f"FAIL  load::{name}\n      | {text}", flush=True)
        return 0, 1


def main():
    tier = Tier()
    passed = failed = 0
    try:
        for restart, name in ((by_reload, "no_request_fails_while_all_workers_restart_at_once"),
                              (one_by_signal, "no_request_fails_while_one_worker_restarts"),
                              (in_turns, "no_request_fails_while_workers_restart_in_turns"),
                              (with_surge, "no_request_fails_while_new_workers_come_first")):
            results = judge(tier, restart, name)
            passed += results[0]
            failed += results[1]
    finally:
        tier.close()
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
