"""What the kernel says of the processes below this one."""

import collections
import os

WORKER = "bench-worker"
Process = collections.namedtuple("Process", "pid parent name")
Spent = collections.namedtuple("Spent", "cpu_nsec wakeups")


def children_of_all():
    """parent -> its processes, of the whole system; zombies have nothing left to measure."""
    found = collections.defaultdict(list)
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as f:
                head, _, tail = f.read().rpartition(")")
        except OSError:
            continue  # ended meanwhile
        state, parent = tail.split()[:2]
        if state not in "ZX":
            found[int(parent)].append(Process(int(entry), int(parent), head.partition("(")[2]))
    return found


def below(pid):
    """All that descend from pid, not itself."""
    tree = children_of_all()
    found, open_ends = [], [pid]
    while open_ends:
        new = tree[open_ends.pop()]
        found += new
        open_ends += [p.pid for p in new]
    return found


def supervising(ignored=()):
    """The pids of every process below this one that is no worker and not of the apparatus."""
    return [p.pid for p in below(os.getpid()) if p.name != WORKER and p.pid not in ignored]


def _field(path, name):
    with open(path) as f:
        for line in f:
            if line.startswith(name):
                return int(line.split()[1])
    return 0


def _sum(pids, read):
    total = 0
    for pid in pids:
        try:
            total += read(pid)
        except OSError:
            pass  # ended meanwhile
    return total


def pss_kib(pids):
    return _sum(pids, lambda pid: _field(f"/proc/{pid}/smaps_rollup", "Pss:"))


def page_tables_kib(pids):
    return _sum(pids, lambda pid: _field(f"/proc/{pid}/status", "VmPTE:"))


def _threads(pid):
    return [f"/proc/{pid}/task/{thread}" for thread in os.listdir(f"/proc/{pid}/task")]


def _cpu_nsec(pid):
    total = 0
    for thread in _threads(pid):
        with open(thread + "/schedstat") as f:
            total += int(f.read().split()[0])
    return total


def _wakeups(pid):
    return sum(_field(thread + "/status", "voluntary_ctxt_switches:") for thread in _threads(pid))


def spent(pids):
    """Since they began: their time on processors, and how often they went to sleep."""
    return Spent(_sum(pids, _cpu_nsec), _sum(pids, _wakeups))
