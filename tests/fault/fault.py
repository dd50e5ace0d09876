#!/usr/bin/env python3
"""Let the daemon live a short life again and again, each time with another call failing.

    fault.py BUILD                      a sample that takes a minute
    fault.py BUILD --full               every call of every kind, and every way to an allocation
    fault.py BUILD --run open:12:EMFILE only this, and keep its folder
    fault.py BUILD --silent             also name those of whom nobody was told, and why
    fault.py BUILD --keep               keep the folder of each run that fails

The last line is "N passed, N failed, N skipped".
"""

import argparse
import collections
import concurrent.futures
import errno
import os
import random
import sys
import time

import verdict
from scenario import Scenario

# How each kind fails in the field. Reading a pipe or a local socket does not.
ERRORS = {
    "clone": ["EAGAIN", "ENOMEM"],
    "open": ["EMFILE", "EIO"],
    "pipe": ["EMFILE"],
    "socket": ["EMFILE"],
    "bind": ["EACCES"],
    "listen": ["EADDRINUSE"],
    "accept": ["EMFILE", "ECONNABORTED"],
    "connect": ["ECONNREFUSED"],
    "sockopt": ["ENOMEM"],
    "sockname": ["ENOBUFS"],
    "fcntl": ["EMFILE"],
    "epoll_create": ["EMFILE"],
    "epoll_ctl": ["ENOSPC", "ENOMEM"],
    "epoll_wait": ["EINTR"],
    "poll": ["EINTR"],
    "timerfd": ["EMFILE"],
    "eventfd": ["EMFILE"],
    "signalfd": ["EMFILE"],
    "inotify": ["ENOSPC"],
    "pidfd_open": ["EMFILE"],
    "kill": ["EPERM"],
    "read": ["EIO"],
    "write": ["ENOSPC", "EIO"],
    "write-pipe": ["ENOMEM"],  # that of the threads, whose other end is there
    "splice": ["EIO"],
    "send": ["ENOBUFS", "EPIPE"],
    "receive": ["ECONNRESET"],
    "mkdir": ["ENOSPC"],
    "unlink": ["EROFS"],
    "rename": ["ENOSPC"],
    "stat": ["EIO"],
    "access": ["EIO"],
    "readlink": ["EIO"],
    "getdents": ["EIO"],
    "truncate": ["EIO"],
    "chmod": ["EROFS"],
    "chown": ["EROFS"],
    "flock": ["ENOLCK"],
    "ioctl": ["EIO"],
    "mmap": ["ENOMEM"],
    "mprotect": ["ENOMEM"],
    "prlimit": ["EPERM"],
    "prctl": ["EINVAL"],
    "getrandom": ["EAGAIN"],
}

# What fails for a while, all of it, until it is repaired.
STICKY = {
    "open,pipe,socket,accept,fcntl,epoll_create,timerfd,eventfd,signalfd,inotify,pidfd_open":
        "EMFILE",
    "write,mkdir": "ENOSPC",
    "clone": "EAGAIN",
}

Fault = collections.namedtuple("Fault", "kind n error sticky cgroups")


def text_of(fault):
    return (f"{fault.kind}:{fault.n}{'+' if fault.sticky else ''}:{fault.error}"
            f"{':cgroups' if fault.cgroups else ''}")


def parse(text):
    parts = text.split(":")
    return Fault(parts[0], int(parts[1].rstrip("+")), parts[2], parts[1].endswith("+"),
                 parts[3:] == ["cgroups"])


def play(build, fault, keep=False, keep_failed=False):
    """Run the scenario with @fault; returns (problems, was anything reached, what nobody
    was told of, folder)."""
    scenario = Scenario(build, fault.cgroups)
    error = getattr(errno, fault.error)
    if fault.kind == "memory":
        scenario.start("none", f"{fault.n}:{30 if fault.sticky else 1}")
    else:
        scenario.start(f"{fault.kind}:{fault.n}{'+' if fault.sticky else ''}:{error}")
    scenario.live()
    scenario.check_recovery()
    scenario.stop()
    problems = verdict.judge(scenario, error, fault.sticky)
    reached = any(True for _ in verdict.failures(scenario))
    silent = list(verdict.excuses(scenario, error))
    what = "; ".join(dict.fromkeys(f"{k} {s}" for k, s in verdict.failures(scenario)))
    keep = keep or (keep_failed and problems)
    if keep:
        scenario.write_transcript()
    else:
        scenario.remove()
    return problems, reached, silent, f"[{what[:300]}] {scenario.dir if keep else ''}"


