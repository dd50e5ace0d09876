/*
 * Ends of processes: they are reaped, and each is told to whom it is about: the engine for a main
 * process, a tool's owner for a tool. What follows from an end is not decided here.
 */
#include "daemon/reap.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "daemon/act/entry-start.h"
#include "daemon/entry/main-process.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/event-source.h"
#include "log/log.h"

/* Ends are handled in batches, so that one look at the trees serves many of them. */
#define REAPS_PER_BATCH 256

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
            !tools_reaped(s->checks.tools, info->si_pid, &exit) &&
            !tools_reaped(s->hooks.tools, info->si_pid, &exit))
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
        engine_exited(s->engine, entry->index, exit, leftovers, now_usec());
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
        if (s->ending.is_over && (childless || trees_kill_rest(s->host->trees) == 0))
                (void)sd_event_exit(s->event, s->ending.exit_code);
}

static int on_child(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        Supervisor *s = userdata;
        siginfo_t end;

        /* For waitid(P_ALL) the kernel looks at each child. The one whose signal it is can be asked
         * for alone, and is restarted in the turn that comes before the rest are looked for. */
        if (trees_tell_unreaped(s->host->trees) &&
            reap_one(s, P_PID, (id_t)info->ssi_pid, &end) > 0) {
                handle_ends(s, &end, 1);
                if (sd_event_source_set_enabled(s->delayed.reap_rest, SD_EVENT_ONESHOT) >= 0)
                        return 0;
        }
        reap(s);
        return 0;
}

static int on_trees(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Supervisor *s = userdata;

        reap(s); /* learns about the trees as well, and in the right order */
        return 0;
}

static int on_reap_rest(sd_event_source *source, void *userdata) {
        reap(userdata);
        return 0;
}

int supervisor_watch_ends(Supervisor *s) {
        int r;

        r = supervisor_watch_signal(s, SIGCHLD, on_child, PRIORITY_EXIT);
        if (r >= 0)
                r = supervisor_watch_fd(s, trees_get_fd(s->host->trees), on_trees, PRIORITY_EXIT);
        if (r < 0)
                return r;
        r = sd_event_add_defer(s->event, &s->delayed.reap_rest, on_reap_rest, s);
        if (r >= 0)
                r = sd_event_source_set_priority(s->delayed.reap_rest, PRIORITY_EXIT);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->delayed.reap_rest, SD_EVENT_OFF);
        if (r < 0)
                log_critical("cannot watch for ends of processes: %s", strerror(-r));
        return r;
}
