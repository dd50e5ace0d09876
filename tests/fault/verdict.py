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
    ("accept", "", "the client has gone, and nobody misses it"),
    ("clone", "^thread$", "there are others, or a word that there is none"),
    ("inotify", "", "looked at when a process ends"),
    ("receive", "", "a client has gone"),
    ("send", "", "to a client that has gone, or what the service manager is told in passing"),
    ("access", "", "what cannot be looked up is taken as not there"),
    ("open|getdents|read", r"^/proc/\d+/task|^\d+/children|/cgroup$|cgroup\.(procs|events)"
     r"|^[\w-]+\.\d+$|^/sys/fs/cgroup/",
     "in doubt a tree is not empty: it is looked at again"),
    ("open|write", r"/comm$", "the name of a thread"),
    ("open|stat|read", r"^\.$|zoneinfo|localtime|boot_id|/proc/sys/kernel",
     "done without: the folder of a restart, local time, a name for a temporary file"),
    ("open|getdents|unlink", r"/fault-\w+$|-std(out|err)---.*\.log$",
     "AUTO logs of earlier runs stay"),
    ("open", r"\.log$", "opened again for the next line, and told if that fails too"),
    ("open", r"main\.log$", "the client is told that there is nothing to be read"),
    ("write", r"\.log$|/output$",
     "kept and written later; where that fails as well, how many lines are missing is told"),
    ("rename", r"\.log$", "a rotation is told while its log is in use, and tried again"),
    ("mkdir|rename|chmod|chown|unlink", r"/run/supervisord-|/cgroup/|\.new$|\.log\.\d",
     "done without, or tried again with the next rotation"),
    ("chmod|chown", "", "a file stays with whom it is, never wider open than it should be"),
    ("unlink|stat", "", "what cannot be removed or looked at counts as what it was"),
    ("mmap", "", "the C library takes memory from elsewhere, or it is told as memory"),
    ("prlimit", "", "the soft limit stays as it is"),
    ("prctl|getrandom|ioctl|kill|sockopt", "", "there is another way, or a later moment"),
    ("memory", r"^(asprintf|vasprintf|realpath|getc_unlocked|qsort)\b",
     "the C library does with less: the exact size, a buffer of its own"),
    ("memory", r"^(try_file|set|strv_env_set|note|socket_hold_describe|make_stamp|words_\w+|make_name"
     r"|report_summary|path_has_directory|describe_origin|check_unserved) <",
     "asprintf of the optimized build: the same"),
    ("memory", r"\b(item_new|group_changes|autofile_clean|pidfile_write|add_sockets)\b",
     "done without, or tried again with the next line"),
    ("memory", "append_from <", "in doubt a tree is not empty: it is looked at again"),
    ("memory", "describe_condition <", "a list of states has one line less"),
    ("memory", r"^libsystemd <", "a client is told less, or asks again"),
    ("memory", r"\b(notify_\w+|supervisor_ready_if_settled|supervisor_status_text)\b",
     "the service manager is told with the next change"),
]

SANITIZER = re.compile(r"ERROR: (AddressSanitizer|LeakSanitizer: detected)|runtime error:|Assertion")
TRACED = "LeakSanitizer has encountered a fatal error"  # where the call was not reached
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
    return [os.strerror(error).lower(), errno.errorcode[error],
            *{errno.ENOMEM: ["out of memory", "were lost"], errno.EAGAIN: ["too many processes"],
              errno.EACCES: ["permission denied"]}.get(error, [])]


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
    for what in scenario.hung:
        yield f"hangs: {what}"
    for line in scenario.read("report").splitlines():
        event, _, value = line.partition(" ")
        if event == "killed" and not scenario.hung:
            yield f"died by signal {value}"
        elif event == "orphan":
            yield f"left process {value}"
        elif event == "exited" and value != "0" and TRACED not in logs:
            if "cannot set up the process table, killing all programs" in logs:
                continue  # the last step of a start, which may fail
            if started:
                yield f"gave up with status {value}"
            elif value not in ("1", "2") or not re.search(
                    r"Error: |CRIT .*cannot", scenario.read("output")):
                yield f"did not start, with status {value} and no reason"
    found = SANITIZER.search(logs)
    if found:
        yield found.group(0)


def judge(scenario, error, sticky=False):
    """All that is wrong with this run."""
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
