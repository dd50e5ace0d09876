"""The supervisors that are compared, a file for each kind."""

from . import daemontools, floor, init, python, runit, s6, supervisord, systemd


def all_of(build, peers):
    """In the order of the table; those that are not installed say so."""
    return [
        floor.Floor(build),
        supervisord.WithoutCgroups(build),
        supervisord.WithCgroups(build),
        python.Python(peers),
        runit.Runit(peers),
        s6.S6(peers),
        daemontools.Daemontools(peers),
        systemd.Systemd(),
        init.Tini(peers),
        init.DumbInit(peers),
    ]
