#include "config/load/loader.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "config/text/path.h"

static int copy_environment(Scope *env) {
        for (char **e = environ; e && *e; e++) {
                _cleanup_(freep) char *name = NULL;
                const char *value = strchr(*e, '=');
                int r;

                if (!value)
                        continue;
                name = strndup(*e, (size_t)(value - *e));
                if (!name)
                        return -ENOMEM;
                r = scope_set_env(env, name, value + 1);
                if (r < 0)
                        return r;
        }
        return 0;
}

int loader_begin(Loader *l, const char *path) {
        struct utsname host;
        int r;

        r = path_directory(path, &l->here);
        if (r < 0)
                return r;
        if (uname(&host) < 0)
                return -errno;
        l->host = strdup(host.nodename);
        if (!l->host)
                return -ENOMEM;
        l->common.parent = &l->env;
        r = copy_environment(&l->env);
        return r < 0 ? r : scope_set(&l->common, "here", l->here);
}

void loader_done(Loader *l) {
        user_cache_done(&l->users);
        recent_settings_done(&l->recent);
        scope_done(&l->common);
        scope_done(&l->env);
        free(l->here);
        free(l->host);
}

static ConfigPlace place_of(const Loader *l, const TextSection *section, const TextOption *option) {
        return (ConfigPlace){
                .file = option    ? option->file->path
                        : section ? section->file->path
                                  : l->config->path,
                .line = option    ? option->line
                        : section ? section->line
                                  : 0,
                .section = section ? section->name : NULL,
                .key = option ? option->key : NULL,
        };
}

static int _printf_(4, 0) add_formatted(Loader *l,
                                        Severity severity,
                                        const ConfigPlace *place,
                                        const char *format,
                                        va_list ap) {
        _cleanup_(freep) char *text = NULL;

        if (vasprintf(&text, format, ap) < 0) {
                text = NULL;
                return -ENOMEM;
        }
        return report_add(l->report, severity, place, "%s", text);
}

int loader_error(Loader *l,
                 const TextSection *section,
                 const TextOption *option,
                 const char *format,
                 ...) {
        const ConfigPlace place = place_of(l, section, option);
        va_list ap;
        int r;

        va_start(ap, format);
        r = add_formatted(l, SEVERITY_ERROR, &place, format, ap);
        va_end(ap);
        return r;
}

int loader_warn(Loader *l,
                const TextSection *section,
                const TextOption *option,
                const char *format,
                ...) {
        const ConfigPlace place = place_of(l, section, option);
        Severity severity = l->options->strict ? SEVERITY_ERROR : SEVERITY_WARNING;
        va_list ap;
        int r;

        if (l->quiet)
                return 0;
        va_start(ap, format);
        r = add_formatted(l, severity, &place, format, ap);
        va_end(ap);
        return r;
}

const TextOption *loader_option(const Loader *l, const TextSection *section, const char *key) {
        return config_text_option(l->config->text, section, key);
}

/* Python puts the directory of the file in place of every "%(here)s" before anything else is
 * expanded. */
static int insert_here(const char *text, const char *here, char **ret) {
        static const char mark[] = "%(here)s";
        _cleanup_(buffer_done) Buffer out = { 0 };
        const char *next;
        int r = 0;

        while (r == 0 && (next = strstr(text, mark))) {
                r = buffer_append(&out, text, (size_t)(next - text));
                for (const char *p = here; r == 0 && *p; p++) {
                        r = buffer_append(&out, p, 1);
                        if (r == 0 && *p == '%')
                                r = buffer_append(&out, p, 1);
                }
                text = next + strlen(mark);
        }
        if (r == 0)
                r = buffer_append(&out, text, strlen(text));
        if (r == 0)
                *ret = TAKE_PTR(out.data);
        return r;
}

int loader_text(const Loader *l, const TextSection *section, const TextOption *option, char **ret) {
        const TextFile *file = option->file;

        if (!l->include) {
                *ret = strdup(option->value);
                return *ret ? 0 : -ENOMEM;
        }
        /* a key of [DEFAULT] counts as written where the section began if that is later */
        if (section->file->order > file->order)
                file = section->file;
        return insert_here(option->value, file->here, ret);
}

int loader_expand(Loader *l,
                  const TextSection *section,
                  const TextOption *option,
                  const Scope *scope,
                  char **ret) {
        _cleanup_(freep) char *why = NULL, *text = NULL;
        int r;

        *ret = NULL;
        r = loader_text(l, section, option, &text);
        if (r < 0)
                return r;
        r = scope_expand(scope, text, ret, &why);
        if (r == 0)
                return 1;
        *ret = NULL;
        return r == -EINVAL ? loader_error(l, section, option, "%s", why) : r;
}

