/* ProcessConfig as a value: references, comparison. */
#include <string.h>

#include "base/strv.h"
#include "config/config.h"
#include "config/keys.h"
#include "config/value.h"

ProcessConfig *process_config_ref(ProcessConfig *c) {
        if (c)
                c->n_ref++;
        return c;
}

ProcessConfig *process_config_unref(ProcessConfig *c) {
        if (!c || --c->n_ref > 0)
                return NULL;
        for (size_t i = 0; i < n_config_keys; i++)
                if ((config_keys[i].sections & SECTION_PROGRAM) && !config_keys[i].no_field)
                        key_clear(config_keys + i, c);
        free(c->group);
        free(c->program);
        free(c->section);
        free(c->file);
        c->argv = strv_free(c->argv);
        free(c->argv_error);
        free(c->groups);
        free(c->exit_list);
        for (size_t i = 0; i < c->n_sockets; i++)
                (void)socket_config_unref(c->sockets[i]);
        free(c->sockets);
        (void)socket_config_unref(c->fcgi_socket);
        c->login = strv_free(c->login);
        c->environment = strv_free(c->environment);
        c->own_environment = strv_free(c->own_environment);
        free(c);
        return NULL;
}

bool process_config_begins(const ProcessConfig *c) {
        return c->autostart && !c->disabled;
}

bool process_config_expects(const ProcessConfig *c, int status) {
        return status >= 0 && status <= 255 && (c->exitcodes[status / 64] >> status % 64 & 1);
}

bool process_config_stop_step(const ProcessConfig *c, size_t i, StopStep *ret) {
        StopStep step = { c->stopsignal, STOP_WAIT_DEFAULT };

        if (i >= MAX(c->stop_ladder.n, (size_t)1))
                return false;
        if (c->stop_ladder.n > 0)
                step = c->stop_ladder.steps[i];
        if (step.wait_usec == STOP_WAIT_DEFAULT)
                step.wait_usec = c->stopwait_usec;
        step.wait_usec = MAX(step.wait_usec, 0);
        *ret = step;
        return true;
}

int64_t process_config_grace_usec(const ProcessConfig *c) {
        int64_t sum = 0;
        StopStep step;

        if (!c->send_sigkill)
                return DURATION_INFINITY;
        for (size_t i = 0; process_config_stop_step(c, i, &step); i++)
                if (__builtin_add_overflow(sum, step.wait_usec, &sum))
                        return DURATION_INFINITY;
        return sum;
}

uint64_t process_config_watchdog_usec(const ProcessConfig *c) {
        if (c->watchdog_usec <= 0 || c->watchdog_usec == DURATION_INFINITY)
                return 0;
        return (uint64_t)c->watchdog_usec;
}

bool process_config_notifies(const ProcessConfig *c) {
        return c->readiness.kind == READINESS_NOTIFY || c->notify_socket ||
               process_config_watchdog_usec(c) > 0;
}

static ConfigDifference compare_sockets(const ProcessConfig *a, const ProcessConfig *b) {
        ConfigDifference worst = CONFIG_SAME;

        if (a->n_sockets != b->n_sockets || !a->fcgi_socket != !b->fcgi_socket)
                return CONFIG_RESTART;
        for (size_t i = 0; i < a->n_sockets; i++)
                worst = MAX(worst, socket_config_compare(a->sockets[i], b->sockets[i]));
        return a->fcgi_socket ? MAX(worst, socket_config_compare(a->fcgi_socket, b->fcgi_socket))
                              : worst;
}

int64_t process_config_worst_stop_usec(const ProcessConfig *c) {
        int64_t grace = process_config_grace_usec(c), sum;

        if (!c->post_stop.argv)
                return grace;
        if (__builtin_add_overflow(grace,
                                   MIN(MAX(c->hook_timeout_usec, 0), (int64_t)HOOK_LAST_USEC),
                                   &sum))
                return DURATION_INFINITY;
        return sum;
}

/* What no row of the table of keys compares. */
static bool same_rest(const ProcessConfig *a, const ProcessConfig *b) {
        return strcmp(a->group, b->group) == 0 && a->uid == b->uid && a->gid == b->gid &&
               !a->supplementary_groups == !b->supplementary_groups && a->n_groups == b->n_groups &&
               (a->n_groups == 0 ||
                memcmp(a->groups, b->groups, a->n_groups * sizeof(*a->groups)) == 0) &&
               strv_equal(a->login, b->login) && strv_equal(a->environment, b->environment) &&
               strv_equal(a->own_environment, b->own_environment);
}

ConfigDifference process_config_compare(const ProcessConfig *a, const ProcessConfig *b) {
        bool live = a->group_priority != b->group_priority ||
                    memcmp(a->exitcodes, b->exitcodes, sizeof(a->exitcodes)) != 0;

        for (size_t i = 0; i < n_config_keys; i++) {
                const Key *key = config_keys + i;

                if (!(key->sections & SECTION_PROGRAM) || key->no_field || key_equal(key, a, b))
                        continue;
                if (key->effect != EFFECT_LIVE)
                        return CONFIG_RESTART;
                live = true;
        }
        if (!same_rest(a, b))
                return CONFIG_RESTART;
        return MAX(compare_sockets(a, b), live ? CONFIG_LIVE : CONFIG_SAME);
}

/* What rows of the table do not compare, by the keys that stand behind it. */
static int add_rest(const ProcessConfig *a, const ProcessConfig *b, char ***list) {
        const struct {
                const char *key;
                bool differs;
        } rest[] = {
                { "exitcodes", memcmp(a->exitcodes, b->exitcodes, sizeof(a->exitcodes)) != 0 },
                { "user", a->uid != b->uid || !strv_equal(a->login, b->login) },
                { "group", a->gid != b->gid },
                { "environment", !strv_equal(a->environment, b->environment) },
                { "sockets", compare_sockets(a, b) != CONFIG_SAME },
                { "priority of the group", a->group_priority != b->group_priority },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(rest); i++)
                if (rest[i].differs && !strv_contains(*list, rest[i].key))
                        r = strv_extend(list, rest[i].key);
        return r;
}

int process_config_differences(const ProcessConfig *a, const ProcessConfig *b, char ***ret) {
        _cleanup_(strv_freep) char **list = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n_config_keys; i++) {
                const Key *key = config_keys + i;

                if ((key->sections & SECTION_PROGRAM) && !key->no_field && !key_equal(key, a, b))
                        r = strv_extend(&list, key->name);
        }
        if (r >= 0)
                r = add_rest(a, b, &list);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(list);
        return 0;
}
