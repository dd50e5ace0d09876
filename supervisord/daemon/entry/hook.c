/*
 * Commands around a process's life, from their start to the end of what they print. When they run,
 * and what it means that one fails, is decided by the engine.
 */
#include "daemon/entry/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strv.h"
#include "daemon/entry/entry.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/entry/wording.h"
#include "log/log.h"
#include "output/linebuf.h"

/* What a command prints beyond so many lines is left out: the log is no place for it. */
#define LINES_MAX 100

#define READS_PER_TURN 16

/* An id holds the entry's index, which of its two commands it is, and a serial. */
#define ID_INDEX_BITS 17
#define ID_RELOAD (1U << ID_INDEX_BITS)

/* A command that runs, or whose output is not at its end yet. */
struct Hook {
        Entry *entry;
        const char *name; /* the key in the configuration */
        HookKind kind;    /* HOOK_NONE: reload_command */
        unsigned id;
        pid_t pid; /* 0: it has ended */

        int fd; /* its output, or -1 */
        sd_event_source *io, *timeout;
        LineBuf lines;
        size_t n_lines;
};

static void close_output(Hook *hook) {
        hook->io = sd_event_source_disable_unref(hook->io);
        hook->fd = safe_close(hook->fd);
}

Hook *hook_free(Hook *hook) {
        if (!hook)
                return NULL;
        close_output(hook);
        hook->timeout = sd_event_source_disable_unref(hook->timeout);
        linebuf_done(&hook->lines);
        free(hook);
        return NULL;
}
DEFINE_CLEANUP(Hook, hook_free);

/* ---------------------------------------------------------------- output */

static void tell_line(const char *line, size_t size, bool whole, void *userdata) {
        Hook *hook = userdata;
        const char *name = entry_get_process(hook->entry)->config->name;

        if (hook->n_lines < LINES_MAX)
                log_info("%s of %s: %.*s", hook->name, name, (int)size, line);
        else if (hook->n_lines == LINES_MAX)
                log_warn("%s of %s prints more, which is left out", hook->name, name);
        hook->n_lines++;
}

/* Read what there is, at most so much that others have their turn. Returns whether there may be
 * more later. */
static bool read_output(Hook *hook) {
        char data[4096];
        ssize_t n = 0;

        for (unsigned i = 0; i < READS_PER_TURN; i++) {
                n = read(hook->fd, data, sizeof(data));
                if (n <= 0)
                        return n < 0 && (errno == EAGAIN || errno == EINTR);
                linebuf_push(&hook->lines, data, (size_t)n, tell_line, hook);
        }
        return true;
}

static int on_output(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Hook *hook = userdata;

        if (read_output(hook))
                return 0;
        linebuf_flush(&hook->lines, tell_line, hook);
        close_output(hook);
        return 0;
}

