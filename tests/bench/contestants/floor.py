from .base import Contestant


class Floor(Contestant):
    """floor.c: what all are compared with."""

    name = "floor"

    def __init__(self, build):
        self.program = build / "tests/bench/floor"

    def find(self):
        return self.program if self.program.exists() else None

    def configure(self, job):
        if job.logs:
            (job.folder / "logs").mkdir()

    def command(self, job):
        n = 1 if job.only_first else job.n
        logs = str(job.folder / "logs") if job.logs else "-"
        return [str(self.program), str(n), str(job.grace * 1000), logs, job.worker,
                str(job.events), *job.mode]
