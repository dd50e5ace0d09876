"""One contestant with one job, from its launch to its end."""

import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import tempfile
import time

import processes
from contestants.base import Job
from events import Events

PR_SET_CHILD_SUBREAPER = 36
SHARED_MEMORY = "/dev/shm"  # no disk in the way; the same inside systemd's namespaces
GATE = "GATE"  # a word of the mode: stands for the path of the session's FIFO
PATIENCE = 60  # seconds for what takes a moment


def become_subreaper():
    """Whatever a contestant leaves behind becomes our child: nothing left is then exactly known."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


@contextlib.contextmanager
def alarm(seconds, what):
    def too_late(_signal, _frame):
        raise TimeoutError(f"{what}: not within {seconds} s")

    old = signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


class Session:
    def __init__(self, contestant, worker, n, mode, **job):
        folder = tempfile.mkdtemp(prefix="bench-", dir=SHARED_MEMORY)
        os.chmod(folder, 0o755)
        self.contestant = contestant
        self.gate = folder + "/gate"
        words = [self.gate if word == GATE else str(word) for word in mode]
        self.job = Job(pathlib.Path(folder), str(worker), n, words, **job)
        self.pid = 0
        self.gate_fd = -1
        try:
            os.mkfifo(self.gate)
            self.events = Events(self.job.events)
            contestant.configure(self.job)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
        self.contestant.after(self.job, self.pid)
        self.events.close()
        if self.gate_fd >= 0:
            os.close(self.gate_fd)
        shutil.rmtree(self.job.folder, ignore_errors=True)

    def launch(self):
        """Returns when, in nanoseconds of the monotonic clock."""
        argv = list(map(str, self.contestant.command(self.job)))
        environment = self.contestant.environment()
        null = os.open("/dev/null", os.O_RDWR)
        files = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
        before = time.monotonic_ns()
        self.pid = os.posix_spawn(argv[0], argv, environment, file_actions=files, setsid=True)
        os.close(null)
        return before

    def supervising(self):
        return processes.supervising()

    def open_gate(self):
        """Let the workers write; returns when. Those that come later find it open."""
        before = time.monotonic_ns()
        with alarm(PATIENCE, "gate"):
            self.gate_fd = os.open(self.gate, os.O_WRONLY)
        return before

    def stop(self, seconds):
        """Returns when it was told to, and when nothing was left."""
        before = time.monotonic_ns()
        self.contestant.stop(self.job, self.pid)
        with alarm(seconds, "stop"), contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
        return before, time.monotonic_ns()

    def end(self):
        """Of whatever is left, after a failure too."""
        with contextlib.suppress(ChildProcessError), alarm(PATIENCE, "end"):
            while True:
                for process in processes.below(os.getpid()):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process.pid, signal.SIGKILL)
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
                time.sleep(0.002)
