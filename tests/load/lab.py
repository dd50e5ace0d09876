"""The servers of the distribution, in a folder of their own, under the supervisord that is tested."""

import getpass
import glob
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
PATIENCE = 60  # seconds that anything expected may take, on a busy machine


class Missing(Exception):
    """A server is not installed here."""


def installed(*patterns):
    for pattern in patterns:
        found = sorted(glob.glob(pattern))
        if found:
            return found[-1]
    raise Missing(f"{patterns[0].rsplit('/', 1)[-1]} is not installed")


def user_of(package_user):
    """Who a server runs as: the user that its package has made, if we may change to it."""
    if os.getuid() != 0:
        return getpass.getuser()
    try:
        return pwd.getpwnam(package_user).pw_name
    except KeyError:
        raise Missing(f"there is no user {package_user}") from None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def await_true(what, condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} does not come")
        time.sleep(0.01)


class Lab:
    def __init__(self):
        postgres = installed("/usr/lib/postgresql/*/bin/postgres", "/usr/bin/postgres")
        self.dir = tempfile.mkdtemp(prefix="load.")
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        self.daemon = None
        self.env = dict(
            os.environ, LAB=self.dir, PORT=str(self.port), PYTHON=sys.executable,
            POSTGRES=postgres, POSTGRES_USER=user_of("postgres"),
            PSQL=installed(os.path.dirname(postgres) + "/psql"),
            REDIS=installed("/usr/bin/redis-server"), REDIS_USER=user_of("redis"),
            NGINX=installed("/usr/sbin/nginx"), NGINX_USER=user_of("www-data"))
        os.environ["LAB"] = self.dir  # for our own part of the queue
        self._make_folders()
        self._make_cluster()

    def close(self):
        if self.daemon:
            self.daemon.kill()
            self.daemon.wait()
        if os.environ.get("LAB_KEEP"):
            print(f"      | all of it is in {self.dir}")
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def read(self, name):
        path = pathlib.Path(self.path(name))
        return path.read_text(errors="replace") if path.exists() else ""

    def lines(self, pattern):
        """All complete lines of the files that match @pattern."""
        for path in glob.glob(self.path(pattern)):
            for line in open(path):
                if line.endswith("\n"):
                    yield line[:-1]

    def _make_folders(self):
        for name in ("postgres", "redis", "nginx"):
            os.mkdir(self.path(name))
        text = (HERE / "nginx.conf").read_text()
        text = text.replace("@LAB@", self.dir).replace("@PORT@", str(self.port))
        pathlib.Path(self.path("nginx/nginx.conf")).write_text(text)
        pathlib.Path(self.path("nginx/slow")).write_bytes(b"x" * 192 * 1024)
        if os.getuid() == 0:
            for name in ("postgres", "redis", "nginx"):
                shutil.chown(self.path(name), self.env[name.upper() + "_USER"])

    def _make_cluster(self):
        become = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"]
        subprocess.run(
            (become if os.getuid() == 0 else [])
            + [os.path.dirname(self.env["POSTGRES"]) + "/initdb", "-D",
               self.path("postgres/data"), "-A", "trust", "-U", "tester", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=self.dir)

    def sql(self, text):
        return subprocess.run(
            [self.env["PSQL"], "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", self.path("postgres"),
             "-U", "tester", "postgres", "-c", text],
            check=True, capture_output=True, text=True).stdout.split()

    def start(self):
        """Start the supervisord and wait until all is ready."""
        self.log_begins = len(self.read("supervisord.log"))
        with open(self.path("supervisord.log"), "a") as log:
            self.daemon = subprocess.Popen(
                [self.env["SUPERVISORD"], "-n", "-c", str(HERE / "stack.conf")],
                env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        await_true("readiness", self.is_ready)

    def is_ready(self):
        if self.daemon.poll() is not None:
            raise AssertionError("supervisord has ended:\n" + self.log())
        return os.path.exists(self.path("ready"))

    def stop(self):
        """Ask for the end and wait for it; give the seconds that it took."""
        begin = time.monotonic()
        self.daemon.terminate()
        status = self.daemon.wait(PATIENCE * 2)
        self.daemon = None
        assert status == 0, f"exit status {status}:\n{self.log()}"
        return time.monotonic() - begin

    def log(self):
        """What this run of supervisord has logged."""
        return self.read("supervisord.log")[self.log_begins:]

    def when_stopped(self, name):
        """Where in the log @name has come to its own end."""
        found = re.search(rf"stopped: {name} \(exit status 0\)", self.log())
        assert found, f"{name} did not come to its own end:\n{self.log()}"
        return found.start()
