"""What the apparatus wants to know of a contestant."""

import dataclasses
import os
import pathlib
import shlex
import shutil
import signal
import time


@dataclasses.dataclass
class Job:
    """What is to be supervised: n workers, each called with its number and the words of mode."""

    folder: pathlib.Path
    worker: str
    n: int
    mode: list
    logs: bool = False  # capture what they write
    grace: int = 60  # seconds between SIGTERM and SIGKILL
    only_first: bool = False  # all are configured, the first is started

    @property
    def events(self):
        return self.folder / "events"

    def argv(self, i):
        return [self.worker, str(self.events), str(i), *self.mode]

    def command(self, i):
        return shlex.join(self.argv(i))

    def is_started(self, i):
        return i == 0 or not self.only_first


class Contestant:
    name = ""
    restarts = True  # workers that end
    storms = True  # ... even those that end at once
    logs = True  # captures output and rotates the files
    escalates = True  # to SIGKILL after the grace
    configures = True  # can have programs that are not started
    limit = 10000  # workers at most, more are known not to work

    def find(self):
        """The path of its program, None if it is not installed."""
        raise NotImplementedError

    def version(self):
        """In a word, for the results."""
        return ""

    def configure(self, job):
        """Write to job.folder what command() needs."""
        raise NotImplementedError

    def command(self, job):
        raise NotImplementedError

    def environment(self):
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}

    def stop(self, job, pid):
        """Tell pid, the process of command(), to end with all that it supervises."""
        os.kill(pid, signal.SIGTERM)

    def worker_pid(self, pid, index):
        """The pid here of a worker that calls itself pid."""
        return pid

    def after(self, job, pid):
        """Remove what it has left behind after its end."""


class Peer(Contestant):
    """One that comes in a package: unpacked by install-peers, or in PATH."""

    program = ""
    package = ""

    def __init__(self, peers):
        self.peers = pathlib.Path(peers)
        bins = [self.peers / d for d in ("usr/bin", "bin", "usr/sbin", "sbin")]
        self.path = ":".join([*map(str, bins), os.environ.get("PATH", ""), "/usr/sbin:/sbin"])

    def find(self):
        return shutil.which(self.program, path=self.path)

    def version(self):
        try:
            lines = (self.peers / "versions").read_text().splitlines()
        except OSError:
            return "as installed"
        return dict(line.split(" ", 1) for line in lines).get(self.package, "as installed")

    def environment(self):
        return {"PATH": self.path}


class Scanned(Peer):
    """A scanner of a folder of service folders, with a supervising process for each."""

    logger = ""  # a line of shell that reads the output and writes files to `main`
    limit = 1000

    def services(self, job):
        return job.folder / "services"

    def configure(self, job):
        for i in range(job.n):
            service = self.services(job) / f"w{i:05}"
            self.script(service / "run", job.command(i))
            if not job.is_started(i):
                (service / "down").touch()
            if job.logs:
                (service / "log/main").mkdir(parents=True)
                self.script(service / "log/run", self.logger)
            self.adjust(service, job)
        # runsvdir waits a second before it looks into a folder that has just changed.
        earlier = time.time() - 10
        os.utime(self.services(job), (earlier, earlier))

    def adjust(self, service, job):
        """Write what else it needs for one."""

    @staticmethod
    def script(path, line):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\nexec {line}\n")
        path.chmod(0o755)
