"""What a failure may do to the daemon, and what not."""

import collections
import errno
import os
import re

import frames

# (kind or kind:ERROR, subject, reason): failures of which nobody need be told. `--silent` shows who
# has made use of which.
SILENT = [
    ("epoll_wait|poll", "", "an interrupted wait is taken up again"),
    ("accept:ECONNABORTED", "", "the client has gone, and nobody misses it"),
    ("receive|send:EPIPE", "^socket:", "the client has gone"),
    ("sockopt", r"^socket:\S+ SO_(SND|RCV)BUF$", "the buffers of a client have another size"),
    # The daemon asks the same, and tells why it turns a client away.
    ("sockopt", r"^socket:\S+ SO_PEER(CRED|GROUPS|SEC)$", "libsystemd knows less of a client"),
    ("sockopt|sockname|stat", r"^socket:\S+( SO_ACCEPTCONN)?$",
     "libsystemd passes a client no descriptors, and tells it so"),
    ("clone", "^probe$", "children get into their cgroup by another way, which is as good"),
    ("write-pipe", "^pipe:", "the thread that writes logs is woken a second later"),
    ("open|write", r"/comm$", "the name of a thread"),
    # Paths and programs.
    ("readlink", r"^/proc(/self|/\d+(/exe)?)?$|/supervisord$",
     "a restart executes /proc/self/exe itself"),
    ("readlink", "", "a path stays as it was written"),
    ("access|stat", "/(true|gzip)$", "a program is found in another folder of PATH"),
    ("access", "^/run/systemd/system/$", "in doubt systemd is there, and cgroups are left to it"),
    ("open|stat|read", r"^\.$|zoneinfo|localtime|boot_id|/proc/sys/kernel",
     "done without: the folder of a restart, local time, a name for a temporary file"),
    ("stat", r"^/proc/\d+/mountinfo$|/supervisord\.conf$", "the C library buffers it by the usual size"),
    ("prlimit", "", "the soft limit stays as it is, which programs may still raise"),
    # Trees: in doubt there is somebody, and it is looked at again.
    ("open|getdents|read|stat", r"^/proc/\d+/task|^\d+/children|/proc/\d+/cgroup$|cgroup\.events"
     r"|^/sys/fs/cgroup/.*\.\d+", "in doubt a tree is not empty: it is looked at again"),
    ("inotify", "^anon_inode", "an unwatched cgroup is looked at with each end of a process"),
    ("open|unlink|getdents|stat", r"^[\w-]+\.\d+$|^/sys/fs/cgroup/",
     "an empty cgroup stays until the next daemon removes it"),
    # Logs. What is not written is counted, and how much was lost is told when it can be.
    ("open|stat", r"\.log$", "opened again for the next line, and told if that fails too"),
    ("write", r"\.log$|/output$", "kept and written later, or told how many lines are missing"),
    ("rename", r"\.log$", "a rotation is told while its log is in use, and tried again"),
    ("access|open|stat|rename|unlink|chmod|chown", r"\.log(\.\d+)?(\.gz)?(\.new)?$",
     "a backup is compressed or removed with the next rotation; private at any time"),
    ("open|getdents|stat|unlink", r"/fault-\w+$|-std(out|err)---.*\.log$",
     "AUTO logs of earlier runs stay"),
    # What is left behind, and replaced by who comes next.
    ("unlink|stat", r"/(pid|control|control\.lock|web|up)$|^/run/supervisord-",
     "it stays behind, and the next daemon replaces it"),
    ("mkdir|chmod", "^/run/supervisord-", "the folder is made elsewhere"),
    ("mmap", "^(arena|memory)$", "the C library allocates from the heap of all"),
    ("getrandom", "^1$", "restarts are spread by the time of day"),  # GRND_NONBLOCK
    ("getrandom", "^4$", "libsystemd takes random numbers from elsewhere"),  # GRND_INSECURE
    ("ioctl", "^(pipe|socket):", "how much waits is found out by reading it"),
    ("ioctl", "/output$", "what is no terminal for sure gets no colours"),
    # Memory. Of what the compiler has inlined only the caller's name is there.
    ("memory", r"^(asprintf|vasprintf|realpath|getc_unlocked|qsort|_IO_file_doallocate)\b",
     "the C library does with less: the exact size, a buffer of its own"),
    ("memory", r"\b(item_new|autofile_clean)\b", "done without, or tried again with the next line"),
    ("memory", r"\bsecond_text\b", "the times of the log are UTC's"),
    ("memory", r"\bgrow < entry_observe_change\b", "the history of a process has one change less"),
    ("memory", r"\b(children_read|children_append|append_from|read_text)\b.* < tree_is_empty",
     "in doubt a tree is not empty: it is looked at again"),
    ("memory", r"\b(open_folder|cgroup_remove_empty) < take_folder\b",
     "an empty cgroup stays until the next daemon removes it"),
    ("memory", r"^libsystemd <", "a client is told less, or asks again"),
    ("memory", r"\b(notify_\w+|supervisor_ready_if_settled|supervisor_status_text)\b",
     "the service manager is told with the next change"),
]

