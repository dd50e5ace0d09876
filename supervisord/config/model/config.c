#include "config/model/config.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "config/load/plugin.h"
#include "config/load/group.h"
#include "config/load/loader.h"
#include "config/load/server.h"
#include "config/load/socket.h"
#include "config/text/reader.h"

static void daemon_done(DaemonConfig *d) {
        for (size_t i = 0; i < n_config_keys; i++)
                if (config_keys[i].sections & SECTION_SUPERVISORD)
                        key_clear(config_keys + i, d);
        free(d->groups);
        d->environment = strv_free(d->environment);
}

static void control_done(ControlConfig *c) {
        free(c->serverurl);
        free(c->username);
        free(c->password);
        free(c->prompt);
        free(c->history_file);
}

Config *config_free(Config *c) {
        if (!c)
                return NULL;
        for (size_t i = 0; i < c->n_processes; i++)
                (void)process_config_unref(c->processes[i]);
        for (size_t i = 0; i < c->n_groups; i++)
                (void)group_config_free(c->groups[i]);
        for (size_t i = 0; i < c->n_servers; i++)
                (void)server_config_free(c->servers[i]);
        for (size_t i = 0; i < c->n_rpcinterfaces; i++)
                (void)plugin_config_free(c->rpcinterfaces[i]);
        for (size_t i = 0; i < c->n_ctlplugins; i++)
                (void)plugin_config_free(c->ctlplugins[i]);
        for (size_t i = 0; i < c->n_sockets; i++)
                (void)socket_config_unref(c->sockets[i]);
        free(c->processes);
        free(c->groups);
        free(c->sockets);
        free(c->servers);
        free(c->rpcinterfaces);
        free(c->ctlplugins);
        daemon_done(&c->daemon);
        control_done(&c->control);
        free(c->serverurl);
        c->included = strv_free(c->included);
        config_forget_text(c);
        free(c->path);
        free(c);
        return NULL;
}

void config_forget_text(Config *c) {
        c->text = config_text_free(c->text);
}

/* The main file cannot be opened at all. */
static int report_unreadable(ConfigReport *report, const char *path, int error) {
        const ConfigPlace place = { .file = path };

        switch (error) {
        case -ENOMEM:
                return error;
        case -EISDIR:
                return report_add(report, SEVERITY_ERROR, &place,
                                  "this is a directory; name the file in it");
        case -ENXIO:
                return report_add(
                        report, SEVERITY_ERROR, &place,
                        "this is a device, FIFO or socket; a configuration is a regular file");
        case -ENOENT:
                return report_add(report, SEVERITY_ERROR, &place,
                                  "there is no such file; correct the path or create it");
        default:
                return report_add(report, SEVERITY_ERROR, &place, "cannot be read: %s",
                                  strerror(-error));
        }
}

/* All files into the text. Errors are reported; returns 0 or -errno. */
static int read_files(Loader *l, const char *path) {
        int r;

        r = config_read_file(l->config->text, path, l->report);
        if (r < 0)
                return report_unreadable(l->report, path, r);
        r = load_control(l); /* supervisorctl does not know of includes */
        return r < 0 ? r : load_includes(l, path);
}

static int interpret(Loader *l) {
        const TextSection *section = config_text_find(l->config->text, "supervisord");
        int r;

        if (!section && l->report->n_errors > 0)
                return 0; /* what hides it has been said */
        if (!section)
                return loader_error(
                        l, NULL, NULL,
                        "there is no [supervisord] section; add a line [supervisord], it may be empty");
        l->config->has_daemon = true;
        r = load_daemon(l, section);
        if (r == 0)
                r = load_plugins(l, SECTION_RPCINTERFACE);
        if (r == 0)
                r = load_plugins(l, SECTION_CTLPLUGIN);
        if (r == 0)
                r = load_sockets(l);
        if (r == 0)
                r = load_groups(l);
        if (r == 0)
                r = check_dependencies(l);
        if (r == 0)
                r = check_unused_sockets(l);
        if (r == 0)
                r = load_servers(l);
        if (r == 0)
                r = check_unknown(l);
        return r < 0 ? r : check_unserved(l);
}

static int config_new(const char *path, Config **ret) {
        _cleanup_(config_freep) Config *c = NULL;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->path = strdup(path);
        c->text = calloc(1, sizeof(*c->text));
        if (!c->path || !c->text)
                return -ENOMEM;
        *ret = TAKE_PTR(c);
        return 0;
}

int config_load(const char *path,
                const ConfigOptions *options,
                Config **ret,
                ConfigReport *report) {
        static const ConfigOptions none = { 0 };
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_(loader_done)
                Loader l = { .options = options ? options : &none, .report = report };
        size_t n_errors = report->n_errors;
        int r;

        r = config_new(path, &c);
        if (r < 0)
                return r;
        l.config = c;
        l.rules.no_host_checks = l.options->no_host_checks;
        r = loader_begin(&l, path);
        if (r == 0)
                r = read_files(&l, path);
        if (r == 0 && c->text->n_files > 0)
                r = interpret(&l);
        if (r < 0)
                return r;
        if (report->n_errors > n_errors)
                return -EINVAL;
        *ret = TAKE_PTR(c);
        return 0;
}

int config_load_control(const char *path, Config **ret) {
        static const ConfigOptions options = { .no_host_checks = true };
        _cleanup_(config_report_done) ConfigReport report = { 0 };
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_(loader_done) Loader l = { .options = &options, .report = &report };
        const TextSection *section;
        int r;

        r = config_new(path, &c);
        if (r < 0)
                return r;
        l.config = c;
        r = loader_begin(&l, path);
        if (r == 0)
                r = config_read_file(c->text, path, &report);
        if (r == 0)
                r = load_control(&l);
        section = config_text_find(c->text, "supervisord");
        c->has_daemon = section != NULL;
        if (r == 0 && section)
                r = load_control_socket(&l, section);
        if (r < 0)
                return r;
        if (!section && !c->control.present)
                return -ENODATA;
        *ret = TAKE_PTR(c);
        return 0;
}
