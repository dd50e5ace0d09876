/* ProcessConfig as a value: references, comparison. */
#include <errno.h>
#include <string.h>

#include "base/pack.h"
#include "base/strv.h"
#include "config/keys/keys.h"
#include "config/keys/value.h"
#include "config/model/config.h"
#include "config/model/settings.h"
#include "config/text/split-words.h"

ProcessConfig *process_config_ref(ProcessConfig *c) {
        if (c)
                c->n_ref++;
        return c;
}

/* Has each process a value of @key for itself, with memory of its own? */
static bool is_own(const Key *key) {
        return (key->sections & SECTION_PROGRAM) && !key->no_field && !key->in_settings &&
               key->offset != offsetof(ProcessConfig, name);
}

ProcessConfig *process_config_unref(ProcessConfig *c) {
        if (!c || --c->n_ref > 0)
                return NULL;
        for (size_t i = 0; i < n_config_keys; i++)
                if (is_own(config_keys + i))
                        key_clear(config_keys + i, c);
        c->settings = process_settings_unref(c->settings);
        free(c->names);
        (void)socket_config_unref(c->fcgi_socket);
        c->environment = strv_free(c->environment);
        c->own_environment = strv_free(c->own_environment);
        free(c);
        return NULL;
}

int process_config_set_names(ProcessConfig *c, const ProcessNames *names) {
        /* The program's name is the end of the section's, and most often the others are the same.
         */
        const char *const texts[] = { names->section, names->program, names->group, names->name };
        const char *copies[ELEMENTSOF(texts)];
        char *memory;

        memory = pack_texts(texts, copies, ELEMENTSOF(texts));
        if (!memory)
                return -ENOMEM;
        free(c->names);
        c->names = memory;
        c->section = copies[0];
        c->program = copies[1];
        c->group = copies[2];
        c->name = copies[3];
        return 0;
}

int process_config_split_command(const ProcessConfig *c, char ***ret, const char **reterr_why) {
        _cleanup_(strv_freep) char **words = NULL;
        int r;

        r = split_words(c->command, &words, reterr_why);
        if (r < 0)
                return r;
        if (!words[0]) {
                *reterr_why = "command is empty";
                return -ENODATA;
        }
        *ret = TAKE_PTR(words);
        return 0;
}

bool process_config_expects(const ProcessConfig *c, int status) {
        return status >= 0 && status <= 255 &&
               (c->settings->exitcodes.expected[status / 64] >> status % 64 & 1);
}

bool process_config_stop_step(const ProcessConfig *c, size_t i, StopStep *ret) {
        StopStep step = { c->settings->stopsignal, STOP_WAIT_DEFAULT };

        if (i >= MAX(c->settings->stop_ladder.n, (size_t)1))
                return false;
        if (c->settings->stop_ladder.n > 0)
                step = c->settings->stop_ladder.steps[i];
        if (step.wait_usec == STOP_WAIT_DEFAULT)
                step.wait_usec = c->settings->stopwait_usec;
        step.wait_usec = MAX(step.wait_usec, 0);
        *ret = step;
        return true;
}

int64_t process_config_grace_usec(const ProcessConfig *c) {
        int64_t sum = 0;
        StopStep step;

        if (!c->settings->send_sigkill)
                return DURATION_INFINITY;
        for (size_t i = 0; process_config_stop_step(c, i, &step); i++)
                if (__builtin_add_overflow(sum, step.wait_usec, &sum))
                        return DURATION_INFINITY;
        return sum;
}

uint64_t process_config_watchdog_usec(const ProcessConfig *c) {
        if (c->settings->watchdog_usec <= 0 || c->settings->watchdog_usec == DURATION_INFINITY)
                return 0;
        return (uint64_t)c->settings->watchdog_usec;
}

bool process_config_notifies(const ProcessConfig *c) {
        return c->settings->readiness.kind == READINESS_NOTIFY || c->settings->notify_socket ||
               process_config_watchdog_usec(c) > 0;
}

static ConfigDifference compare_sockets(const ProcessConfig *a, const ProcessConfig *b) {
        const ProcessSettings *x = a->settings, *y = b->settings;
        ConfigDifference worst = CONFIG_SAME;

        if (x->n_sockets != y->n_sockets || !a->fcgi_socket != !b->fcgi_socket)
                return CONFIG_RESTART;
        for (size_t i = 0; i < x->n_sockets; i++)
                worst = MAX(worst, socket_config_compare(x->sockets[i], y->sockets[i]));
        return a->fcgi_socket ? MAX(worst, socket_config_compare(a->fcgi_socket, b->fcgi_socket))
                              : worst;
}

int64_t process_config_worst_stop_usec(const ProcessConfig *c) {
        int64_t grace = process_config_grace_usec(c), sum;

        if (!c->settings->post_stop.argv)
                return grace;
        if (__builtin_add_overflow(grace,
                                   MIN(MAX(c->settings->hook_timeout_usec, 0),
                                       (int64_t)HOOK_LAST_USEC),
                                   &sum))
                return DURATION_INFINITY;
        return sum;
}

/* What no row of the table of keys compares. */
static bool same_rest(const ProcessConfig *a, const ProcessConfig *b) {
        return strcmp(a->group, b->group) == 0 &&
               process_settings_same_credentials(a->settings, b->settings) &&
               strv_equal(a->environment, b->environment) &&
               strv_equal(a->own_environment, b->own_environment);
}

ConfigDifference process_config_compare(const ProcessConfig *a, const ProcessConfig *b) {
        bool live = a->group_priority != b->group_priority;

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
        const ProcessSettings *x = a->settings, *y = b->settings;
        const struct {
                const char *key;
                bool differs;
        } rest[] = {
                { "user", x->uid != y->uid || !strv_equal(x->login, y->login) },
                { "group", x->gid != y->gid },
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