# With these libsystemd is left in a state in which it cannot be freed.
LEFT = [("memory", r"\b(bus_add_objects|add_ancestors)\b")]

SANITIZER = re.compile(r"ERROR: (AddressSanitizer|LeakSanitizer: detected)|runtime error:|Assertion")
# Said where the call was not reached; one of the lines may be the write that fails.
TRACED = re.compile(r"LeakSanitizer (has encountered a fatal error|does not work under ptrace)")
NO_CONTROL = "supervisorctl will not work"  # said at the start: the programs run all the same
TRIES_MAX = 500  # of what fails for a second: more is a busy loop
LINES_MAX = 12  # about one failure; a file that cannot be written concerns several programs


def is_sanitized(build):
    with open(f"{build}/supervisord", "rb") as f:
        return b"__asan_init" in f.read()


def excuse(kind, subject, error):
    """Why nobody need be told of that failure, or None."""
    full = f"{kind}:{errno.errorcode[error]}"
    return next((reason for k, s, reason in SILENT
                 if (re.fullmatch(k, kind) or re.fullmatch(k, full)) and re.search(s, subject)), None)


def excuses(scenario, error):
    """What nobody was told of, each with the reason for that."""
    if not find_words(scenario.logs(), error):
        for kind, subject in failures(scenario):
            yield f"{kind} {subject}: {excuse(kind, subject, error)}"


def words_of(error):
    """How the daemon names @error: as the C library does, or as Python's supervisord has it."""
    others = {
        errno.ENOMEM: ["out of memory", "were lost", "cannot start a thread"],
        errno.EAGAIN: ["too many processes"],
        errno.EACCES: ["permission denied"],
    }
    return [os.strerror(error).lower(), errno.errorcode[error], *others.get(error, [])]


def find_words(text, error):
    """The lines of @text that tell of @error."""
    return [line for line in text.splitlines()
            if any(w in line or w in line.lower() for w in words_of(error))]


def failures(scenario):
    """(kind, subject) of each call that was made to fail."""
    for line in scenario.read("report").splitlines():
        if line.startswith("failed "):
            kind, subject = (line.split(" ", 2) + [""])[1:3]
            yield kind, frames.callers(subject) if kind == "memory" else subject


def judge_end(scenario):
    """What is wrong with the way the daemon ended."""
    logs = scenario.logs()
    started = scenario.has_started()
    may_leak = "LeakSanitizer: detected" in logs and any(
        kind == k and re.search(s, subject) for kind, subject in failures(scenario) for k, s in LEFT)
    for what in scenario.hung:
        yield f"hangs: {what}"
    for line in scenario.read("report").splitlines():
        event, _, value = line.partition(" ")
        if event == "killed" and not scenario.hung:
            yield f"died by signal {value}"
        elif event == "orphan":
            yield f"left process {value}"
        elif event == "exited" and value != "0" and not TRACED.search(logs) and not may_leak:
            if "cannot set up the process table, killing all programs" in logs:
                continue  # the last step of a start, which may fail
            if started:
                yield f"gave up with status {value}"
            elif value not in ("1", "2") or not re.search(
                    r"Error: |CRIT .*cannot", scenario.read("output")):
                yield f"did not start, with status {value} and no reason"
    found = SANITIZER.search(logs)
    if found and not may_leak:
        yield found.group(0)


def judge(scenario, error, sticky=False):
    """All that is wrong with this run."""
    if "AddressSanitizer: CHECK failed" in scenario.logs() and not any(
            subject for _, subject in failures(scenario)):
        return []  # the sanitizer itself has got no memory, on nobody's behalf
    problems = list(judge_end(scenario))
    logs = scenario.logs()
    lines = find_words(logs, error)
    loud = [f"{kind} {subject}" for kind, subject in failures(scenario)
            if not excuse(kind, subject, error)]
    if loud and not lines:
        problems.append("says nothing")
    n_lines = len(find_words(scenario.read("output"), error))
    if n_lines > LINES_MAX * (10 if sticky else 1):
        problems.append(f"says it {n_lines} times")
    counts = collections.Counter(kind for kind, _ in failures(scenario))
    problems += [f"tries {kind} {n} times" for kind, n in counts.items() if n > TRIES_MAX]
    if scenario.unreached and NO_CONTROL not in logs:
        problems.append(f"did not recover: {', '.join(scenario.unreached)}")
    return problems
