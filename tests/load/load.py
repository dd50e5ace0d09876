"""Stop everything in the middle of its work, ROUNDS times, and then look whether anything was lost,
done twice or refused. See stack.conf for what is supervised."""

import collections
import http.client
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

from lab import HERE, Lab, Missing, await_true
from redis_client import Redis

ROUNDS = int(os.environ.get("ROUNDS", "2"))
WEB_CLIENTS = 6
SLOW_CLIENTS = 2
OUTSIDE_WRITERS = 2
LOOK_AND_SEND = 0.4  # seconds, within the drain_delay of stack.conf
# Who ends before whom.
ORDER = ([("nginx", "app"), ("app", "redis")]
         + [(f"consumer_{i}", "redis") for i in range(3)]
         + [(f"writer_{i}", "postgres") for i in range(3)])


class Visitors:
    """Clients behind a load balancer: for as long as it shows ready they send requests, each over a
    connection of its own."""

    def __init__(self, lab):
        self.lab = lab
        self.jobs = []  # of requests that were answered
        self.pages = 0
        self.failures = []
        self.threads = [threading.Thread(target=self._visit, args=(self._post_job,))
                        for _ in range(WEB_CLIENTS)]
        self.threads += [threading.Thread(target=self._visit, args=(self._get_page,))
                         for _ in range(SLOW_CLIENTS)]
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join()

    def _visit(self, request):
        looked = time.monotonic()
        while os.path.exists(self.lab.path("ready")):
            connection = http.client.HTTPConnection("127.0.0.1", self.lab.port, timeout=60)
            sent = None
            try:
                connection.connect()
                sent = time.monotonic()
                request(connection)
            except (OSError, http.client.HTTPException, AssertionError) as error:
                # On a busy machine the drain may have passed between the look and the request.
                if (sent or time.monotonic()) - looked < LOOK_AND_SEND:
                    self.failures.append(repr(error))
            connection.close()
            looked = time.monotonic()

    @staticmethod
    def _ask(connection, method, path):
        connection.request(method, path)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, f"{path}: status {response.status}"
        return body

    def _post_job(self, connection):
        self.jobs.append(self._ask(connection, "POST", "/job").decode())

    def _get_page(self, connection):
        assert len(self._ask(connection, "GET", "/slow")) == 192 * 1024
        self.pages += 1


class Results:
    """Of all rounds together."""

    def __init__(self):
        self.jobs = []
        self.pages = 0
        self.failures = []
        self.seconds = []
        self.unclean = []
        self.acknowledged = []
        self.lost = set()


def start_outside_writers(lab, number):
    """Sessions that nobody stops before the database, and that it has to end by itself."""
    return [subprocess.Popen([sys.executable, str(HERE / "writer.py"), f"outside_{number}_{i}"],
                             env=lab.env, stderr=subprocess.DEVNULL)
            for i in range(OUTSIDE_WRITERS)]


def count_of(lab, pattern):
    return sum(1 for _ in lab.lines(pattern))


def await_load(lab, visitors, number):
    """All kinds of work are going on; then some time, so that each stop hits another moment."""
    before = count_of(lab, "done.*")
    await_true("work of consumers", lambda: count_of(lab, "done.*") > before + 10)
    await_true("work of writers", lambda: count_of(lab, f"acknowledged.outside_{number}_*") > 10)
    await_true("a slow page", lambda: visitors.pages > 0 or visitors.failures)
    time.sleep(random.uniform(0, 1))


def check_order(lab):
    for first, then in ORDER:
        assert lab.when_stopped(first) < lab.when_stopped(then), \
            f"{then} ended before {first}:\n{lab.log()}"


