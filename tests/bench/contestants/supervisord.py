import subprocess

from .base import Contestant


def sections(job):
    """A section for each worker, as ours and Python's supervisord read them. Without backoff_min ours
    would limit itself in a storm, too; Python's does not know it."""
    for i in range(job.n):
        yield (f"[program:w{i:05}]\ncommand={job.command(i)}\nstartsecs=0\nautorestart=true\n"
               f"backoff_min=0\nstopwaitsecs={job.grace}\nredirect_stderr=true\n")
        yield f"stdout_logfile={job.folder}/logs/{i}.log\n" if job.logs else "stdout_logfile=NONE\n"
        if not job.is_started(i):
            yield "autostart=false\n"


def write_configuration(job, daemon):
    (job.folder / "logs").mkdir()
    with open(job.folder / "supervisord.conf", "w") as f:
        f.write(f"[supervisord]\nlogfile={job.folder}/daemon.log\npidfile={job.folder}/pid\n"
                f"minfds=1024\nminprocs=1\n{daemon}\n")
        f.writelines(sections(job))


class WithoutCgroups(Contestant):
    name = "supervisord"
    cgroups = "false"

    def __init__(self, build):
        self.program = build / "supervisord"

    def find(self):
        return self.program if self.program.exists() else None

    def version(self):
        return subprocess.run([self.program, "-v"], capture_output=True, text=True,
                              check=False).stdout.strip()

    def configure(self, job):
        write_configuration(job, f"cgroups={self.cgroups}\ncontrol_socket={job.folder}/control\n")

    def command(self, job):
        return [str(self.program), "-n", "-s", "-c", str(job.folder / "supervisord.conf")]


class WithCgroups(WithoutCgroups):
    """A leaf for each start, where a cgroup v2 tree may be written to."""

    name = "with cgroups"
    cgroups = "true"
