/*
 * How the log and the reports put an exit, a signal and a duration.
 */
#include "daemon/entry/wording.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "base/macro.h"

static const char *const signal_words[] = {
        [SIGHUP] = "SIGHUP",       [SIGINT] = "SIGINT",       [SIGQUIT] = "SIGQUIT",
        [SIGILL] = "SIGILL",       [SIGTRAP] = "SIGTRAP",     [SIGABRT] = "SIGABRT",
        [SIGBUS] = "SIGBUS",       [SIGFPE] = "SIGFPE",       [SIGKILL] = "SIGKILL",
        [SIGUSR1] = "SIGUSR1",     [SIGSEGV] = "SIGSEGV",     [SIGUSR2] = "SIGUSR2",
        [SIGPIPE] = "SIGPIPE",     [SIGALRM] = "SIGALRM",     [SIGTERM] = "SIGTERM",
        [SIGSTKFLT] = "SIGSTKFLT", [SIGCHLD] = "SIGCHLD",     [SIGCONT] = "SIGCONT",
        [SIGSTOP] = "SIGSTOP",     [SIGTSTP] = "SIGTSTP",     [SIGTTIN] = "SIGTTIN",
        [SIGTTOU] = "SIGTTOU",     [SIGURG] = "SIGURG",       [SIGXCPU] = "SIGXCPU",
        [SIGXFSZ] = "SIGXFSZ",     [SIGVTALRM] = "SIGVTALRM", [SIGPROF] = "SIGPROF",
        [SIGWINCH] = "SIGWINCH",   [SIGIO] = "SIGIO",         [SIGPWR] = "SIGPWR",
        [SIGSYS] = "SIGSYS",
};

/* The kernel's, not SIGRTMIN of libc, which keeps some for itself: others count from there, too. */
#define REALTIME_WORD(n) [n] = "SIGRTMIN+" #n
static const char *const realtime_words[] = {
        "SIGRTMIN",        REALTIME_WORD(1),  REALTIME_WORD(2),  REALTIME_WORD(3),
        REALTIME_WORD(4),  REALTIME_WORD(5),  REALTIME_WORD(6),  REALTIME_WORD(7),
        REALTIME_WORD(8),  REALTIME_WORD(9),  REALTIME_WORD(10), REALTIME_WORD(11),
        REALTIME_WORD(12), REALTIME_WORD(13), REALTIME_WORD(14), REALTIME_WORD(15),
        REALTIME_WORD(16), REALTIME_WORD(17), REALTIME_WORD(18), REALTIME_WORD(19),
        REALTIME_WORD(20), REALTIME_WORD(21), REALTIME_WORD(22), REALTIME_WORD(23),
        REALTIME_WORD(24), REALTIME_WORD(25), REALTIME_WORD(26), REALTIME_WORD(27),
        REALTIME_WORD(28), REALTIME_WORD(29), REALTIME_WORD(30),
};

const char *words_signal(int signo) {
        const char *word = NULL;

        if (signo > 0 && (size_t)signo < ELEMENTSOF(signal_words))
                word = signal_words[signo];
        else if (signo >= SIGRTMIN && (size_t)(signo - SIGRTMIN) < ELEMENTSOF(realtime_words))
                word = realtime_words[signo - SIGRTMIN];
        return word ?: "signal";
}

int words_exit(const ProcessExit *exit, char **ret) {
        int r = -1;

        switch (exit->kind) {
        case EXIT_NONE:
                r = asprintf(ret, "not ended");
                break;
        case EXIT_STATUS:
                r = asprintf(ret, "exit status %d", exit->value);
                break;
        case EXIT_SIGNAL:
                r = asprintf(ret, "terminated by %s%s", words_signal(exit->value),
                             exit->core_dumped ? " (core dumped)" : "");
                break;
        case EXIT_SPAWN_FAILED:
                r = asprintf(ret, "not started: %s", strerror(exit->value));
                break;
        }
        return r < 0 ? -ENOMEM : 0;
}

const char *words_duration(uint64_t usec, char buffer[static WORDS_DURATION_MAX]) {
        uint64_t seconds = usec / USEC_PER_SEC;

        if (usec == USEC_INFINITY)
                (void)snprintf(buffer, WORDS_DURATION_MAX, "for ever");
        else if (usec < 10 * USEC_PER_MSEC)
                (void)snprintf(buffer, WORDS_DURATION_MAX, "%.2g ms",
                               (double)usec / (double)USEC_PER_MSEC);
        else if (usec < USEC_PER_SEC)
                (void)snprintf(buffer, WORDS_DURATION_MAX, "%" PRIu64 " ms", usec / USEC_PER_MSEC);
        else if (seconds < 60)
                (void)snprintf(buffer, WORDS_DURATION_MAX, "%.3g s",
                               (double)usec / (double)USEC_PER_SEC);
        else if (seconds % 60 == 0)
                (void)snprintf(buffer, WORDS_DURATION_MAX, "%" PRIu64 " min", seconds / 60);
        else
                (void)snprintf(buffer, WORDS_DURATION_MAX, "%" PRIu64 " min %" PRIu64 " s",
                               seconds / 60, seconds % 60);
        return buffer;
}
