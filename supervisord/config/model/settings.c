#include "config/model/settings.h"

#include <string.h>

#include "base/strv.h"
#include "config/keys/keys.h"
#include "config/keys/value-text.h"
#include "config/keys/value.h"

ProcessSettings *process_settings_new(void) {
        ProcessSettings *s = calloc(1, sizeof(*s));

        if (!s)
                return NULL;
        s->n_ref = 1;
        s->umask = -1;
        s->uid = (uid_t)-1;
        s->gid = (gid_t)-1;
        return s;
}

ProcessSettings *process_settings_ref(ProcessSettings *s) {
        if (s)
                s->n_ref++;
        return s;
}

ProcessSettings *process_settings_unref(ProcessSettings *s) {
        ProcessConfig holder = { .settings = s };

        if (!s || --s->n_ref > 0)
                return NULL;
        for (size_t i = 0; i < n_config_keys; i++)
                if (config_keys[i].in_settings)
                        key_clear(config_keys + i, &holder);
        free(s->groups);
        for (size_t i = 0; i < s->n_sockets; i++)
                (void)socket_config_unref(s->sockets[i]);
        free(s->sockets);
        strv_free(s->login);
        free(s);
        return NULL;
}

bool process_settings_same_credentials(const ProcessSettings *a, const ProcessSettings *b) {
        return a->uid == b->uid && a->gid == b->gid &&
               !a->supplementary_groups == !b->supplementary_groups && a->n_groups == b->n_groups &&
               (a->n_groups == 0 ||
                memcmp(a->groups, b->groups, a->n_groups * sizeof(*a->groups)) == 0) &&
               strv_equal(a->login, b->login);
}

/* What no row of the table of keys compares, or only by its meaning. */
static bool same_rest(const ProcessSettings *a, const ProcessSettings *b) {
        return process_settings_same_credentials(a, b) &&
               same_string(a->primary_group, b->primary_group) &&
               same_string(a->supplementary_groups, b->supplementary_groups) &&
               a->exitcodes.n == b->exitcodes.n &&
               (a->exitcodes.n == 0 ||
                memcmp(a->exitcodes.list, b->exitcodes.list, a->exitcodes.n) == 0) &&
               a->n_sockets == b->n_sockets &&
               (a->n_sockets == 0 ||
                memcmp(a->sockets, b->sockets, a->n_sockets * sizeof(SocketConfig *)) == 0);
}

/* Are @a and @b the same to the letter, so that one may stand for the other? */
static bool is_same(ProcessSettings *a, ProcessSettings *b) {
        const ProcessConfig x = { .settings = a }, y = { .settings = b };

        if (!same_rest(a, b))
                return false;
        for (size_t i = 0; i < n_config_keys; i++)
                if (config_keys[i].in_settings && !key_equal(config_keys + i, &x, &y))
                        return false;
        return true;
}

ProcessSettings *recent_settings_share(RecentSettings *recent, ProcessSettings *s) {
        ProcessSettings **items = recent->items, *kept;
        bool is_known = false;
        size_t i = 0;

        while (i < SETTINGS_RECENT && items[i] && !(is_known = is_same(items[i], s)))
                i++;
        i = MIN(i, (size_t)SETTINGS_RECENT - 1); /* the oldest goes where all are others */
        kept = items[i];
        if (is_known) {
                process_settings_unref(s);
                s = process_settings_ref(kept);
        } else {
                process_settings_unref(kept);
                kept = process_settings_ref(s);
        }
        memmove(items + 1, items, i * sizeof(ProcessSettings *));
        items[0] = kept;
        return s;
}

void recent_settings_done(RecentSettings *recent) {
        for (size_t i = 0; i < SETTINGS_RECENT; i++)
                recent->items[i] = process_settings_unref(recent->items[i]);
}
