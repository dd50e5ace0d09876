/* The [supervisord] section. */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "base/strv.h"
#include "config/keys/environment-pairs.h"
#include "config/load/loader.h"
#include "config/text/path.h"

static const Key *key_of(const char *name) {
        return key_find(SECTION_SUPERVISORD, name);
}

/* A path that is meant from where we were started, like Python's normalize_path(). */
static int make_absolute(char **path) {
        _cleanup_(freep) char *relative = *path;

        *path = NULL;
        return relative ? path_absolute(relative, path) : 0;
}

/* Store the value of a path key that is not "syslog" and make it absolute. */
static int load_path(Loader *l, const TextSection *section, const char *name) {
        const Key *key = key_of(name);
        DaemonConfig *d = &l->config->daemon;
        _cleanup_(freep) char *text = NULL, *why = NULL;
        int r;

        r = loader_get(l, section, key, &l->common, &text);
        if (r <= 0)
                return r;
        if (strcmp(name, "logfile") == 0 && strcmp(text, "syslog") == 0) {
                d->syslog = true;
                return 0;
        }
        r = key_store(key, text, d, &l->rules, &why);
        if (r == -EINVAL)
                return loader_error(l, section, loader_option(l, section, name), "%s", why);
        return r < 0 ? r : make_absolute(key_field(key, d));
}

static int load_childlogdir(Loader *l, const TextSection *section) {
        const char *fallback = getenv("TMPDIR");
        DaemonConfig *d = &l->config->daemon;
        _cleanup_(freep) char *text = NULL, *why = NULL;
        int r;

        r = loader_get(l, section, key_of("childlogdir"), &l->common, &text);
        if (r < 0)
                return r;
        if (!text && loader_option(l, section, "childlogdir"))
                return 0; /* reported */
        if (!text) {
                text = strdup(fallback && *fallback && path_check_directory(fallback) == 0
                                      ? fallback
                                      : "/tmp");
                if (!text)
                        return -ENOMEM;
        }
        r = key_store(key_of("childlogdir"), text, d, &l->rules, &why);
        return r == -EINVAL ? loader_error(l, section, loader_option(l, section, "childlogdir"),
                                           "%s", why)
                            : r;
}

