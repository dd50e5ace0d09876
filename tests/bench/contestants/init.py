from .base import Peer


class Init(Peer):
    """An init for a container: one worker, no restart, nothing to configure."""

    restarts = storms = logs = escalates = configures = False
    limit = 1

    def configure(self, job):
        pass


class Tini(Init):
    name = "tini"
    program = package = "tini"

    def command(self, job):
        return [self.find(), "-s", "--", *job.argv(0)]


class DumbInit(Init):
    name = "dumb-init"
    program = package = "dumb-init"

    def command(self, job):
        return [self.find(), "--", *job.argv(0)]
