#include "config/load/credentials.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/strv.h"
#include "config/load/group.h"
#include "config/text/list.h"

/* A key of this section, expanded; 1, 0 or -errno as loader_get(). */
static int
get_text(Loader *l, const TextSection *section, const char *name, const Scope *scope, char **ret) {
        return loader_get(l, section, key_find(section_kind(section->name), name), scope, ret);
}

static int set_groups(ProcessConfig *c, const gid_t *groups, size_t n) {
        gid_t *copy = calloc(n + 1, sizeof(*copy));

        if (!copy)
                return -ENOMEM;
        if (n > 0)
                memcpy(copy, groups, n * sizeof(*copy));
        free(c->settings->groups);
        c->settings->groups = copy;
        c->settings->n_groups = n;
        return 0;
}

static int load_user(Loader *l, const TextSection *section, const Scope *scope, ProcessConfig *c) {
        const User *user;
        int r;

        r = get_text(l, section, "user", scope, &c->settings->user);
        if (r <= 0)
                return r;
        r = loader_user(l, section, loader_option(l, section, "user"), c->settings->user, &user);
        if (r <= 0 || !user)
                return r;
        c->settings->uid = user->uid;
        c->settings->gid = user->gid;
        return set_groups(c, user->groups, user->n_groups);
}

/* As initgroups(3) does with another group than the user's own: that takes the place of the own. */
static int load_group(Loader *l, const TextSection *section, const Scope *scope, ProcessConfig *c) {
        gid_t own = c->settings->gid;
        int r;

        r = get_text(l, section, "group", scope, &c->settings->primary_group);
        if (r <= 0)
                return r;
        r = loader_group(l, section, loader_option(l, section, "group"), c->settings->primary_group,
                         &c->settings->gid);
        for (size_t i = 0; r > 0 && i < c->settings->n_groups; i++)
                if (c->settings->groups[i] == own)
                        c->settings->groups[i] = c->settings->gid;
        return r;
}

/* The groups in @list one by one. */
static int
resolve_groups(Loader *l, const TextSection *section, const char *list, ProcessConfig *c) {
        const TextOption *option = loader_option(l, section, "supplementary_groups");
        _cleanup_(freep) gid_t *groups = NULL;
        size_t n = 0;
        int r;

        while (list && *list) {
                _cleanup_(freep) char *name = NULL;
                gid_t gid = (gid_t)-1;
                gid_t *room;

                r = next_list_item(&list, &name);
                if (r == 0)
                        r = loader_group(l, section, option, name, &gid);
                if (r <= 0)
                        return r;
                room = array_room(groups, n, sizeof(*groups));
                if (!room)
                        return -ENOMEM;
                groups = room;
                groups[n++] = gid;
        }
        return set_groups(c, groups, n);
}

static int
load_supplementary(Loader *l, const TextSection *section, const Scope *scope, ProcessConfig *c) {
        int r;

        r = get_text(l, section, "supplementary_groups", scope, &c->settings->supplementary_groups);
        return r <= 0 ? r : resolve_groups(l, section, c->settings->supplementary_groups, c);
}

static int set_login(char ***env, const User *user) {
        int r;

        r = strv_env_set(env, "HOME", user->home);
        if (r == 0)
                r = strv_env_set(env, "LOGNAME", user->login);
        if (r == 0)
                r = strv_env_set(env, "SHELL", *user->shell ? user->shell : "/bin/sh");
        return r < 0 ? r : strv_env_set(env, "USER", user->login);
}

/* Of the program's user, or of whom the daemon will be. */
static int load_login(Loader *l, const TextSection *section, ProcessConfig *c) {
        const char *name = c->settings->user ? c->settings->user : l->config->daemon.user;
        char number[24];
        const User *user;
        int r;

        if (!c->settings->login_env)
                return 0;
        if (!name) {
                (void)snprintf(number, sizeof(number), "%u", getuid());
                name = number;
        }
        r = loader_user(l, section, loader_option(l, section, "login_env"), name, &user);
        return r <= 0 || !user ? r : set_login(&c->settings->login, user);
}

int load_credentials(Loader *l, const TextSection *section, const Scope *scope, ProcessConfig *c) {
        int r;

        r = load_user(l, section, scope, c);
        if (r >= 0)
                r = load_group(l, section, scope, c);
        if (r >= 0)
                r = load_supplementary(l, section, scope, c);
        return r < 0 ? r : load_login(l, section, c);
}
