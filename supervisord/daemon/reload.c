/* SIGHUP: the configuration is read again and what has changed is applied, process by process. */
#include "daemon/reload.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/text-stream.h"
#include "config/model/diff.h"
#include "daemon/act/readiness-file.h"
#include "daemon/act/shutdown.h"
#include "daemon/act/status.h"
#include "daemon/apply.h"
#include "daemon/entry/sockets.h"
#include "daemon/entry/supervisor-state.h"
#include "log/log.h"
#include "manager/notify.h"

static void log_report(const ConfigReport *report) {
        for (size_t i = 0; i < report->n; i++) {
                if (report->messages[i].is_error)
                        log_error("%s", report->messages[i].text);
                else if (!report->messages[i].is_note)
                        log_warn("%s", report->messages[i].text);
        }
}

/* All errors of @report, a line each; NULL without memory. */
static char *join_errors(const ConfigReport *report) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        for (size_t i = 0; i < report->n; i++)
                if (report->messages[i].is_error)
                        (void)fprintf(f, "%s%s", size > 0 || ftell(f) > 0 ? "\n" : "",
                                      report->messages[i].text);
        if (text_stream_close(f, &text) < 0) {
                free(text);
                return NULL;
        }
        return text;
}

int supervisor_load(Supervisor *s, const ConfigScale *scale, Config **ret, char **reterr_errors) {
        _cleanup_(config_report_done) ConfigReport report = { 0 };
        ConfigOptions options = *s->options->config;
        int r;

        options.scale = scale;
        r = config_load(s->options->config_path, &options, ret, &report);
        if (r >= 0)
                config_forget_text(*ret);
        else if (reterr_errors)
                *reterr_errors = r == -EINVAL ? join_errors(&report) : strdup(strerror(-r));
        log_report(&report);
        return r;
}

static int load(Supervisor *s, Config **ret) {
        int r;

        r = supervisor_load(s, NULL, ret, NULL);
        if (r < 0)
                log_error("the configuration is not reloaded, everything goes on as it was: %s",
                          r == -EINVAL ? "it has errors" : strerror(-r));
        return r;
}

const Config *supervisor_get_available(const Supervisor *s) {
        return s->available ?: s->config;
}

void supervisor_set_available(Supervisor *s, Config *config) {
        config_free(s->available);
        s->available = config;
}

static void apply_readiness_file(Supervisor *s, const char *path) {
        ReadinessFile *file;

        if (strcmp(path ?: "", s->config->daemon.readiness_file ?: "") == 0)
                return;
        if (readiness_file_new(path, &file) < 0) {
                log_error("no memory for another readiness_file, it stays as it was");
                return;
        }
        readiness_file_free(s->outside.readiness_file);
        s->outside.readiness_file = file; /* made at the end of the turn, if it is to be there */
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

/* Told to the service manager from the first change to the last. */
void supervisor_begin_reload(const Supervisor *s) {
        if (s->outside.is_ready)
                notify_reloading(now_usec());
}

void supervisor_end_reload(const Supervisor *s) {
        _cleanup_(freep) char *text = supervisor_status_text(s);

        if (s->outside.is_ready) /* a reload that was announced always ends with it, see
                                    sd_notify(3) */
                notify_ready(text ?: "Running");
}

void supervisor_adopt_changes(Supervisor *s,
                              const Config *config,
                              const ConfigChange *changes,
                              size_t n) {
        size_t counts[CHANGE_REMOVED + 1] = { 0 };
        int r;

        open_sockets(s, config);
        r = supervisor_apply_changes(s, config, changes, n, counts);
        if (r < 0)
                log_critical("the new configuration could only be applied in part: %s",
                             strerror(-r));
        listening_close_old(s->options->listening);
        log_info(
                "configuration reloaded: %zu added, %zu changed, %zu updated, %zu removed, %zu unchanged",
                counts[CHANGE_ADDED], counts[CHANGE_CHANGED], counts[CHANGE_UPDATED],
                counts[CHANGE_REMOVED], counts[CHANGE_NONE]);
}

void supervisor_adopt_config(Supervisor *s, Config *config) {
        apply_daemon(s, &config->daemon);
        config_free(s->config);
        s->config = config;
        supervisor_set_available(s, NULL);
}

static void adopt(Supervisor *s, Config *config) {
        _cleanup_(freep) ConfigChange *changes = NULL;
        ssize_t n;

        n = supervisor_compare(s, config, NULL, &changes);
        if (n < 0) {
                log_critical("the new configuration cannot be applied: %s", strerror((int)-n));
                config_free(config);
                return;
        }
        supervisor_adopt_changes(s, config, changes, (size_t)n);
        supervisor_adopt_config(s, config);
}

void supervisor_reload(Supervisor *s) {
        Config *config;

        if (engine_shutdown_mode(s->engine) != SHUTDOWN_NONE) {
                log_info("shutting down, the configuration is not read again");
                return;
        }

        supervisor_begin_reload(s);
        if (load(s, &config) >= 0)
                adopt(s, config);
        supervisor_end_reload(s);
}
