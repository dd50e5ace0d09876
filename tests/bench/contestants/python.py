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
        write_configuration(job, "")

    def command(self, job):
        return [os.fspath(self.find()), "-n", "-s", "-c", str(job.folder / "supervisord.conf")]
