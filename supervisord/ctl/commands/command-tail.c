/* tail and maintail: what processes and the daemon have written. */
#include "ctl/commands/command-tail.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/parse.h"
#include "base/strv.h"
#include "ctl/client/questions.h"
#include "ctl/session/follower.h"
#include "ctl/session/interrupt.h"
#include "ctl/session/word-list.h"

#define TAIL_BYTES 1600

/* What of a log is to be shown. */
typedef struct LogPart {
        const char *name; /* of the process; NULL: the daemon's own log */
        const char *stream;
        bool follow;
        int64_t bytes;
        int64_t lines; /* -1: bytes count */
} LogPart;

/* ---------------------------------------------------------------- reading */

/* Where the last @lines lines of the first @size bytes begin. A last line without its line feed
 * counts. */
static int64_t find_lines(int fd, int64_t size, int64_t lines) {
        char buffer[16384];
        int64_t end = size, left = lines;

        while (end > 0) {
                int64_t begin = MAX(end - (int64_t)sizeof(buffer), 0);
                ssize_t n = pread(fd, buffer, (size_t)(end - begin), begin);

                if (n <= 0)
                        return end;
                for (ssize_t i = n - 1; i >= 0; i--)
                        if (buffer[i] == '\n' && begin + i + 1 < size && --left <= 0)
                                return begin + i + 1;
                end = begin;
        }
        return 0;
}

/* Copy @fd from @offset on. Returns 0 or -errno. */
static int copy_from(int fd, int64_t offset) {
        char buffer[16384];
        ssize_t n;

        while ((n = pread(fd, buffer, sizeof(buffer), offset)) > 0) {
                if (fwrite(buffer, 1, (size_t)n, stdout) != (size_t)n)
                        return -EPIPE;
                offset += n;
        }
        return n < 0 ? -errno : 0;
}

static int64_t begin_of(const LogPart *t, int fd, uint64_t size) {
        if (t->lines == 0)
                return (int64_t)size;
        if (t->lines > 0)
                return find_lines(fd, (int64_t)size, t->lines);
        return MAX((int64_t)size - t->bytes, 0);
}

static void report_log(Session *s, const LogPart *t) {
        const char *name = t->name ?: "supervisord";
        const Fault *fault = client_fault(s->client);

        switch (fault->code) {
        case FAULT_NO_FILE:
                printf("%s: ERROR (no log file)\n", name);
                break;
        case FAULT_FAILED: /* Python's words, and why */
                printf("%s: ERROR (unknown error reading log%s%s)\n", name,
                       *fault->message ? ": " : "", fault->message);
                break;
        case FAULT_NO_SUCH_PROCESS:
        case FAULT_NO_SUCH_GROUP:
                printf("%s: ERROR (no such process name)\n", name);
                break;
        default:
                session_report(s);
        }
        s->status = EXIT_GENERIC;
}

static void show_log(Session *s, const LogPart *t) {
        _cleanup_(opened_log_done) OpenedLog file = { .fd = -1 };

        if (client_open_log(s->client, t->name, t->stream, &file) < 0) {
                report_log(s, t);
                return;
        }
        if (copy_from(file.fd, begin_of(t, file.fd, file.size)) < 0) {
                printf("%s: ERROR (unknown error reading log)\n", t->name ?: "supervisord");
                s->status = EXIT_GENERIC;
        } else if (t->lines < 0)
                putchar('\n'); /* as Python, for bytes */
}

/* ---------------------------------------------------------------- following */

static void follow_on(Session *s, Follower *f, Interrupt *interrupt) {
        while (follower_step(f) >= 0 && client_is_open(s->client)) {
                struct pollfd fds[] = {
                        { .fd = f->watch_fd, .events = POLLIN },
                        { .fd = client_get_fd(s->client), .events = POLLIN },
                        { .fd = interrupt->fd, .events = POLLIN },
                };

                (void)poll(fds, ELEMENTSOF(fds), follower_patience(f)); /* as in fg */
                if (interrupt_seen(interrupt)) {
                        putchar('\n');
                        return;
                }
        }
}

static void follow_log(Session *s, const LogPart *t) {
        _cleanup_(interrupt_end) Interrupt interrupt = { .fd = -1 };
        _cleanup_(follower_done) Follower f = {
                .session = s,
                .name = t->name,
                .stream = t->stream,
        };

        puts("==> Press Ctrl-C to exit <==");
        if (follower_open(&f, FOLLOW_BACK) < 0) {
                report_log(s, t);
                return;
        }
        if (t->lines >= 0)
                f.offset = (uint64_t)begin_of(t, f.file.fd, f.file.size);
        (void)interrupt_begin(&interrupt); /* on failure Ctrl-C ends the program */
        follow_on(s, &f, &interrupt);
}

