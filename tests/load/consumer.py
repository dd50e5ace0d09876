"""Do the jobs of the queue. A job is in a list of this consumer's own until it is done, so that
none is lost; on SIGTERM the one at hand is finished, so that none is done twice."""

import os
import random
import signal
import sys
import time

from redis_client import Redis

stopping = False


def on_sigterm(signo, frame):
    global stopping
    stopping = True


name = sys.argv[1]
mine = "processing:" + name
signal.signal(signal.SIGTERM, on_sigterm)
redis = Redis()
with open(f"{os.environ['LAB']}/done.{name}", "a", buffering=1) as done:
    while not stopping:
        job = redis.call("BRPOPLPUSH", "jobs", mine, 0.2)
        if job is None:
            continue
        time.sleep(random.uniform(0.005, 0.03))  # the work
        print(job, file=done)
        redis.call("LREM", mine, 1, job)
