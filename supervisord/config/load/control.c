/* [supervisorctl], which Python's supervisord ignores: what is wrong in it is no more than a
 * warning. */
#include <errno.h>
#include <string.h>

#include "config/load/loader.h"
#include "config/text/path.h"

/* The value of @name, or its default where it cannot be expanded; *ret may be NULL. */
static int get(Loader *l, const TextSection *section, const char *name, char **ret) {
        const Key *key = key_find(SECTION_SUPERVISORCTL, name);
        const TextOption *option = loader_option(l, section, name);
        _cleanup_(freep) char *why = NULL;
        int r = -EINVAL;

        *ret = NULL;
        if (option)
                r = scope_expand(&l->common, option->value, ret, &why);
        if (r == 0 || r == -ENOMEM)
                return r;
        *ret = key->fallback ? strdup(key->fallback) : NULL;
        if (key->fallback && !*ret)
                return -ENOMEM;
        return option ? loader_warn(l, section, option, "%s", why) : 0;
}

static int expand_path(const char *text, char **ret) {
        _cleanup_(freep) char *path = NULL;
        int r;

        r = path_expand_user(text, &path);
        return r < 0 ? r : path_absolute(path, ret);
}

static int load_serverurl(Loader *l, const TextSection *section) {
        ControlConfig *c = &l->config->control;
        _cleanup_(freep) char *text = NULL, *path = NULL;
        int r;

        r = get(l, section, "serverurl", &text);
        if (r < 0 || !text)
                return r;
        if (strncmp(text, "unix://", 7) != 0) {
                c->serverurl = TAKE_PTR(text);
                return 0;
        }
        r = expand_path(text + 7, &path);
        if (r == 0 && asprintf(&c->serverurl, "unix://%s", path) < 0) {
                c->serverurl = NULL;
                r = -ENOMEM;
        }
        return r;
}

int load_control(Loader *l) {
        const TextSection *section = config_text_find(l->config->text, "supervisorctl");
        ControlConfig *c = &l->config->control;
        _cleanup_(freep) char *history = NULL;
        int r;

        if (!section)
                return 0;
        c->present = true;
        r = load_serverurl(l, section);
        if (r == 0)
                r = get(l, section, "username", &c->username);
        if (r == 0)
                r = get(l, section, "password", &c->password);
        if (r == 0)
                r = get(l, section, "prompt", &c->prompt);
        if (r == 0)
                r = get(l, section, "history_file", &history);
        if (r == 0 && history && *history)
                r = expand_path(history, &c->history_file);
        return r;
}