/* A path that an address can hold, or "none". */
int load_control_socket(Loader *l, const TextSection *section) {
        const TextOption *option = loader_option(l, section, "control_socket");
        DaemonConfig *d = &l->config->daemon;
        _cleanup_(freep) char *text = NULL, *home = NULL;
        int r;

        r = loader_get(l, section, key_of("control_socket"), &l->common, &text);
        if (r <= 0 || !*text)
                return r;
        d->no_control = strcasecmp(text, "none") == 0;
        if (d->no_control)
                return 0;
        r = path_expand_user(text, &home);
        if (r >= 0)
                r = path_absolute(home, &d->control_socket);
        if (r >= 0 && strlen(d->control_socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
                r = loader_error(l, section, option,
                                 "%s is too long for a socket; at most %zu bytes", text,
                                 sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1);
        return r;
}

static int resolve_control_group(Loader *l, const TextSection *section) {
        DaemonConfig *d = &l->config->daemon;
        int r;

        d->control_gid = (gid_t)-1;
        if (!d->control_group)
                return 0;
        r = loader_group(l, section, loader_option(l, section, "control_group"), d->control_group,
                         &d->control_gid);
        return MIN(r, 0);
}

static int resolve_user(Loader *l, const TextSection *section) {
        DaemonConfig *d = &l->config->daemon;
        const User *user;
        int r;

        if (!d->user)
                return 0;
        r = loader_user(l, section, loader_option(l, section, "user"), d->user, &user);
        if (r <= 0 || !user)
                return r;
        d->uid = user->uid;
        d->gid = user->gid;
        d->groups = calloc(user->n_groups + 1, sizeof(*d->groups));
        if (!d->groups)
                return -ENOMEM;
        memcpy(d->groups, user->groups, user->n_groups * sizeof(*d->groups));
        d->n_groups = user->n_groups;
        return 0;
}

static int export_environment(Loader *l) {
        for (char **e = l->config->daemon.environment; e && *e; e++) {
                _cleanup_(freep) char *name = strndup(*e, strcspn(*e, "="));
                int r;

                r = name ? scope_set_env(&l->env, name, *e + strlen(name) + 1) : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Python expands this twice, and knows the host's name only the second time. */
static int expand_environment(Loader *l, const TextSection *section, char **ret) {
        const TextOption *option = loader_option(l, section, "environment");
        _cleanup_(scope_done) Scope second = { .parent = &l->common };
        _cleanup_(freep) char *once = NULL, *why = NULL;
        int r;

        *ret = NULL;
        if (!option)
                return 0;
        r = loader_expand(l, section, option, &l->common, &once);
        if (r <= 0)
                return r;
        r = scope_set(&second, "host_node_name", l->host);
        if (r == 0)
                r = scope_expand(&second, once, ret, &why);
        if (r == -EINVAL)
                return loader_error(
                        l, section, option,
                        "%s; this value is expanded twice, so that '%%' is written '%%%%%%%%'",
                        why);
        return r;
}

static int load_environment(Loader *l, const TextSection *section) {
        const TextOption *option = loader_option(l, section, "environment");
        _cleanup_(freep) char *text = NULL, *why = NULL, *warning = NULL;
        int r;

        r = expand_environment(l, section, &text);
        if (r < 0 || !text)
                return r;
        r = parse_environment(text, &l->config->daemon.environment, &warning, &why);
        if (r == -EINVAL)
                return loader_error(l, section, option, "%s", why);
        if (r == 0 && warning)
                r = loader_warn(l, section, option, "%s", warning);
        return r < 0 ? r : export_environment(l);
}

static int apply_override(Loader *l, const ConfigOverride *o) {
        const Key *key = key_of(o->key);
        DaemonConfig *d = &l->config->daemon;
        _cleanup_(freep) char *why = NULL;
        int r;

        if (!key)
                return report_add(l->report, SEVERITY_ERROR, NULL, "%s: there is no key %s to set",
                                  o->option, o->key);
        if (strcmp(o->key, "logfile") == 0)
                d->syslog = strcmp(o->value, "syslog") == 0;
        if (strcmp(o->key, "logfile") == 0 && d->syslog) {
                key_clear(key, d);
                return 0;
        }
        r = key_store(key, o->value, d, &l->rules, &why);
        if (r == -EINVAL)
                return report_add(l->report, SEVERITY_ERROR, NULL, "invalid value for %s: %s",
                                  o->option, why);
        if (r == 0 && key->type == KEY_PATH)
                r = make_absolute(key_field(key, d));
        return r;
}

/*
 * An option of the command line counts instead of the key, which is still checked, as in Python. A
 * user given there is looked up like one of the file.
 */
int load_daemon(Loader *l, const TextSection *section) {
        DaemonConfig *d = &l->config->daemon;
        int r;

        d->uid = (uid_t)-1;
        d->gid = (gid_t)-1;
        r = loader_store(l, section, SCOPE_SECTION, &l->common, d);
        if (r >= 0)
                r = load_path(l, section, "logfile");
        if (r >= 0)
                r = load_path(l, section, "pidfile");
        if (r >= 0)
                r = load_path(l, section, "readiness_file");
        if (r >= 0)
                r = load_childlogdir(l, section);
        if (r >= 0)
                r = load_control_socket(l, section);
        if (r >= 0)
                r = resolve_control_group(l, section);
        if (r >= 0)
                r = loader_get(l, section, key_of("user"), &l->common, &d->user);
        for (size_t i = 0; r >= 0 && i < l->options->n_overrides; i++)
                r = apply_override(l, l->options->overrides + i);
        if (r >= 0)
                r = resolve_user(l, section);
        return r < 0 ? r : load_environment(l, section);
}
