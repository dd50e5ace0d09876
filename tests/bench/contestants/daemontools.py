import os
import signal
import subprocess

from .base import Scanned


class Daemontools(Scanned):
    name = "daemontools"
    program = "svscan"
    package = "daemontools"
    logger = "multilog n3 s16777215 ./main"
    escalates = False

    def command(self, job):
        return [self.find(), str(self.services(job))]

    def stop(self, job, pid):
        """svscan first, or it would start them again."""
        os.kill(pid, signal.SIGTERM)
        services = sorted(self.services(job).iterdir())
        logs = [s / "log" for s in services] if job.logs else []
        subprocess.run(["svc", "-dx", *map(str, services + logs)], check=False,
                       env=self.environment())
