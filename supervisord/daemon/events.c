/* What comes in: signals, ends of processes, output. */

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "daemon/supervisor-internal.h"
#include "daemon/words.h"
#include "log/log.h"

/* Ends are handled in batches, so that one look at the trees serves many of them. */
#define REAPS_PER_BATCH 256

static int
watch_signal(Supervisor *s, int signo, sd_event_signal_handler_t handler, int64_t priority) {
        sd_event_source *source = NULL;
        int r;

        r = sd_event_add_signal(s->event, &source, signo, handler, s);
        if (r >= 0)
                r = sd_event_source_set_priority(source, priority);
        if (r >= 0)
                r = sd_event_source_set_floating(source, true);
        sd_event_source_unref(source);
        if (r < 0)
                log_critical("cannot watch for %s: %s", words_signal(signo), strerror(-r));
        return r;
}

int supervisor_watch_fd(Supervisor *s, int fd, sd_event_io_handler_t handler, int64_t priority) {
        sd_event_source *source = NULL;
        int r;

        if (fd < 0)
                return 0;
        r = sd_event_add_io(s->event, &source, fd, EPOLLIN, handler, s);
        if (r >= 0)
                r = sd_event_source_set_priority(source, priority);
        if (r >= 0)
                r = sd_event_source_set_floating(source, true);
        sd_event_source_unref(source);
        if (r < 0)
                log_critical("cannot watch a descriptor: %s", strerror(-r));
        return r;
}

/* ---------------------------------------------------------------- ends of processes */

static ProcessExit exit_from(const siginfo_t *info) {
        if (info->si_code == CLD_EXITED)
                return (ProcessExit){ .kind = EXIT_STATUS, .value = info->si_status };
        return (ProcessExit){ .kind = EXIT_SIGNAL,
                              .value = info->si_status,
                              .core_dumped = info->si_code == CLD_DUMPED };
}

/* A child that never became its program ends the start, not a run. */
static bool handle_spawn_failure(Entry *entry, pid_t pid) {
        StartFailure *failure = NULL;
        int error;

        if (!child_spawn_failure(entry->child, pid, &error, &failure))
                return false;
        entry_start_failed(entry, error, failure);
        return true;
}

/* A tool of ours, a command that checks something, or a stranger that we adopted. */
static void handle_other_end(Supervisor *s, const siginfo_t *info, ProcessExit exit) {
        SpawnFailure failure;

        if (spawner_collect(s->host->spawner, info->si_pid, &failure) > 0 && failure.error > 0)
                exit = (ProcessExit){ .kind = EXIT_SPAWN_FAILED, .value = failure.error };
        if (!tools_reaped(s->host->tools, info->si_pid, &exit) &&
            !tools_reaped(s->checks, info->si_pid, &exit) &&
            !tools_reaped(s->hooks, info->si_pid, &exit))
                log_debug("reaped unknown pid %d", info->si_pid);
}

static void handle_end(Supervisor *s, const siginfo_t *info) {
        Child *child = pidmap_get(s->host->pids, info->si_pid);
        ProcessExit exit = exit_from(info);
        const Process *p;
        bool leftovers;
        Entry *entry;

        if (!child) {
                handle_other_end(s, info, exit);
                return;
        }

        entry = child_get_owner(child);
        p = engine_get(s->engine, entry->index);
        if (handle_spawn_failure(entry, info->si_pid))
                return;

        leftovers = child_leader_reaped(child);
        if (leftovers && entry_take_over(entry))
                return;
        if (leftovers && p->config->settings->type == PROCESS_TYPE_FORKING &&
            p->phase == PHASE_STARTING && exit.kind == EXIT_STATUS && exit.value == 0) {
                entry_find_main(entry);
                return;
        }
        if (leftovers && p->config->settings->kill_mode != KILL_MODE_PROCESS)
                child_watch_tree(child);
        engine_exited(s->engine, entry->index, exit, leftovers, supervisor_now());
}

/* Learn what is empty now that all of @ends are reaped, and act on them. */
static void handle_ends(Supervisor *s, const siginfo_t *ends, size_t n) {
        int r;

        r = trees_update(s->host->trees);
        if (r < 0)
                log_debug("cannot look at the process trees, trying again: %s", strerror(-r));
        for (size_t i = 0; i < n; i++)
                handle_end(s, &ends[i]);
}

