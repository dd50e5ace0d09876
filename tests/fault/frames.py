"""Name the functions that lead to an allocation."""

import functools
import subprocess


# Functions of the C library for which an allocation that fails need not be a failure.
THRIFTY = ("asprintf", "vasprintf", "realpath", "qsort", "qsort_r", "getc_unlocked",
           "_IO_file_doallocate")


@functools.lru_cache(maxsize=None)
def function_at(frame):
    """The name of the function at "FILE+OFFSET"; of a library's only what the library is,
    or one of THRIFTY."""
    frame, _, function = frame.partition(":")
    file, _, offset = frame.rpartition("+")
    plain = function.removeprefix("__interceptor_").removeprefix("__").removesuffix("_chk")
    if plain in THRIFTY:
        return plain
    if "libsystemd" in file:
        return "libsystemd"
    if "/supervisord" not in file:
        return ""
    # A return address is that of the next statement, which may be in another function.
    address = hex(int(offset, 16) - 1)
    done = subprocess.run(["addr2line", "-f", "-e", file, address], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.split("\n")[0].split(".")[0] or "?"


def callers(frames):
    """"inner < outer < …", without what is of no interest."""
    names = []
    for frame in frames.split():
        name = function_at(frame) if "+" in frame else ""
        if name and names[-1:] != [name]:
            names.append(name)
    return " < ".join(names)
