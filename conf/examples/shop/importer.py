"""Brings in orders of other shops, a batch now and then. After SIGTERM it finishes its batch."""

import sys
import time

from client import Asked, Database

asked = Asked()
database = Database(sys.argv[1])
batch = 0
while not asked:
    batch += 1
    for i in range(1, 4):
        database.ask(f"ADD batch {batch}, {i} of 3")
        time.sleep(0.1)
    print(f"batch {batch} is in", flush=True)
    for _ in range(30):  # a sleep that is asked to end goes on: so many short ones
        if asked:
            break
        time.sleep(0.1)
