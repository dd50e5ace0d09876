import os
import shutil

from .base import Peer
from .supervisord import write_configuration


class Python(Peer):
    """Python's supervisord, which has the name of ours."""

    name = "Python"
    program = "supervisord"
    package = "supervisor"
    limit = 1000

    def find(self):
        for folder in self.path.split(":"):
            path = shutil.which("supervisord", path=folder)
            if path:
                with open(path, "rb") as f:
                    if b"python" in f.readline():
                        return path
        return None

    def environment(self):
        return {**super().environment(),
                "PYTHONPATH": str(self.peers / "usr/lib/python3/dist-packages"),
                "PYTHONDONTWRITEBYTECODE": "1"}

    def configure(self, job):
        """In one group: groups are stopped one after the other, each with the whole of its grace."""
        programs = ",".join(f"w{i:05}" for i in range(job.n))
        write_configuration(job, f"[group:all]\nprograms={programs}")

    def command(self, job):
        return [os.fspath(self.find()), "-n", "-s", "-c", str(job.folder / "supervisord.conf")]
