"""The names, units and meanings of what is measured; README.md says more."""

import collections

Metric = collections.namedtuple("Metric", "name unit title better absolute")


def _metric(name, unit, title, better="less", absolute=False):
    return name, Metric(name, unit, title, better, absolute)


METRICS = dict([
    _metric("start", "ms", "start: launch to the last worker's first instruction"),
    _metric("memory", "KiB", "memory: PSS of all supervising processes per worker"),
    _metric("page_tables", "KiB", "page tables of all supervising processes per worker"),
    _metric("memory_logs", "KiB", "memory with log capture, PSS per worker"),
    _metric("idle_wakeups", "1/s", "idle: wake-ups per second", absolute=True),
    _metric("idle_cpu", "ms/s", "idle: processor time per second", absolute=True),
    _metric("respawn_p50", "us", "respawn: SIGKILL to the first instruction, median"),
    _metric("respawn_p99", "us", "respawn: SIGKILL to the first instruction, p99"),
    _metric("respawn_cpu", "us", "respawn: supervising processor time each"),
    _metric("stop", "ms", "stop: trigger to nothing left"),
    _metric("fanout_first", "ms", "stop: trigger to the first SIGTERM"),
    _metric("fanout_last", "ms", "stop: trigger to the last SIGTERM"),
    _metric("escalation", "ms", "escalation: beyond the grace until all are killed"),
    _metric("log_rate", "MB/s", "log capture: rate of 128-byte lines", better="more"),
    _metric("log_cpu", "s/GiB", "log capture: processor time per GiB of lines"),
    _metric("trickle_cpu", "us", "log trickle: processor time per line"),
    _metric("storm_cpu", "us", "crash storm: processor time per restart"),
    _metric("storm_rate", "1/s", "crash storm: restarts per second", absolute=True),
    _metric("config", "ms", "configuration of N programs, one started"),
])
