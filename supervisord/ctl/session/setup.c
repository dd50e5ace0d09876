/*
 * Finds the places where the daemon's socket may be, from options, configuration file and URLs.
 * There is no HTTP here: URLs of Python's server are recognized, so that scripts that give them go
 * on working, or are told what to give instead.
 */
#include "ctl/session/setup.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "config/model/config.h"
#include "config/text/path.h"
#include "protocol/places.h"

void setup_done(Setup *s) {
        free(s->prompt);
        free(s->history_file);
        (void)strv_free(s->sockets);
        free(s->why_none);
        *s = (Setup){ 0 };
}

static int set_socket(Setup *s, const char *path) {
        _cleanup_(strv_freep) char **list = NULL;
        int r;

        r = strv_extend(&list, path);
        if (r < 0)
                return r;
        (void)strv_free(s->sockets);
        s->sockets = TAKE_PTR(list);
        return 0;
}

static int set_no_socket(Setup *s, char *why) {
        if (!why)
                return -ENOMEM;
        free(s->why_none);
        s->why_none = why;
        s->sockets = strv_free(s->sockets);
        return 0;
}

int setup_set_server(Setup *s, const char *url) {
        _cleanup_(freep) char *home = NULL, *path = NULL;
        char *why = NULL;
        int r;

        if (strncmp(url, "unix://", 7) != 0) {
                if (asprintf(&why,
                             "%s: supervisorctl speaks to the control socket of supervisord only: "
                             "use -c FILE, -s unix://PATH or -H HOST",
                             url) < 0)
                        return -ENOMEM;
                return set_no_socket(s, why);
        }
        r = path_expand_user(url + 7, &home);
        if (r == 0)
                r = path_absolute(home, &path);
        return r < 0 ? r : set_socket(s, path);
}

/* Is @url the one that the file itself names? Scripts give that of Python's HTTP server. */
static bool is_own_url(const Config *c, const char *url) {
        return c->control.serverurl && strcmp(c->control.serverurl, url) == 0;
}

static int locate_socket(Setup *s, const Config *c, const char *url) {
        if (url && !(c->has_daemon && is_own_url(c, url)))
                return setup_set_server(s, url);
        if (!c->has_daemon && c->control.serverurl)
                return setup_set_server(s, c->control.serverurl);
        if (c->daemon.no_control)
                return set_no_socket(
                        s, strdup("control_socket = none: this supervisord has no socket"));
        if (c->daemon.control_socket)
                return set_socket(s, c->daemon.control_socket);
        return places_control(c->path, geteuid(), &s->sockets);
}

static int set_text(char **target, const char *value, const char *fallback) {
        if (!value)
                value = fallback;
        if (!value)
                return 0;
        *target = strdup(value);
        return *target ? 0 : -ENOMEM;
}

static int read_file(Setup *s, const CtlOptions *o, const char *path, FILE *errors) {
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
        r = locate_socket(s, c, o->server);
        if (r == 0)
                r = set_text(&s->prompt, c->control.prompt, "supervisor");
        if (r == 0)
                r = set_text(&s->history_file, o->history_file, c->control.history_file);
        return r;
}

/* Python would go to its default server, and say that it does not answer. */
static int do_without_file(Setup *s, const CtlOptions *o) {
        int r;

        r = o->server
                    ? setup_set_server(s, o->server)
                    : set_no_socket(s,
                                    strdup("no configuration file was found: name it with -c FILE, "
                                           "or a socket with -s unix://PATH"));
        if (r == 0)
                r = set_text(&s->prompt, NULL, "supervisor");
        return r < 0 ? r : set_text(&s->history_file, o->history_file, NULL);
}

int setup_load(const CtlOptions *options, const char *argv0, Setup *ret, FILE *errors) {
        _cleanup_(setup_done) Setup s = { 0 };
        _cleanup_(freep) char *found = NULL;
        int r = 0;

        if (!options->config_path)
                r = config_find(argv0, &found, NULL);
        if (r == -ENOENT)
                r = do_without_file(&s, options);
        else if (r == 0)
                r = read_file(&s, options, options->config_path ?: found, errors);
        if (r < 0)
                return r;
        *ret = TAKE_STRUCT(s);
        return 0;
}
