"""Packs one order after the other. After SIGTERM it finishes the one at hand."""

import sys
import time

from client import Asked, Database

asked = Asked()
database = Database(sys.argv[1])
while not asked:
    number, _, what = database.ask("TAKE").partition(" ")
    if not number:
        time.sleep(0.2)
        continue
    time.sleep(0.5)  # the work
    database.ask("DONE " + number)
    print(f"packed {number}: {what}", flush=True)
