/* SIGHUP: the configuration is read again and what has changed is applied, process by process. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "config/diff.h"
#include "daemon/supervisor-internal.h"
#include "manager/notify.h"

static void log_report(const ConfigReport *report) {
        for (size_t i = 0; i < report->n; i++) {
                if (report->messages[i].is_error)
                        log_error("%s", report->messages[i].text);
                else if (!report->messages[i].is_note)
                        log_warn("%s", report->messages[i].text);
        }
}

static int load(Supervisor *s, Config **ret) {
        _cleanup_(config_report_done) ConfigReport report = { 0 };
        int r;

        r = config_load(s->options->config_path, s->options->config, ret, &report);
        log_report(&report);
        if (r < 0)
                log_error("the configuration is not reloaded, everything goes on as it was: %s",
                          r == -EINVAL ? "it has errors" : strerror(-r));
        return r;
}

/* ---------------------------------------------------------------- applying */

/* What each entry of the table is, or is about to become; NULL for one that is empty. */
static int present_configs(const Supervisor *s, ProcessConfig ***ret) {
        size_t n = s->engine ? engine_size(s->engine) : 0;
        /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
        ProcessConfig **configs = calloc(n + 1, sizeof(*configs));

        if (!configs)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const Process *p = engine_get(s->engine, i);

                if (!p->spare) /* one that counts has the same name */
                        configs[i] = p->next_config ?: p->config;
        }
        *ret = configs;
        return 0;
}

static void update(Supervisor *s, size_t i, ProcessConfig *config) {
        bool other_health = health_differs(engine_get(s->engine, i)->config, config);

        log_info("updated: %s", config->name);
        engine_update(s->engine, i, config);
        if (other_health)
                entry_renew_health(s->entries[i]);
}

static int apply_change(Supervisor *s, const Config *config, const ConfigChange *change) {
        uint64_t now_usec = supervisor_now();
        size_t index;
        int r;

        switch (change->kind) {
        case CHANGE_NONE:
                return 0;
        case CHANGE_REMOVED:
                engine_remove(s->engine, change->before, now_usec);
                return 0;
        case CHANGE_UPDATED:
                update(s, change->before, config->processes[change->after]);
                return 0;
        case CHANGE_CHANGED:
                log_info("changed: %s", config->processes[change->after]->name);
                engine_replace(s->engine, change->before, config->processes[change->after],
                               now_usec);
                return 0;
        case CHANGE_ADDED:
                r = supervisor_add(s, config->processes[change->after], &index);
                if (r >= 0 && process_config_begins(config->processes[change->after]))
                        engine_start(s->engine, index, now_usec);
                return r;
        }
        return -EINVAL;
}

static bool is_leaving(const Supervisor *s, const ConfigChange *change) {
        return change->before != SIZE_MAX && engine_get(s->engine, change->before)->removed;
}

int supervisor_apply(Supervisor *s,
                     const Config *config,
                     size_t counts[static CHANGE_REMOVED + 1]) {
        _cleanup_(freep) ConfigChange *changes = NULL;
        _cleanup_(freep) ProcessConfig **before = NULL;
        ssize_t n;
        int r;

        supervisor_cancel_rolls(s);
        r = present_configs(s, &before);
        if (r < 0)
                return r;
        n = config_diff(before, engine_size(s->engine), config->processes, config->n_processes,
                        &changes);
        if (n < 0)
                return (int)n;

        for (ssize_t i = 0; i < n && r >= 0; i++) {
                if (is_leaving(s, &changes[i])) {
                        if (changes[i].kind == CHANGE_REMOVED)
                                continue;
                        changes[i].kind = CHANGE_CHANGED; /* back again before it was gone */
                }
                counts[changes[i].kind]++;
                r = apply_change(s, config, &changes[i]);
        }
        if (r >= 0)
                r = engine_commit(s->engine, supervisor_now());
        return r;
}

static void apply_readiness_file(Supervisor *s, const char *path) {
        ReadinessFile *file;

        if (strcmp(path ?: "", s->config->daemon.readiness_file ?: "") == 0)
                return;
        if (readiness_file_new(path, &file) < 0) {
                log_error("no memory for another readiness_file, it stays as it was");
                return;
        }
        readiness_file_free(s->readiness_file);
        s->readiness_file = file; /* made at the end of the turn, if it is to be there */
}

static void apply_daemon(Supervisor *s, const DaemonConfig *config) {
        ShutdownRules rules = shutdown_rules(config);

        engine_set_rules(s->engine, &rules);
        apply_readiness_file(s, config->readiness_file);
        if (config->loglevel != log_get_level()) {
                log_set_level(config->loglevel);
                outputs_set_echo(s->host->outputs, config->loglevel <= LOG_LEVEL_DEBUG);
        }
}

/* New ones are open before a program that needs them starts; those that go are closed after it. */
static void open_sockets(Supervisor *s, const Config *config) {
        Listening *l = s->options->listening;
        int r;

        r = listening_open(l, config);
        listening_log(l);
        if (r < 0)
                log_critical("cannot open all sockets, trying again when they are needed: %s",
                             strerror(-r));
        for (size_t i = 0; i < config->n_groups; i++) {
                SocketConfig *socket = config->groups[i]->socket;
                _cleanup_(freep) char *why = NULL;

                r = socket ? sockets_adjust(listening_get_sockets(l), socket, &why) : 0;
                if (r < 0)
                        log_error("cannot change the socket %s: %s", socket->url,
                                  why ?: strerror(-r));
        }
}

void supervisor_reload(Supervisor *s) {
        size_t counts[CHANGE_REMOVED + 1] = { 0 };
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(freep) char *text = NULL;
        int r;

        if (engine_shutdown_mode(s->engine) != SHUTDOWN_NONE) {
                log_info("shutting down, the configuration is not read again");
                return;
        }

        if (s->is_ready)
                notify_reloading(supervisor_now());
        if (load(s, &config) >= 0) {
                open_sockets(s, config);
                r = supervisor_apply(s, config, counts);
                if (r < 0)
                        log_critical("the new configuration could only be applied in part: %s",
                                     strerror(-r));
                listening_close_old(s->options->listening);
                apply_daemon(s, &config->daemon);
                config_free(s->config);
                s->config = TAKE_PTR(config);
                log_info(
                        "configuration reloaded: %zu added, %zu changed, %zu updated, %zu removed, %zu unchanged",
                        counts[CHANGE_ADDED], counts[CHANGE_CHANGED], counts[CHANGE_UPDATED],
                        counts[CHANGE_REMOVED], counts[CHANGE_NONE]);
        }

        text = supervisor_status_text(s);
        if (s->is_ready) /* a reload that was announced always ends with it, see sd_notify(3) */
                notify_ready(text ?: "Running");
}