/* A pipe for what the command prints; *ret_fd is its other end. Without one it goes nowhere. */
static int watch_output(Hook *hook, int *ret_fd) {
        _cleanup_(closep) int theirs = -1;
        int fds[2], r;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        hook->fd = fds[0];
        theirs = fds[1];
        if (fcntl(hook->fd, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        r = sd_event_add_io(hook->entry->supervisor->event, &hook->io, hook->fd, EPOLLIN, on_output,
                            hook);
        if (r >= 0)
                r = sd_event_source_set_priority(hook->io, PRIORITY_OUTPUT);
        if (r < 0)
                return r;
        *ret_fd = TAKE_FD(theirs);
        return 0;
}

/* ---------------------------------------------------------------- starting */

static int add_variable(char ***env, const char *name, const char *value) {
        _cleanup_(freep) char *text = NULL;

        if (asprintf(&text, "%s=%s", name, value) < 0) {
                text = NULL;
                return -ENOMEM;
        }
        return strv_extend(env, text);
}

static int add_exit(char ***env, const ProcessExit *exit) {
        char number[16];
        int r;

        if (exit->kind != EXIT_STATUS && exit->kind != EXIT_SIGNAL)
                return 0;
        (void)snprintf(number, sizeof(number), "%d", exit->value);
        r = add_variable(env, "EXIT_CODE", exit->kind == EXIT_STATUS ? "exited" : "killed");
        return r < 0 ? r
                     : add_variable(env, "EXIT_STATUS",
                                    exit->kind == EXIT_STATUS ? number
                                                              : sigabbrev_np(exit->value) ?: number);
}

/* As systemd.exec(5) has these variables. */
static int add_variables(const Hook *hook, char ***env) {
        pid_t pid = child_get_pid(hook->entry->child);
        char number[16];
        int r = 0;

        if (pid > 0) {
                (void)snprintf(number, sizeof(number), "%d", pid);
                r = add_variable(env, "MAINPID", number);
        }
        if (r >= 0 && hook->kind == HOOK_POST_STOP)
                r = add_exit(env, &entry_get_process(hook->entry)->exit);
        return r;
}

static int start(Hook *hook, const CommandLine *command) {
        _cleanup_(spawn_request_freep) SpawnRequest *request = NULL;
        Supervisor *s = hook->entry->supervisor;
        _cleanup_(closep) int fd = -1;
        int r;

        r = child_command_request(s->host, entry_get_process(hook->entry)->config, command->argv,
                                  &request);
        if (r >= 0)
                r = add_variables(hook, &request->envp);
        if (r >= 0)
                r = watch_output(hook, &fd);
        if (r < 0)
                return r;
        request->stdio[1] = request->stdio[2] = fd;
        hook->id = s->hooks.n_started++ << (ID_INDEX_BITS + 1) |
                   (hook->kind == HOOK_NONE ? ID_RELOAD : 0) | (unsigned)hook->entry->index;
        r = tools_run(s->hooks.tools, &request, hook->id, &hook->pid);
        if (r < 0)
                hook->pid = 0;
        return r;
}

/* Make and start a command; what is left of the one before in *@place goes. */
static int hook_start(Entry *entry, HookKind kind, const char *name, Hook **place) {
        const ProcessConfig *config = entry_get_process(entry)->config;
        const CommandLine *const commands[] = {
                [HOOK_NONE] = &config->settings->reload,
                [HOOK_PRE_START] = &config->settings->pre_start,
                [HOOK_PRE_STOP] = &config->settings->pre_stop,
                [HOOK_POST_STOP] = &config->settings->post_stop,
        };
        _cleanup_(hook_freep) Hook *hook = NULL;
        int r;

        if (!commands[kind]->argv)
                return -ENOENT; /* a reload has taken it away meanwhile */
        hook = calloc(1, sizeof(*hook));
        if (!hook)
                return -ENOMEM;
        *hook = (Hook){ .entry = entry, .name = name, .kind = kind, .fd = -1 };
        r = start(hook, commands[kind]);
        if (r < 0)
                return r;
        hook_free(*place);
        *place = TAKE_PTR(hook);
        return 0;
}

/* ---------------------------------------------------------------- hooks */

static const char *const names[] = {
        [HOOK_NONE] = "reload_command",
        [HOOK_PRE_START] = "pre_start_command",
        [HOOK_PRE_STOP] = "pre_stop_command",
        [HOOK_POST_STOP] = "post_stop_command",
};

static void tell_failure(Entry *entry, HookKind kind, const char *why) {
        const StartFailure failure = { .reason = START_REASON_HOOK,
                                       .subject = names[kind],
                                       .detail = why };
        const char *name = entry_get_process(entry)->config->name;

        if (kind != HOOK_PRE_START) {
                log_warn("%s of %s %s", names[kind], name, why);
                return;
        }
        free(entry->start_failure);
        entry->start_failure = start_failure_new(&failure);
        log_event(LOG_LEVEL_INFO, ENTRY_FIELDS(entry, LOG_MESSAGE_SPAWN_ERROR),
                  "spawnerr: %s of %s %s", names[kind], name, why);
}

void entry_run_hook(Entry *entry, HookKind kind) {
        Supervisor *s = entry->supervisor;
        char why[128];
        int r;

        r = hook_start(entry, kind, names[kind], &entry->hook);
        if (r >= 0) {
                log_debug("running %s of %s", names[kind], entry_get_process(entry)->config->name);
                return;
        }
        (void)snprintf(why, sizeof(why), "cannot be started: %s", strerror(-r));
        tell_failure(entry, kind, why);
        engine_hook_ended(s->engine, entry->index, -r, now_usec());
}

static void signal_hook(const Hook *hook, int signo) {
        if (hook && hook->pid > 0)
                (void)kill(-hook->pid, signo); /* its end is awaited in any case */
}

void entry_signal_hook(Entry *entry, int signo) {
        if (entry->hook && entry->hook->pid > 0)
                log_info("sending %s to %s of %s", words_signal(signo), entry->hook->name,
                         entry_get_process(entry)->config->name);
        signal_hook(entry->hook, signo);
}

static void tell_exit(const Hook *hook, const ProcessExit *exit) {
        _cleanup_(freep) char *how = NULL, *why = NULL;

        if (words_exit(exit, &how) < 0 || asprintf(&why, "has failed (%s)", how) < 0)
                why = NULL;
        tell_failure(hook->entry, hook->kind, why ?: "has failed");
}

static void hook_over(Hook *hook) {
        hook->pid = 0;
        hook->timeout = sd_event_source_disable_unref(hook->timeout);
        if (hook->io && !read_output(hook)) {
                linebuf_flush(&hook->lines, tell_line, hook);
                close_output(hook);
        }
}

void supervisor_hook_ended(void *userdata, unsigned id, const ProcessExit *exit) {
        Supervisor *s = userdata;
        size_t index = id & (ID_RELOAD - 1);
        Entry *entry = index < s->n_entries ? s->entries[index] : NULL;
        Hook *hook = !entry ? NULL : id & ID_RELOAD ? entry->reload : entry->hook;
        bool succeeded;

        if (!hook || hook->id != id)
                return;
        hook_over(hook);
        succeeded = exit->kind == EXIT_STATUS && exit->value == 0;
        if (!succeeded)
                tell_exit(hook, exit);
        if (hook->kind != HOOK_NONE)
                engine_hook_ended(s->engine, index, succeeded ? 0 : ECANCELED, now_usec());
}

/* ---------------------------------------------------------------- reload_command */

static int on_reload_timeout(sd_event_source *source, uint64_t usec, void *userdata) {
        const Hook *hook = userdata;

        log_warn("%s of %s takes longer than hook_timeout, killing it", hook->name,
                 entry_get_process(hook->entry)->config->name);
        signal_hook(hook, SIGKILL);
        return 0;
}

static int run_reload(Entry *entry) {
        int64_t usec = entry_get_process(entry)->config->settings->hook_timeout_usec;
        int r;

        if (entry->reload && entry->reload->pid > 0)
                return -EBUSY;
        r = hook_start(entry, HOOK_NONE, names[HOOK_NONE], &entry->reload);
        if (r < 0 || usec == DURATION_INFINITY)
                return r;
        r = sd_event_add_time_relative(entry->supervisor->event, &entry->reload->timeout,
                                       CLOCK_MONOTONIC, (uint64_t)MAX(usec, 0), 0,
                                       on_reload_timeout, entry->reload);
        if (r < 0)
                signal_hook(entry->reload, SIGKILL);
        return r;
}

int entry_reload(Entry *entry) {
        const Process *p = entry_get_process(entry);

        if (!p->config->settings->reload.argv && p->config->settings->reload_signal == 0)
                return -ENOTSUP;
        if (p->phase != PHASE_STARTING && p->phase != PHASE_RUNNING)
                return -ESRCH;
        log_info("reloading %s", p->config->name);
        if (p->config->settings->reload.argv)
                return run_reload(entry);
        return child_signal(entry->child, CHILD_LEADER, p->config->settings->reload_signal);
}
