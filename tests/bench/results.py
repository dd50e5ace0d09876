"""What was measured, where: JSON lines, medians and the table of ratios."""

import collections
import json
import os
import platform
import statistics
import subprocess
import time

from metrics import METRICS


def _output(*argv):
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _processor():
    try:
        with open("/proc/cpuinfo") as f:
            return next((line.split(":")[1].strip() for line in f if line.startswith("model name")),
                        platform.machine())
    except OSError:
        return platform.machine()


def machine(contestants):
    return {
        "machine": {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "kernel": platform.release(),
            "processor": _processor(),
            "processors": len(os.sched_getaffinity(0)),
            "load": os.getloadavg()[0],
            "source": _output("git", "describe", "--always", "--dirty"),
            "contestants": {c.name: c.version() for c in contestants},
        }
    }


class Results:
    """Lines go to the file as they come, so that an interrupted run is not lost."""

    def __init__(self, path, head):
        self.values = collections.defaultdict(list)  # (metric, n, contestant) -> a value per round
        self.failures = []
        self.file = open(path, "w")
        self._line(head)

    def _line(self, fields):
        self.file.write(json.dumps(fields) + "\n")
        self.file.flush()

    def add(self, metric, n, contestant, round_, value):
        self.values[metric, n, contestant].append(value)
        self._line({"metric": metric, "n": n, "contestant": contestant, "round": round_,
                    "value": value, "unit": METRICS[metric].unit})

    def fail(self, scenario, n, contestant, round_, why):
        self.failures.append((scenario, n, contestant, why))
        self._line({"failed": scenario, "n": n, "contestant": contestant, "round": round_,
                    "why": why})

    def median(self, metric, n, contestant):
        values = self.values.get((metric, n, contestant))
        return statistics.median(values) if values else None

    def ratio(self, metric, n, contestant):
        """To the floor; None where that is nothing or there is no sense in it."""
        floor = self.median(metric, n, "floor")
        value = self.median(metric, n, contestant)
        if METRICS[metric].absolute or not floor or floor < 0 or value is None:
            return None
        return value / floor

    def close(self):
        """With the medians at the end."""
        for (metric, n, contestant), values in self.values.items():
            self._line({"metric": metric, "n": n, "contestant": contestant,
                        "median": statistics.median(values), "rounds": len(values),
                        "unit": METRICS[metric].unit,
                        "ratio": self.ratio(metric, n, contestant)})
        self.file.close()


def number(value):
    if value is None:
        return "-"
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _cell(results, metric, n, contestant):
    ratio = results.ratio(metric, n, contestant)
    if ratio is None or contestant == "floor":
        return number(results.median(metric, n, contestant))
    return "x" + number(ratio)


def table(results, sizes, contestants):
    """Lines of text: the floor with its unit, all others as multiples of it."""
    for metric in METRICS.values():
        shown = [n for n in sizes if any((metric.name, n, c) in results.values for c in contestants)]
        if not shown:
            continue
        yield ""
        more = " (more is better)" if metric.better == "more" else ""
        yield f"{metric.title}, {metric.unit}{more}"
        yield f"{'N':>7}" + "".join(f"{c:>13}" for c in contestants)
        for n in shown:
            cells = (_cell(results, metric.name, n, c) for c in contestants)
            yield f"{n:>7,}" + "".join(f"{cell:>13}" for cell in cells)
