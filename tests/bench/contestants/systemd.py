import os
import pathlib
import subprocess

from .base import Contestant
import processes

ENTER = pathlib.Path(__file__).resolve().parents[2] / "systemd/enter"
UNIT = """[Service]
ExecStart={command}
Restart=always
RestartSec=0
StartLimitIntervalSec=0
TimeoutStopSec={grace}
StandardInput=null
StandardOutput=null
StandardError=null
[Unit]
DefaultDependencies=no
StartLimitIntervalSec=0
"""


class Systemd(Contestant):
    """Booted as PID 1 of namespaces of its own, with nothing but the workers to start. Without a
    journal: what that costs beside it is not measured."""

    name = "systemd"
    logs = False
    limit = 1000
    paths = ("/lib/systemd/systemd", "/usr/lib/systemd/systemd")

    def __init__(self):
        self.init = 0  # its pid here
        self.cgroup = None

    def find(self):
        if os.geteuid() != 0 or not self.cgroup_root():
            return None
        return next((p for p in self.paths if os.path.exists(p)), None)

    def version(self):
        return subprocess.run([self.find(), "--version"], capture_output=True, text=True,
                              check=False).stdout.split("\n")[0]

    @staticmethod
    def cgroup_root():
        for root in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
            if os.path.exists(root + "/cgroup.procs") and os.access(root, os.W_OK):
                return pathlib.Path(root)
        return None

    def configure(self, job):
        units = job.folder / "usr/lib/systemd/system"
        wanted = units / "lab.target.wants"
        wanted.mkdir(parents=True)
        for i in range(job.n):
            unit = units / f"w{i:05}.service"
            unit.write_text(UNIT.format(command=job.command(i), grace=job.grace))
            if job.is_started(i):
                (wanted / unit.name).symlink_to(unit)

    def command(self, job):
        self.cgroup = self.cgroup_root() / f"bench-{os.getpid()}"
        self.cgroup.mkdir(exist_ok=True)
        return ["/bin/sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', str(self.cgroup),
                "unshare", "--pid", "--fork", "--kill-child", "--mount", "--cgroup", "--uts",
                "--ipc", "--mount-proc", str(ENTER), str(job.folder), self.find()]

    def init_pid(self):
        found = [p.pid for p in processes.below(os.getpid()) if p.name == "systemd"]
        return found[0] if found else 0

    def stop(self, job, pid):
        """The workers only: what a shutdown of systemd takes beyond them is not their stop."""
        init = self.init_pid()
        subprocess.run(["nsenter", "-t", str(init), "--all", "systemctl", "stop", "w*.service"],
                       check=False, capture_output=True)
        os.kill(init, 9)

    def worker_pid(self, pid, index):
        """Found by the worker's cgroup: inside, pids are others."""
        procs = self.cgroup / f"system.slice/w{index:05}.service/cgroup.procs"
        return int(procs.read_text().split()[0])

    def after(self, job, pid):
        if self.cgroup:
            for folder, _, _ in os.walk(self.cgroup, topdown=False):
                os.rmdir(folder)