def check_databases(lab, results):
    """Neither was cut while it ended, nor has to repair anything at this start."""
    postgres, redis = lab.read("postgres.log"), lab.read("redis.log")
    for bad in ("was interrupted", "automatic recovery", "not properly shut down"):
        if bad in postgres:
            results.unclean.append(f"postgres: {bad}")
    if postgres.count("database system was shut down at") != len(results.seconds) + 1:
        results.unclean.append("postgres: not each start found it shut down")
    if redis.count("ready to exit, bye bye") != len(results.seconds):
        results.unclean.append("redis: not each end was a regular one")
    for bad in ("Bad file format", "runcated"):
        if bad in redis:
            results.unclean.append(f"redis: {bad}")


def run_round(lab, number, results):
    lab.start()
    check_databases(lab, results)
    visitors = Visitors(lab)
    outside = start_outside_writers(lab, number)
    await_load(lab, visitors, number)
    seconds = lab.stop()
    visitors.join()
    for writer in outside:
        writer.wait()
    check_order(lab)
    assert "killing" not in lab.log(), lab.log()

    results.seconds.append(seconds)
    results.jobs += visitors.jobs
    results.pages += visitors.pages
    results.failures += visitors.failures
    print(f"      round {number}: {len(visitors.jobs)} requests and {visitors.pages} slow pages"
          f" answered, {len(visitors.failures)} failed, ended in {seconds:.2f} s", flush=True)


def finish_queue(lab, results):
    """Start once more and let the consumers come to the end of the queue."""
    lab.start()
    check_databases(lab, results)
    redis = Redis()
    await_true("the end of the queue", lambda: redis.call("LLEN", "jobs") == 0)
    redis.close()
    results.acknowledged = list(lab.lines("acknowledged.*"))
    results.lost = set(results.acknowledged) - set(lab.sql("SELECT number FROM kept"))
    lab.stop()


# ---------------------------------------------------------------- verdicts


def no_request_is_refused_or_cut(results, lab):
    assert not results.failures, f"{len(results.failures)} failed: {results.failures[:5]}"
    return f"{len(results.jobs)} requests and {results.pages} slow pages answered"


def each_acknowledged_commit_is_kept(results, lab):
    n, lost = len(results.acknowledged), results.lost
    assert not lost, f"{len(lost)} of {n} are lost: {sorted(lost)[:5]}"
    outside = sum(1 for number in results.acknowledged if number.startswith("outside"))
    return f"{n} commits, {outside} of them by sessions that were cut"


def each_job_is_done_exactly_once(results, lab):
    done = collections.Counter(lab.lines("done.*"))
    lost = set(results.jobs) - set(done)
    twice = [job for job, n in done.items() if n > 1]
    assert not lost and not twice, f"{len(lost)} lost, {len(twice)} done twice"
    return f"{len(done)} jobs"


def no_database_needs_a_recovery(results, lab):
    assert not results.unclean, "; ".join(results.unclean)
    return f"{len(results.seconds) + 1} starts"


def judge(results, lab):
    passed = failed = 0
    for verdict in (no_request_is_refused_or_cut, each_acknowledged_commit_is_kept,
                    each_job_is_done_exactly_once, no_database_needs_a_recovery):
        try:
            print(f"ok    load::{verdict.__name__} ({verdict(results, lab)})")
            passed += 1
        except AssertionError as error:
            print(f"FAIL  load::{verdict.__name__}\n      | {error}")
            failed += 1
    return passed, failed


def run_all(lab):
    results = Results()
    try:
        for number in range(1, ROUNDS + 1):
            run_round(lab, number, results)
        finish_queue(lab, results)
    except AssertionError as error:
        text = str(error).replace("\n", "\n      | ")
        print(f"FAIL  load::everything_ends_by_itself_and_in_order\n      | {text}")
        return 0, 1
    print(f"ok    load::everything_ends_by_itself_and_in_order ({ROUNDS} times, in"
          f" {min(results.seconds):.2f} to {max(results.seconds):.2f} s)")
    passed, failed = judge(results, lab)
    return passed + 1, failed


def main():
    try:
        lab = Lab()
    except Missing as missing:
        print(f"skip  load ({missing})")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    try:
        passed, failed = run_all(lab)
    finally:
        lab.close()
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