/* Returns 1 with what is reaped of them, 0 if none of them has ended, -ECHILD if there is none. */
static int reap_one(Supervisor *s, idtype_t type, id_t id, siginfo_t *ret) {
        int r;

        ret->si_pid = 0;
        do
                r = waitid(type, id, ret, WEXITED | WNOHANG);
        while (r < 0 && errno == EINTR);
        if (r < 0)
                return -errno;
        if (ret->si_pid == 0)
                return 0;

        trees_reaped(s->host->trees, ret->si_pid);
        return 1;
}

/* Reap what has ended, at most one batch; false if there may be more. *ret_childless: no child is
 * left. */
static bool reap_batch(Supervisor *s, bool *ret_childless) {
        siginfo_t ends[REAPS_PER_BATCH];
        size_t n = 0;
        int r = 1;

        while (n < REAPS_PER_BATCH && r > 0) {
                r = reap_one(s, P_ALL, 0, &ends[n]);
                if (r > 0)
                        n++;
        }
        *ret_childless = r == -ECHILD;
        handle_ends(s, ends, n);
        return n < REAPS_PER_BATCH;
}

static void reap(Supervisor *s) {
        bool childless;

        while (!reap_batch(s, &childless))
                ;
        supervisor_find_mains(s);
        if (s->is_over && (childless || trees_kill_rest(s->host->trees) == 0))
                (void)sd_event_exit(s->event, s->exit_code);
}

static int on_child(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        Supervisor *s = userdata;
        siginfo_t end;

        /* The kernel asks each child in turn whether it has ended. The one whose signal it is can
         * be asked alone, and is on its way again before that. */
        if (trees_tell_unreaped(s->host->trees) &&
            reap_one(s, P_PID, (id_t)info->ssi_pid, &end) > 0) {
                handle_ends(s, &end, 1);
                supervisor_turn(s);
        }
        reap(s);
        supervisor_turn(s);
        return 0;
}

static int on_trees(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Supervisor *s = userdata;

        reap(s); /* learns about the trees as well, and in the right order */
        supervisor_turn(s);
        return 0;
}

/* ---------------------------------------------------------------- output */

static int on_outputs(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Supervisor *s = userdata;
        int r;

        r = outputs_dispatch(s->host->outputs);
        if (r < 0)
                log_error("cannot read the programs' output: %s", strerror(-r));
        return 0;
}

static const char *words_output_error(int error) {
        return error == ETIMEDOUT ? "the disk does not answer" : strerror(error);
}

static void start_compressor(const Entry *entry, const OutputEvent *event) {
        const OutputCompress *tool = &event->compress;
        Host *h = entry->supervisor->host;
        int r;

        r = tools_start(h->tools, tool->argv, tool->stdin_fd, tool->stdout_fd, tool->id);
        if (r >= 0)
                return;
        log_warn("cannot compress the old log of %s with %s, it stays as it is: %s", event->target,
                 tool->argv[0], strerror(-r));
        outputs_compressed(h->outputs, tool->id, /* succeeded= */ false);
}

void supervisor_on_output(void *owner, const OutputEvent *event, void *userdata) {
        const Entry *entry = owner;
        const char *stream = event->stream == OUTPUT_STDOUT ? "stdout" : "stderr";
        const char *name = engine_get(entry->supervisor->engine, entry->index)->config->name;

        switch (event->kind) {
        case OUTPUT_EVENT_FALLBACK:
                log_warn("%s of '%s' cannot go to %s: %s", stream, name, event->target,
                         strerror(event->error));
                return;
        case OUTPUT_EVENT_FAILING:
                log_event(LOG_LEVEL_ERROR, ENTRY_FIELDS(entry, LOG_MESSAGE_OUTPUT_LOST),
                          "cannot write %s of '%s' to %s, trying again: %s", stream, name,
                          event->target, words_output_error(event->error));
                return;
        case OUTPUT_EVENT_RESUMED:
                log_event(event->dropped_bytes > 0 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
                          ENTRY_FIELDS(entry, LOG_MESSAGE_OUTPUT_RESUMED),
                          "%s of '%s' is written to %s again, %llu lines (%llu bytes) were lost",
                          stream, name, event->target, (unsigned long long)event->dropped_lines,
                          (unsigned long long)event->dropped_bytes);
                return;
        case OUTPUT_EVENT_ROTATION_FAILED:
                log_error("cannot rotate %s: %s", event->target, strerror(event->error));
                return;
        case OUTPUT_EVENT_DATA:
                log_debug("'%s' %s output:\n%.*s", name, stream, (int)event->size, event->data);
                return;
        case OUTPUT_EVENT_COMPRESS:
                start_compressor(entry, event);
                return;
        case OUTPUT_EVENT_CAPTURED:
                return; /* for listeners */
        }
}

