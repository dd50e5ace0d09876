"""Write to the database, transaction after transaction, and note each that was acknowledged. On
SIGTERM the one at hand is finished."""

import os
import signal
import subprocess
import sys

stopping = False


def on_sigterm(signo, frame):
    global stopping
    stopping = True


lab = os.environ["LAB"]
name = sys.argv[1]
signal.signal(signal.SIGTERM, on_sigterm)
# A failed statement ends psql, so that what it echoes comes after a commit, and only then.
psql = subprocess.Popen(
    [os.environ["PSQL"], "-qAtX", "-v", "ON_ERROR_STOP=1"]
    + ["-h", lab + "/postgres", "-U", "tester", "postgres"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
with open(f"{lab}/acknowledged.{name}", "a", buffering=1) as acknowledged:
    n = 0
    while not stopping:
        n += 1
        number = f"{name}-{os.getpid()}-{n}"
        try:
            psql.stdin.write(
                f"BEGIN; INSERT INTO kept VALUES ('{number}');"
                f" UPDATE counts SET n = n + 1 WHERE writer = '{name}'; COMMIT;\n"
                f"\\echo {number}\n")
        except BrokenPipeError:
            break
        if psql.stdout.readline().strip() != number:
            break
        print(number, file=acknowledged)
try:
    psql.stdin.close()
except BrokenPipeError:
    pass
sys.exit(psql.wait())
