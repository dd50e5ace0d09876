"""What a failure may do to the daemon, and what not."""

import os
import re

# (kind, subject, reason): failures of which nobody need be told.
SILENT = [
]

SANITIZER = re.compile(r"ERROR: (Address|Leak|Undefined\w+)Sanitizer|runtime error:|Assertion")
LINES_MAX = 12  # about one failure; a file that cannot be written concerns several programs


def is_silent(kind, subject):
    return next((reason for k, s, reason in SILENT
                 if re.fullmatch(k, kind) and re.search(s, subject)), None)


def words_of(error):
    words = [os.strerror(error)]
    if os.strerror(error) == "Cannot allocate memory":
        words.append("out of memory")
    return words


def failures(scenario):
    """(kind, subject) of each call that was made to fail."""
    for line in scenario.read("report").splitlines():
        if line.startswith("failed "):
            parts = line.split(" ", 2) + [""]
            yield parts[1], parts[2]


def judge_end(scenario):
    """What is wrong with the way the daemon ended."""
    logs = scenario.logs()
    started = "supervisord started with pid" in logs
    for what in scenario.hung:
        yield f"hangs: {what}"
    for line in scenario.read("report").splitlines():
        event, _, value = line.partition(" ")
        if event == "killed" and not scenario.hung:
            yield f"died by signal {value}"
        elif event == "orphan":
            yield f"left process {value}"
        elif event == "exited" and value != "0":
            if started:
                yield f"gave up with status {value}"
            elif value not in ("1", "2") or not re.search(r"Error: |CRIT ", logs):
                yield f"did not start, with status {value} and no reason"
    found = SANITIZER.search(logs)
    if found:
        yield found.group(0)


def judge(scenario, error, sticky=False):
    """All that is wrong with this run."""
    problems = list(judge_end(scenario))
    logs = scenario.logs()
    lines = [line for line in logs.splitlines() if any(w in line for w in words_of(error))]
    loud = [f"{kind} {subject}" for kind, subject in failures(scenario)
            if not is_silent(kind, subject)]
    if loud and not lines:
        problems.append(f"says nothing of {loud[0]}")
    if len(lines) > LINES_MAX * (10 if sticky else 1):
        problems.append(f"says it {len(lines)} times")
    if scenario.unreached:
        problems.append(f"did not recover: {', '.join(scenario.unreached)}")
    return problems
