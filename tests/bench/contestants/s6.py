from .base import Scanned


class S6(Scanned):
    name = "s6"
    program = "s6-svscan"
    package = "s6"
    logger = "s6-log n3 s52428800 ./main"

    def adjust(self, service, job):
        (service / "timeout-kill").write_text(f"{job.grace * 1000}\n")

    def command(self, job):
        return [self.find(), "-c", str(2 * job.n + 10), str(self.services(job))]
