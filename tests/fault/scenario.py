"""A short life of a supervisord with most of what it can do in it, while something fails."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

PATIENCE = 20  # seconds, for each step: what takes longer hangs

CONFIG = """
[supervisord]
logfile = %(here)s/main.log
logfile_maxbytes = 6KB
logfile_backups = 2
loglevel = debug
pidfile = %(here)s/pid
childlogdir = %(here)s
control_socket = %(here)s/control
readiness_file = %(here)s/up
cgroups = {cgroups}
identifier = {identifier}

[socket:web]
listen = unix:%(here)s/web

[program:web]
command = %(ENV_CHILD)s accept=3 exit=0
sockets = web
autorestart = true
startsecs = 0
stopwaitsecs = 1
backoff_min = 10ms
backoff_max = 50ms

[program:plain]
command = %(ENV_CHILD)s say=one-line-of-some-length say=and-another-one-of-it err=and-an-error
stdout_logfile = %(here)s/plain.log
stdout_logfile_maxbytes = 40
stdout_logfile_backups = 2
stdout_logfile_compress = {compress}
startsecs = 0
stopwaitsecs = 1
backoff_min = 10ms
backoff_max = 50ms

[program:ready]
command = %(ENV_CHILD)s notify=READY=1 say=ready
readiness = notify
readiness_timeout = 2
redirect_stderr = true
log_format = json
startsecs = 0
stopwaitsecs = 1
backoff_min = 10ms
backoff_max = 50ms

[program:hooked]
command = %(ENV_CHILD)s fork setsid end
depends_on = ready
pre_start_command = true
pre_stop_command = true
post_stop_command = true
startsecs = 0
stopwaitsecs = 1
backoff_min = 10ms
backoff_max = 50ms
environment = WORD="{word}"

[program:health]
command = %(ENV_CHILD)s
healthcheck = exec:true
healthcheck_interval = 100ms
startsecs = 0
stopwaitsecs = 1
backoff_min = 10ms
backoff_max = 50ms

