import os
import signal
import subprocess

from .base import Scanned


class Runit(Scanned):
    name = "runit"
    program = "runsvdir"
    package = "runit"
    logger = "svlogd -b 65536 main"

    def command(self, job):
        return [self.find(), "-P", str(self.services(job))]

    def stop(self, job, pid):
        if job.mode[0] != "stubborn":
            os.kill(pid, signal.SIGHUP)  # runsvdir: tell every runsv to end
            return
        services = sorted(map(str, self.services(job).iterdir()))
        subprocess.run(["sv", "-w", str(job.grace), "force-stop", *services], check=False,
                       env=self.environment(), stdout=subprocess.DEVNULL)
        os.kill(pid, signal.SIGHUP)
