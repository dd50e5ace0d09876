#include "ctl/settings.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "config/model/config.h"
#include "config/text/path.h"
#include "protocol/places.h"

void settings_done(Settings *s) {
        free(s->prompt);
        free(s->history_file);
        (void)strv_free(s->sockets);
        free(s->why_none);
        *s = (Settings){ 0 };
}

static int set_socket(Settings *s, const char *path) {
        _cleanup_(strv_freep) char **list = NULL;
        int r;

        r = strv_extend(&list, path);
        if (r < 0)
                return r;
        (void)strv_free(s->sockets);
        s->sockets = TAKE_PTR(list);
        return 0;
}

static int set_none(Settings *s, char *why) {
        if (!why)
                return -ENOMEM;
        free(s->why_none);
        s->why_none = why;
        s->sockets = strv_free(s->sockets);
        return 0;
}

int settings_set_server(Settings *s, const char *url) {
        _cleanup_(freep) char *home = NULL, *path = NULL;
        char *why = NULL;
        int r;

        if (strncmp(url, "unix://", 7) != 0) {
                if (asprintf(&why,
                             "%s: supervisorctl speaks to the control socket of supervisord only: "
                             "use -c FILE, -s unix://PATH or -H HOST",
                             url) < 0)
                        return -ENOMEM;
                return set_none(s, why);
        }
        r = path_expand_user(url + 7, &home);
        if (r == 0)
                r = path_absolute(home, &path);
        return r < 0 ? r : set_socket(s, path);
}

/* Is @url what the file calls its own daemon? Scripts give the URL of its HTTP server. */
static bool is_own(const Config *c, const char *url) {
        return c->control.serverurl && strcmp(c->control.serverurl, url) == 0;
}

static int locate(Settings *s, const Config *c, const char *url) {
        if (url && !(c->has_daemon && is_own(c, url)))
                return settings_set_server(s, url);
        if (!c->has_daemon && c->control.serverurl)
                return settings_set_server(s, c->control.serverurl);
        if (c->daemon.no_control)
                return set_none(s, strdup("control_socket = none: this supervisord has no socket"));
        if (c->daemon.control_socket)
                return set_socket(s, c->daemon.control_socket);
        return places_control(c->path, geteuid(), &s->sockets);
}

static int copy(char **target, const char *value, const char *fallback) {
        if (!value)
                value = fallback;
        if (!value)
                return 0;
        *target = strdup(value);
        return *target ? 0 : -ENOMEM;
}

static int from_file(Settings *s, const CtlOptions *o, const char *path, FILE *errors) {
        _cleanup_(config_freep) Config *c = NULL;
        int r;

        r = config_load_control(path, &c);
        if (r == -ENOENT)
                fprintf(errors, "Error: could not find config file %s\n", path);
        else if (r == -ENODATA)
                fputs("Error: .ini file does not include supervisorctl section\n", errors);
        else if (r < 0 && r != -ENOMEM)
                fprintf(errors, "Error: could not read config file %s\n", path);
        if (r < 0)
                return r == -ENOMEM ? r : -EINVAL;
        r = locate(s, c, o->server);
        if (r == 0)
                r = copy(&s->prompt, c->control.prompt, "supervisor");
        if (r == 0)
                r = copy(&s->history_file, o->history_file, c->control.history_file);
        return r;
}

/* Python goes to its default server then, and says that it does not answer. */
static int without_file(Settings *s, const CtlOptions *o) {
        int r;

        r = o->server ? settings_set_server(s, o->server)
                      : set_none(s, strdup("no configuration file was found: name it with -c FILE, "
                                           "or a socket with -s unix://PATH"));
        if (r == 0)
                r = copy(&s->prompt, NULL, "supervisor");
        return r < 0 ? r : copy(&s->history_file, o->history_file, NULL);
}

int settings_load(const CtlOptions *options, const char *argv0, Settings *ret, FILE *errors) {
        _cleanup_(settings_done) Settings s = { 0 };
        _cleanup_(freep) char *found = NULL;
        int r = 0;

        if (!options->config_path)
                r = config_find(argv0, &found, NULL);
        if (r == -ENOENT)
                r = without_file(&s, options);
        else if (r == 0)
                r = from_file(&s, options, options->config_path ?: found, errors);
        if (r < 0)
                return r;
        *ret = TAKE_STRUCT(s);
        return 0;
}