def list_calls(build, cgroups):
    """What could fail: for each kind how many calls there are, and the n of the allocations that
    are the first of their way."""
    counts = collections.Counter()
    scenario = Scenario(build, cgroups)
    scenario.start("list")
    scenario.live()
    scenario.check_recovery()
    scenario.stop()
    for line in scenario.read("report").splitlines():
        if line.startswith("call "):
            counts[line.split()[1]] += 1
    problems = list(verdict.judge_end(scenario))
    scenario.remove()

    scenario = Scenario(build, cgroups)
    scenario.start("none", "list")
    scenario.live()
    scenario.check_recovery()
    scenario.stop()
    problems += verdict.judge_end(scenario)
    words = [line.split() for line in scenario.read("report").splitlines()]
    scenario.remove()
    sites = [int(w[1]) for w in words if w[0] == "site"]
    n = sum(int(w[1]) for w in words if w[0] == "allocations")
    return counts, sites, n, problems


def plan_faults(calls, cgroups, every_allocation):
    counts, sites, n_allocations, _ = calls
    for kind, errors in ERRORS.items():
        for error in errors:
            for n in range(1, counts[kind] + 1):
                yield Fault(kind, n, error, False, cgroups)
    for kinds, error in STICKY.items():
        total = sum(counts[k] for k in kinds.split(","))
        for n in range(1, total + 1, max(1, total // 40)):
            yield Fault(kinds, n, error, True, cgroups)
    for n in range(1, n_allocations + 1) if every_allocation else sites:
        yield Fault("memory", n, "ENOMEM", False, cgroups)
    for n in range(1, n_allocations + 1, max(1, n_allocations // 40)):
        yield Fault("memory", n, "ENOMEM", True, cgroups)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("build")
    options.add_argument("--full", action="store_true")
    options.add_argument("--silent", action="store_true")
    options.add_argument("--keep", action="store_true")
    options.add_argument("--every-allocation", action="store_true")
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--seed", type=int, default=None)
    options.add_argument("--kind", action="append")
    options.add_argument("--run", action="append")
    options.add_argument("-j", type=int, default=2 * (os.cpu_count() or 1))
    o = options.parse_args()
    build = os.path.realpath(o.build)
    if o.run:
        for text in o.run:
            print(text, *play(build, parse(text), keep=True), sep="\n  ")
        return 0

    seed = random.randrange(1000000) if o.seed is None else o.seed
    faults = []
    for cgroups in (False, True):
        calls = list_calls(build, cgroups)
        if calls[3]:
            print("FAIL  fault::nothing_fails:", *calls[3])
            print("0 passed, 1 failed, 0 skipped")
            return 1
        faults += plan_faults(calls, cgroups, o.every_allocation)
    if verdict.is_sanitized(build):  # its own memory is mapped as well
        faults = [f for f in faults if f.kind not in ("mmap", "mprotect")]
    faults = [f for f in faults if not o.kind or f.kind in o.kind]
    if not o.full:
        random.Random(seed).shuffle(faults)
        print(f"a sample of {len(faults)} faults, --seed {seed}")

    deadline = time.monotonic() + o.seconds
    runs, failed, missed = collections.Counter(), collections.Counter(), 0
    with concurrent.futures.ThreadPoolExecutor(o.j) as pool:
        def work(fault):
            if not o.full and time.monotonic() > deadline:
                return fault, None
            return fault, play(build, fault, keep_failed=o.keep)
        for fault, result in pool.map(work, faults):
            if result is None:
                continue
            problems, reached, silent, what = result
            runs[fault.kind] += 1
            missed += not reached
            if o.silent and silent:
                print(f"silent fault::{text_of(fault)}: {'; '.join(dict.fromkeys(silent))}", flush=True)
            if problems:
                failed[fault.kind] += 1
                print(f"FAIL  fault::{text_of(fault)}: {'; '.join(problems)} {what}", flush=True)
    for kind in runs:
        print(f"ok    fault::{kind}: {runs[kind] - failed[kind]} of {runs[kind]}")
    print(f"{missed} did not get so far")
    print(f"{runs.total() - failed.total()} passed, {failed.total()} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
