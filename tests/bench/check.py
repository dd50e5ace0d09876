"""Judge what an instrument's run has written to a folder: every metric of each contestant, possible
values, the medians, and a plot that is well-formed."""

import json
import pathlib
import sys
import xml.dom.minidom

from metrics import METRICS

CONTESTANTS = ("floor", "supervisord")
MAY_BE_NOTHING = {"idle_wakeups", "idle_cpu"}
MAY_BE_EARLY = {"escalation"}  # against the driver's own clock, by what it takes to tell
# Without idling, nothing takes longer than this in its unit, with three workers.
LIMIT = 1e7


def complaints(lines, name, metric):
    values = [e["value"] for e in lines if e.get("contestant") == name and e.get("metric") == metric
              and "value" in e]
    if not values:
        yield "not measured"
    for value in values:
        lowest = -1 if metric in MAY_BE_EARLY else 0
        if value < lowest or (value == 0 and metric not in MAY_BE_NOTHING) or value > LIMIT:
            yield f"{value} is impossible"
    if not any(e.get("metric") == metric and e.get("contestant") == name and "median" in e
               for e in lines):
        yield "no median"


def order_of_a_stop(lines, name):
    values = {e["metric"]: e["value"] for e in lines if e.get("contestant") == name and "value" in e}
    if not (values.get("fanout_first", 0) <= values.get("fanout_last", 0) <= values.get("stop", 0)):
        yield "first SIGTERM, last SIGTERM and end are out of order"


def plots(folder):
    for metric in METRICS:
        if metric in MAY_BE_NOTHING:
            continue
        try:
            xml.dom.minidom.parse(str(folder / f"{metric}.svg"))
        except Exception as error:  # whatever a parser finds
            yield f"{metric}.svg: {error}"


def main():
    folder = pathlib.Path(sys.argv[1])
    try:
        lines = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    except (OSError, ValueError) as error:
        print(f"FAIL  bench::results ({error})\n0 passed, 1 failed, 0 skipped")
        return 1
    tests = {f"{name}_{metric}": list(complaints(lines, name, metric))
             for name in CONTESTANTS for metric in METRICS}
    tests |= {f"{name}_stop_in_order": list(order_of_a_stop(lines, name)) for name in CONTESTANTS}
    tests["failures"] = [str(e) for e in lines if "failed" in e]
    tests["machine"] = [] if lines and lines[0].get("machine", {}).get("kernel") else ["not named"]
    tests["plots"] = list(plots(folder))
    failed = 0
    for test, why in tests.items():
        print(f"{'FAIL' if why else 'ok  '}  bench::{test}" + (f" ({'; '.join(why)})" if why else ""))
        failed += bool(why)
    print(f"{len(tests) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