/* ---------------------------------------------------------------- the commands */

/* "-n LINES", which Python does not have. */
static bool take_lines(Session *s, char **words, LogPart *t) {
        const char *text = NULL;
        int r;

        t->lines = -1;
        r = words_take_value(words, "-n", &text);
        if (r > 0)
                r = parse_integer(text, &t->lines);
        if (r == 0 && (!text || t->lines >= 0))
                return true;
        session_complain(s, EXIT_GENERIC, "bad argument -n%s%s", text ? " " : "", text ?: "");
        return false;
}

/* "-f" or "-100". */
static bool take_modifier(Session *s, const char *word, LogPart *t) {
        t->bytes = TAIL_BYTES;
        if (strcmp(word, "-f") == 0)
                t->follow = true;
        else if (parse_integer(word + 1, &t->bytes) < 0 || t->bytes < 0) {
                session_complain(s, EXIT_GENERIC, "bad argument %s", word);
                return false;
        }
        return true;
}

static void reject_rest(Session *s) {
        session_complain(s, EXIT_GENERIC, "too many arguments");
        puts(s->command->help);
}

/* Take the name and the channel, which may be in capitals. */
static bool take_target(Session *s, char **words, LogPart *t) {
        size_t n = strv_length(words);

        if (n == 0) {
                session_complain(s, EXIT_GENERIC, "tail requires process name");
                return false;
        }
        t->name = words[0];
        t->stream = n == 1 ? "stdout" : words[n - 1];
        for (size_t i = 0; n > 1 && t->stream[i]; i++)
                if (t->stream[i] >= 'A' && t->stream[i] <= 'Z')
                        words[n - 1][i] = (char)(t->stream[i] + ('a' - 'A'));
        if (strcmp(t->stream, "stdout") == 0 || strcmp(t->stream, "stderr") == 0)
                return true;
        session_complain(s, EXIT_GENERIC, "bad channel '%s'", t->stream);
        return false;
}

static void run_tail(Session *s, char **words) {
        LogPart t = { .bytes = TAIL_BYTES };
        char **rest = words;

        if (!take_lines(s, words, &t))
                return;
        if (!words[0] && t.lines < 0) {
                session_complain(s, EXIT_GENERIC, "too few arguments");
                puts(s->command->help);
                return;
        }
        if (strv_length(words) > 3) {
                reject_rest(s);
                return;
        }
        if (words[0] && words[0][0] == '-')
                rest++;
        if (!take_target(s, rest, &t) || (rest > words && !take_modifier(s, words[0], &t)))
                return;
        if (t.follow)
                follow_log(s, &t);
        else
                show_log(s, &t);
}

const Command command_tail = {
        .name = "tail",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .run = run_tail,
        .help = "tail [-f] <name> [stdout|stderr] (default stdout)\n"
                "Ex:\n"
                "tail -f <name>\t\tContinuous tail of named process stdout\n"
                "\t\t\tCtrl-C to exit.\n"
                "tail -100 <name>\tlast 100 *bytes* of process stdout\n"
                "tail -n 10 <name>\tlast 10 lines of process stdout\n"
                "tail <name> stderr\tlast 1600 *bytes* of process stderr",
};

static void run_maintail(Session *s, char **words) {
        LogPart t = { .bytes = TAIL_BYTES };

        if (!take_lines(s, words, &t))
                return;
        if (strv_length(words) > 1) {
                reject_rest(s);
                return;
        }
        if (words[0] && words[0][0] != '-') {
                session_complain(s, EXIT_GENERIC, "bad argument %s", words[0]);
                return;
        }
        if (words[0] && !take_modifier(s, words[0], &t))
                return;
        if (t.follow)
                follow_log(s, &t);
        else
                show_log(s, &t);
}

const Command command_maintail = {
        .name = "maintail",
        .takes = TAKES_WORDS,
        .needs = NEEDS_UP,
        .run = run_maintail,
        .help = "maintail -f \tContinuous tail of supervisor main log file (Ctrl-C to exit)\n"
                "maintail -100\tlast 100 *bytes* of supervisord main log file\n"
                "maintail -n 10\tlast 10 lines of it\n"
                "maintail\tlast 1600 *bytes* of supervisor main log file\n",
};