[program:{more}]
command = %(ENV_CHILD)s exit=1
startsecs = 1
startretries = 1
backoff_min = 10ms
autorestart = true
"""


class Scenario:
    """One daemon, in a folder of its own. `transcript` collects what clients were told."""

    def __init__(self, build, cgroups):
        self.build = build
        self.dir = tempfile.mkdtemp(prefix="fault-")
        self.settings = {
            "cgroups": "true" if cgroups else "false",
            "identifier": os.path.basename(self.dir),
            "compress": "none",
            "word": "first",
            "more": "crash",
        }
        self.transcript = ""
        self.hung = []  # what did not end in time
        self.unreached = []  # what a recovered daemon would have done
        self.write_config()

    def path(self, name):
        return os.path.join(self.dir, name)

    def read(self, name):
        try:
            with open(self.path(name), errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def logs(self):
        """Everything that the daemon or its clients said."""
        texts = [self.read(n) for n in sorted(os.listdir(self.dir)) if n.startswith("main.log")]
        return "\n".join(texts + [self.read("output"), self.read("events"), self.transcript])

    def write_config(self, **settings):
        self.settings.update(settings)
        text = CONFIG
        for key, value in self.settings.items():
            text = text.replace("{%s}" % key, value)
        with open(self.path("supervisord.conf"), "w") as f:
            f.write(text)

    # ---------------------------------------------------------------- the daemon

    def start(self, plan, memory=None):
        """Run the daemon, with what is to fail as inject.c and memory.c have it."""
        self.sticky = "+" in plan
        environ = dict(os.environ, CHILD=f"{self.build}/tests/scenario/child")
        environ["LIBRARY"] = f"{self.build}/tests/fault/memory.so"
        # Leaks are not looked for in a process that is traced to its end.
        environ["ASAN_OPTIONS"] = ("verify_asan_link_order=0:allocator_may_return_null=1"
                                   f":detect_leaks={int(plan != 'list')}")
        environ["TZ"] = "UTC"
        if memory:
            environ["FAULT_MEMORY"] = f"{memory}:{self.path('report')}"
        with open(self.path("output"), "w") as output:
            self.tracer = subprocess.Popen(
                [f"{self.build}/tests/fault/inject", self.path("report"), plan,
                 f"{self.build}/supervisord", "-n", "-c", self.path("supervisord.conf")],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environ)

    def is_over(self):
        return self.tracer.poll() is not None

    def pid(self):
        for line in self.read("report").splitlines():
            if line.startswith("pid "):
                return int(line.split()[1])
        return 0

    def kill(self, signo):
        pid = self.pid()
        if pid and not self.is_over():
            try:
                os.kill(pid, signo)
            except ProcessLookupError:
                pass

    def heal(self):
        """What failed again and again works from now on."""
        if self.sticky and not self.is_over():
            self.tracer.send_signal(signal.SIGUSR1)

    # ---------------------------------------------------------------- clients

    def ctl(self, *command):
        """Give a command; returns its exit status and what it said."""
        try:
            done = subprocess.run(
                [f"{self.build}/supervisorctl", "-c", self.path("supervisord.conf"), *command],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            self.hung.append("supervisorctl " + " ".join(command))
            return -1, ""
        text = done.stdout.decode(errors="replace")
        self.transcript += f"$ {' '.join(command)}\n{text}"
        return done.returncode, text

    def connect(self):
        """Be served by the program behind the socket, or not."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(0.5)
            try:
                client.connect(self.path("web"))
                client.recv(32)
            except OSError as e:
                self.transcript += f"web: {e}\n"

    def has_started(self):
        return any("supervisord started with pid" in self.read(name)
                   for name in ("output", "main.log", "main.log.1"))

    def wait_for_start(self):
        deadline = time.monotonic() + PATIENCE
        while not self.is_over() and not self.has_started():
            if self.sticky and os.path.exists(self.path("control")):
                return  # the logs that would tell may be what fails
            if time.monotonic() > deadline:
                self.hung.append("the start")
                return
            time.sleep(0.005)

    # ---------------------------------------------------------------- the story

    def live(self):
        self.wait_for_start()
        repair = threading.Timer(1, self.heal)  # of what fails again and again
        repair.start()
        with open(self.path("events"), "w") as output:
            events = subprocess.Popen(
                [f"{self.build}/supervisorctl", "-c", self.path("supervisord.conf"), "events"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            self.ctl("status")
            self.ctl("stop", "plain", "ready", "hooked")
            self.ctl("start", "plain", "ready")
            self.connect()
            self.write_config(compress="gzip")
            self.ctl("reread")
            self.ctl("update")
            self.ctl("restart", "hooked", "plain")
            self.ctl("signal", "TERM", "plain")
            self.ctl("tail", "plain")
            self.ctl("maintail")
            self.ctl("rotate", "plain")
            self.kill(signal.SIGUSR1)
            self.kill(signal.SIGUSR2)
            self.write_config(word="second", more="crash-too")
            self.kill(signal.SIGHUP)
            self.ctl("status")
        finally:
            events.terminate()
            events.wait()
            if self.sticky:
                repair.join()
            repair.cancel()

    def check_recovery(self):
        """Once nothing fails any more the daemon does what it is told."""
        self.transcript += "---- recovery\n"
        deadline = time.monotonic() + PATIENCE
        while not self.is_over() and not self.hung:
            self.ctl("start", "plain", "ready", "hooked")
            status, text = self.ctl("status")
            lines = {line.split()[0]: line for line in text.splitlines() if line.strip()}
            self.unreached = [n for n in ("plain", "ready", "hooked")
                              if "RUNNING" not in lines.get(n, "")]
            if not self.unreached or time.monotonic() > deadline:
                return
            time.sleep(0.02)

    def stop(self):
        self.kill(signal.SIGTERM)
        try:
            self.tracer.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.hung.append("the shutdown")
            self.kill(signal.SIGKILL)
            self.tracer.wait(PATIENCE)

    def write_transcript(self):
        with open(self.path("transcript"), "w") as f:
            f.write(self.transcript)

    def remove(self):
        shutil.rmtree(self.dir)