static int on_writers(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Supervisor *s = userdata;

        writers_dispatch(s->options->writers);
        return 0;
}

/* The loop is about to sleep: what it has queued in this turn is written now. */
static int on_before_sleep(sd_event_source *source, void *userdata) {
        Supervisor *s = userdata;

        writers_kick(s->options->writers);
        return 0;
}

static int watch_writers(Supervisor *s) {
        int r;

        if (!s->options->writers)
                return 0;

        r = sd_event_add_io(s->event, &s->writing, writers_get_fd(s->options->writers), EPOLLIN,
                            on_writers, s);
        if (r >= 0)
                r = sd_event_source_set_priority(s->writing, PRIORITY_OUTPUT);
        if (r >= 0)
                r = sd_event_source_set_prepare(s->writing, on_before_sleep);
        if (r < 0)
                log_critical("cannot watch the logs being written: %s", strerror(-r));
        return r;
}

static int on_log(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        log_dispatch();
        return 0;
}

/* ---------------------------------------------------------------- signals */

static int
on_exit_request(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        Supervisor *s = userdata;
        _cleanup_(freep) char *awaited = NULL;
        int signo = (int)info->ssi_signo;
        ShutdownMode mode = SHUTDOWN_GRACEFUL;

        if (signo == SIGINT)
                s->n_interrupts++;
        log_warn("received %s indicating exit request", words_signal(signo));

        /* Only a person at the terminal repeats SIGINT; a script's double kill must cost nobody his
         * grace. */
        if (signo == SIGINT && engine_shutdown_mode(s->engine) != SHUTDOWN_NONE)
                mode = s->n_interrupts > 2 ? SHUTDOWN_NOW : SHUTDOWN_FAST;
        supervisor_stay_down(s);
        if (mode > engine_shutdown_mode(s->engine))
                supervisor_shutdown(s, mode);
        else if (report_awaited(s, &awaited) >= 0)
                log_warn("already shutting down, waiting for %s", awaited);

        supervisor_turn(s);
        return 0;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        Supervisor *s = userdata;

        log_warn("received SIGHUP indicating reload request");
        supervisor_reload(s);
        supervisor_turn(s);
        return 0;
}

static int on_dump(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        report_state(userdata);
        return 0;
}

void supervisor_reopen_logs(Supervisor *s) {
        int r;

        r = log_reopen();
        if (r < 0)
                log_error("cannot open the log file again, going on with the old one: %s",
                          strerror(-r));
        else
                log_info("supervisord logreopen");
        outputs_reopen(s->host->outputs);
}

static int on_reopen(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        log_info("received SIGUSR2 indicating log reopen request");
        supervisor_reopen_logs(userdata);
        return 0;
}

int supervisor_watch_events(Supervisor *s) {
        const struct {
                int signo;
                sd_event_signal_handler_t handler;
                int64_t priority;
        } signals[] = {
                { SIGCHLD, on_child, PRIORITY_EXIT },
                { SIGTERM, on_exit_request, PRIORITY_SIGNAL },
                { SIGINT, on_exit_request, PRIORITY_SIGNAL },
                { SIGQUIT, on_exit_request, PRIORITY_SIGNAL },
                { SIGHUP, on_hangup, PRIORITY_SIGNAL },
                { SIGUSR1, on_dump, PRIORITY_SIGNAL },
                { SIGUSR2, on_reopen, PRIORITY_SIGNAL },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(signals) && r >= 0; i++)
                r = watch_signal(s, signals[i].signo, signals[i].handler, signals[i].priority);
        if (r >= 0)
                r = supervisor_watch_fd(s, trees_get_fd(s->host->trees), on_trees, PRIORITY_EXIT);
        if (r >= 0)
                r = supervisor_watch_fd(s, outputs_get_fd(s->host->outputs), on_outputs,
                                        PRIORITY_OUTPUT);
        if (r >= 0)
                r = watch_writers(s);
        if (r >= 0)
                r = supervisor_watch_fd(s, log_get_fd(), on_log, PRIORITY_IDLE);
        return r;
}