int loader_get(Loader *l,
               const TextSection *section,
               const Key *key,
               const Scope *scope,
               char **ret) {
        const TextOption *option = loader_option(l, section, key->name);

        *ret = NULL;
        if (option)
                return loader_expand(l, section, option, scope, ret);
        if (!key->fallback)
                return 0;
        *ret = strdup(key->fallback);
        return *ret ? 1 : -ENOMEM;
}

/* The second expansion that Python gives some values. */
static int expand_again(Loader *l,
                        const TextSection *section,
                        const TextOption *option,
                        const Scope *scope,
                        char **text) {
        _cleanup_(freep) char *once = *text, *why = NULL;
        int r;

        *text = NULL;
        r = scope_expand(scope, once, text, &why);
        if (r == 0)
                return 1;
        *text = NULL;
        if (r != -EINVAL)
                return r;
        return loader_error(l, section, option,
                            "%s; this value is expanded twice, so that '%%' is written '%%%%%%%%'",
                            why);
}

static int
store_one(Loader *l, const TextSection *section, const Key *key, const Scope *scope, void *object) {
        const TextOption *option = loader_option(l, section, key->name);
        _cleanup_(freep) char *text = NULL, *why = NULL;
        int r;

        r = loader_get(l, section, key, scope, &text);
        if (r > 0 && key->twice && option)
                r = expand_again(l, section, option, scope, &text);
        if (r < 0)
                return r;
        if (!text) {
                if (!option && key->required)
                        return loader_error(l, section, NULL, "%s is missing; add %s = …",
                                            key->name, key->name);
                return 0;
        }
        r = key_store(key, text, object, &l->rules, &why);
        return r == -EINVAL ? loader_error(l, section, option, "%s", why) : r;
}

int loader_store(Loader *l,
                 const TextSection *section,
                 KeyScope which,
                 const Scope *scope,
                 void *object) {
        unsigned kind = section_kind(section->name);

        for (size_t i = 0; i < n_config_keys; i++) {
                const Key *key = config_keys + i;
                int r;

                if (!(key->sections & kind) || key->by_hand || key->scope != which)
                        continue;
                r = store_one(l, section, key, scope, object);
                if (r < 0)
                        return r;
        }
        return 0;
}

int loader_name(Loader *l,
                const TextSection *section,
                const TextOption *option,
                const char *raw,
                char **ret) {
        _cleanup_(freep) char *name = NULL;
        const char *stripped;
        int r;

        *ret = NULL;
        name = strdup(raw);
        if (!name)
                return -ENOMEM;
        stripped = utf8_strip(name);
        if (strpbrk(stripped, " :/")) {
                r = loader_error(
                        l, section, option,
                        "'%s' is no name: it holds a blank, ':' or '/'; use letters, digits, '-' and '_'",
                        stripped);
                return r;
        }
        *ret = strdup(stripped);
        return *ret ? 1 : -ENOMEM;
}

/* What became of a look-up, as a message where it is one. */
static int report_lookup(Loader *l,
                         const TextSection *section,
                         const TextOption *option,
                         int error,
                         const char *name) {
        switch (error) {
        case 0:
                return 1;
        case -ENOMEM:
                return error;
        case -ENOENT:
                return loader_error(
                        l, section, option,
                        "there is no user or group '%s' here; create it or correct the name", name);
        default:
                return loader_error(l, section, option, "'%s' cannot be looked up: %s", name,
                                    strerror(-error));
        }
}

int loader_user(Loader *l,
                const TextSection *section,
                const TextOption *option,
                const char *name,
                const User **ret) {
        int r;

        *ret = NULL;
        if (l->rules.no_host_checks)
                r = is_user_name(name) ? 0 : -ENOENT;
        else
                r = user_cache_find(&l->users, name, ret);
        return report_lookup(l, section, option, r, name);
}

int loader_group(Loader *l,
                 const TextSection *section,
                 const TextOption *option,
                 const char *name,
                 gid_t *ret) {
        int r;

        if (l->rules.no_host_checks)
                r = is_user_name(name) ? 0 : -ENOENT;
        else
                r = user_cache_find_group(&l->users, name, ret);
        return report_lookup(l, section, option, r, name);
}

int loader_owner(Loader *l,
                 const TextSection *section,
                 const TextOption *option,
                 const char *owner,
                 Owner *ret) {
        _cleanup_(freep) char *name = NULL;
        const char *colon = strchr(owner, ':');
        const User *user = NULL;
        int r;

        *ret = (Owner){ .uid = (uid_t)-1, .gid = (gid_t)-1 };
        name = strndup(owner, strcspn(owner, ":"));
        if (!name)
                return -ENOMEM;
        r = loader_user(l, section, option, name, &user);
        if (user)
                ret->uid = user->uid;
        if (r <= 0 || !colon)
                return r;
        return loader_group(l, section, option, colon + 1, &ret->gid);
}
