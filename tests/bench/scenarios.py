"""What is done with a contestant to measure it. Each scenario yields (metric, value) pairs."""

import os
import time

import processes
from events import ASKED, DONE, STARTED
from session import GATE, PATIENCE, Session

SETTLED = 1.2  # seconds: runit, s6 and daemontools treat a younger worker as one that fails
GRACE = 1
LINES = 128  # bytes of one
GIB = 1 << 30


class Effort:
    """How much of each is done: quick is enough to see, full to publish."""

    def __init__(self, full, quickest=False):
        self.idle_seconds = 10 if full else 1
        self.respawns = 300 if full else 50
        self.respawn_seconds = 20 if full else 3
        self.storm_seconds = 10 if full else 2
        self.log_bytes = GIB if full else 256 << 20
        self.trickle_seconds = 5 if full else 2
        self.start_seconds = 120 if full else PATIENCE
        if quickest:
            self.idle_seconds = self.storm_seconds = self.trickle_seconds = 0.3
            self.respawns, self.log_bytes = 3, 1 << 20


def _ms(nsec):
    return nsec / 1e6


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _start(session, effort):
    launched = session.launch()
    started = session.events.wait(STARTED, session.job.n, effort.start_seconds)
    return _ms(max(e.nsec for e in started) - launched)


def _idle(pids, effort):
    before, begin = processes.spent(pids), time.monotonic()
    time.sleep(effort.idle_seconds)
    after, seconds = processes.spent(pids), time.monotonic() - begin
    yield "idle_wakeups", (after.wakeups - before.wakeups) / seconds
    yield "idle_cpu", (after.cpu_nsec - before.cpu_nsec) / 1e6 / seconds


def _kill_one(session, worker):
    """Returns the worker's next start and the nanoseconds until then."""
    # All count a worker that ends in its first second as failing; that is not what is meant here.
    time.sleep(max(0.0, worker.nsec / 1e9 + SETTLED - time.monotonic()))
    pid = session.contestant.worker_pid(worker.pid, worker.index)
    killed = time.monotonic_ns()
    os.kill(pid, 9)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for event in session.events.read():
            if event.kind == STARTED and event.index == worker.index:
                return event, event.nsec - killed
        time.sleep(0.0002)
    raise TimeoutError(f"worker {worker.index} was not started again")


def _respawn(session, pids, effort):
    latest = {e.index: e for e in session.events.of(STARTED)}
    stride = 7 if session.job.n % 7 else 1  # neighbours were started together
    took, index = [], 0
    before, end = processes.spent(pids), time.monotonic() + effort.respawn_seconds
    while len(took) < effort.respawns and (not took or time.monotonic() < end):
        index = (index + stride) % session.job.n
        latest[index], nsec = _kill_one(session, latest[index])
        took.append(nsec / 1e3)
    cpu = processes.spent(pids).cpu_nsec - before.cpu_nsec
    yield "respawn_p50", percentile(took, 0.5)
    yield "respawn_p99", percentile(took, 0.99)
    yield "respawn_cpu", cpu / 1e3 / len(took)


def _stop(session):
    told, gone = session.stop(PATIENCE)
    asked = [e.nsec for e in session.events.of(ASKED, since=told)]
    if len(asked) < session.job.n:
        raise RuntimeError(f"only {len(asked)} of {session.job.n} workers were asked to end")
    yield "stop", _ms(gone - told)
    yield "fanout_first", _ms(min(asked) - told)
    yield "fanout_last", _ms(max(asked) - told)


def life(contestant, worker, n, effort):
    with Session(contestant, worker, n, ["pause"]) as session:
        yield "start", _start(session, effort)
        time.sleep(SETTLED)
        pids = session.supervising()
        yield "memory", processes.pss_kib(pids) / n
        yield "page_tables", processes.page_tables_kib(pids) / n
        yield from _idle(pids, effort)
        if contestant.restarts:
            yield from _respawn(session, pids, effort)
            time.sleep(SETTLED)
        yield from _stop(session)


def escalation(contestant, worker, n, effort):
    if not contestant.escalates:
        return
    with Session(contestant, worker, n, ["stubborn"], grace=GRACE) as session:
        _start(session, effort)
        time.sleep(SETTLED)
        told, gone = session.stop(PATIENCE + GRACE)
        yield "escalation", _ms(gone - told) - GRACE * 1000


def storm(contestant, worker, n, effort):
    if not contestant.storms:
        return
    with Session(contestant, worker, n, ["crash"]) as session:
        session.launch()
        session.events.wait(STARTED, n, effort.start_seconds)
        pids = session.supervising()
        before, count = processes.spent(pids), session.events.count()
        begin = time.monotonic()
        time.sleep(effort.storm_seconds)
        seconds = time.monotonic() - begin
        restarts = session.events.count() - count
        cpu = processes.spent(pids).cpu_nsec - before.cpu_nsec
        yield "storm_rate", restarts / seconds
        if restarts:
            yield "storm_cpu", cpu / 1e3 / restarts


def _memory_with_logs(contestant, worker, n, effort):
    with Session(contestant, worker, n, ["pause"], logs=True) as session:
        _start(session, effort)
        time.sleep(SETTLED)
        yield "memory_logs", processes.pss_kib(session.supervising()) / n


def _write(contestant, worker, n, effort, mode, patience):
    """Workers that write, all from one moment on; the seconds that it takes and those of processors."""
    with Session(contestant, worker, n, mode, logs=True) as session:
        session.launch()
        session.events.wait(STARTED, n, effort.start_seconds)
        pids = session.supervising()
        before = processes.spent(pids)
        began = session.open_gate()
        done = session.events.wait(DONE, n, patience)
        cpu = processes.spent(pids).cpu_nsec - before.cpu_nsec
        return (max(e.nsec for e in done) - began) / 1e9, cpu / 1e9


def logs(contestant, worker, n, effort):
    if not contestant.logs:
        return
    yield from _memory_with_logs(contestant, worker, n, effort)
    share = max(effort.log_bytes // n // LINES * LINES, LINES)
    seconds, cpu = _write(contestant, worker, n, effort, ["write", GATE, LINES, share],
                          2 * effort.start_seconds)
    yield "log_rate", share * n / 1e6 / seconds
    yield "log_cpu", cpu / (share * n / GIB)


def trickle(contestant, worker, n, effort):
    """At most 5,000 lines a second in all, as a hundred workers write with 50 each."""
    if not contestant.logs:
        return
    per_second = min(50, max(1, 5000 // n))
    lines = max(1, int(per_second * effort.trickle_seconds))
    mode = ["trickle", GATE, 1000000 // per_second, lines]
    _, cpu = _write(contestant, worker, n, effort, mode, effort.start_seconds)
    yield "trickle_cpu", cpu * 1e6 / (lines * n)


def config(contestant, worker, n, effort):
    if not contestant.configures:
        return
    with Session(contestant, worker, n, ["pause"], only_first=True) as session:
        launched = session.launch()
        first = session.events.wait(STARTED, 1, effort.start_seconds)[0]
        yield "config", _ms(first.nsec - launched)


ALL = {f.__name__: f for f in (life, escalation, storm, logs, trickle, config)}
