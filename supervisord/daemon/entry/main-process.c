/*
 * The main process of a program that forks itself into the background: looked for when its starter
 * has gone, when anything of ours ends, and when something appears where its pidfile should be.
 */
#include "daemon/entry/main-process.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/clock.h"
#include "daemon/entry/entry.h"
#include "daemon/entry/supervisor-state.h"
#include "log/log.h"

static int on_pidfile(sd_event_source *source, const struct inotify_event *event, void *userdata) {
        Entry *entry = userdata;

        entry_find_main(entry);
        return 0;
}

void entry_stop_finding_main(Entry *entry) {
        if (entry->main.is_on)
                entry->supervisor->counts.awaiting_main--;
        entry->main.is_on = false;
        entry->main.pidfile = sd_event_source_disable_unref(entry->main.pidfile);
}

static int watch_pidfile(Entry *entry, const char *path) {
        _cleanup_(freep) char *directory = strdup(path);
        char *slash;

        if (!directory)
                return -ENOMEM;
        slash = strrchr(directory, '/');
        if (slash)
                slash[slash == directory ? 1 : 0] = '\0';
        return sd_event_add_inotify(entry->supervisor->event, &entry->main.pidfile,
                                    slash ? directory : ".",
                                    IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE, on_pidfile, entry);
}

static void begin_waiting(Entry *entry) {
        Supervisor *s = entry->supervisor;
        const ProcessConfig *config = engine_get(s->engine, entry->index)->config;
        int r;

        if (entry->main.is_on)
                return;
        entry->main.is_on = true;
        s->counts.awaiting_main++;
        engine_starter_gone(s->engine, entry->index);
        child_watch_tree(entry->child);

        if (!config->pidfile)
                return;
        r = watch_pidfile(entry, config->pidfile);
        if (r < 0)
                log_warn("cannot wait for pidfile '%s' of %s, it must show its main process by "
                         "other means: %s",
                         config->pidfile, config->name, strerror(-r));
}

/* The process that was announced, which nobody else has as a child any more. */
static bool follow_announced(Entry *entry) {
        if (entry->main.announced == 0 || child_set_main(entry->child, entry->main.announced) <= 0)
                return false;
        entry->main.announced = 0;
        return true;
}

static void main_is_known(Entry *entry) {
        entry_stop_finding_main(entry);
        entry->last_pid = child_get_pid(entry->child);
        engine_main_found(entry->supervisor->engine, entry->index, now_usec());
}

static bool can_change(const Entry *entry) {
        Phase phase = entry_get_process(entry)->phase;

        return phase == PHASE_STARTING || phase == PHASE_RUNNING;
}

bool entry_take_over(Entry *entry) {
        pid_t old = entry->last_pid;

        if (!can_change(entry) || !follow_announced(entry))
                return false;
        main_is_known(entry);
        log_info("%s goes on with pid %d as its main process, after %d has ended",
                 entry_get_name(entry), entry->last_pid, old);
        return true;
}

void entry_announce_main(Entry *entry, pid_t pid) {
        int r;

        if (!can_change(entry) || pid == child_get_pid(entry->child) ||
            pid == entry->main.announced)
                return;
        r = child_set_main(entry->child, pid);
        if (r < 0) {
                log_warn("%s says that %d is its main process, which is %s", entry_get_name(entry),
                         pid, r == -ESRCH ? "none of its processes" : strerror(-r));
                return;
        }
        if (r == 0) {
                entry->main.announced = pid;
                log_info("%s will go on with pid %d as its main process when %d has ended",
                         entry_get_name(entry), pid, entry->last_pid);
                return;
        }
        entry->main.announced = 0;
        main_is_known(entry);
        log_info("%s says that its main process has pid %d", entry_get_name(entry), pid);
}

void entry_find_main(Entry *entry) {
        Supervisor *s = entry->supervisor;
        const Process *p = engine_get(s->engine, entry->index);
        int r;

        if (!entry->main.is_on)
                begin_waiting(entry); /* before looking, so that nothing is missed in between */

        r = follow_announced(entry) ? 1 : child_find_main(entry->child);
        if (r < 0)
                log_warn("cannot look for the main process of %s, trying again when something "
                         "changes: %s",
                         p->config->name, strerror(-r));
        if (r <= 0)
                return;

        main_is_known(entry);
        log_info("%s has forked, its main process has pid %d", p->config->name, entry->last_pid);
}

void supervisor_find_mains(Supervisor *s) {
        if (s->counts.awaiting_main == 0)
                return;
        for (size_t i = 0; i < s->n_entries; i++)
                if (s->entries[i] && s->entries[i]->main.is_on)
                        entry_find_main(s->entries[i]);
}
