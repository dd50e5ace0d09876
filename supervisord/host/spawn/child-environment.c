/*
 * Building the environment of a child from its layers, of which a later one wins: what the daemon
 * has inherited, what Python's supervisor sets, the configuration, the environment files, and the
 * program's own environment once more. Reading a file is envfile.c's.
 */
#include "host/spawn/child-environment.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/strv.h"
#include "host/spawn/envfile.h"

/*
 * Meant for the process that systemd started and for nobody below it, see sd_notify(3),
 * sd_watchdog_enabled(3), sd_listen_fds(3), systemd.exec(5): a child that believes them would speak
 * in our name, or take descriptors that it does not have.
 */
static const char *const manager_variables[] = {
        "NOTIFY_SOCKET",    "WATCHDOG_USEC",  "WATCHDOG_PID",   "LISTEN_FDS",
        "LISTEN_PID",       "LISTEN_FDNAMES", "FDSTORE",        "INVOCATION_ID",
        "SYSTEMD_EXEC_PID", "MANAGERPID",     "LISTEN_PIDFDID", "MANAGERPIDFDID",
};

static bool is_managers(const char *entry) {
        size_t n = strcspn(entry, "=");

        for (size_t i = 0; i < ELEMENTSOF(manager_variables); i++)
                if (strlen(manager_variables[i]) == n &&
                    memcmp(entry, manager_variables[i], n) == 0)
                        return true;
        return false;
}

int environment_inherit(char *const *inherited, char ***ret) {
        _cleanup_(strv_freep) char **env = NULL;
        int r;

        r = strv_copy(NULL, &env);
        for (size_t i = 0; r >= 0 && inherited && inherited[i]; i++)
                if (!is_managers(inherited[i]))
                        r = strv_extend(&env, inherited[i]);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(env);
        return 0;
}

static int set_names(char ***env, const ProcessConfig *config) {
        const struct {
                const char *key, *value;
        } pairs[] = {
                { "SUPERVISOR_ENABLED", "1" },
                { "SUPERVISOR_SERVER_URL", config->settings->serverurl },
                { "SUPERVISOR_PROCESS_NAME", config->name },
                { "SUPERVISOR_GROUP_NAME", config->group },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(pairs) && r >= 0; i++)
                if (pairs[i].value)
                        r = strv_env_set(env, pairs[i].key, pairs[i].value);
        return r;
}

static int set_entry(char ***env, const char *entry) {
        const char *equals = strchr(entry, '=');
        _cleanup_(freep) char *key = NULL;

        if (!equals)
                return strv_extend(env, entry);
        key = strndup(entry, (size_t)(equals - entry));
        return key ? strv_env_set(env, key, equals + 1) : -ENOMEM;
}

static int set_entries(char ***env, char *const *entries) {
        int r = 0;

        for (; r >= 0 && entries && *entries; entries++)
                r = set_entry(env, *entries);
        return r;
}

int environment_build(char *const *inherited, const ProcessConfig *config, char ***ret) {
        _cleanup_(strv_freep) char **env = NULL;
        int r;

        r = environment_inherit(inherited, &env);
        if (r >= 0)
                r = set_names(&env, config);
        if (r >= 0)
                r = set_entries(&env, config->environment);
        if (r >= 0)
                r = set_entries(&env, config->settings->login);
        if (r >= 0 && config->settings->login)
                r = set_entries(&env, config->own_environment);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(env);
        return 0;
}

int environment_add_files(const ProcessConfig *config, char ***env, char **reterr_message) {
        bool may_miss;
        int r;

        if (!config->settings->environment_files)
                return 0;
        for (char *const *file = config->settings->environment_files; *file; file++) {
                may_miss = **file == '-';
                r = envfile_read(*file + may_miss, env, reterr_message);
                if (r == -ENOENT && may_miss) {
                        free(*reterr_message);
                        *reterr_message = NULL;
                } else if (r < 0) {
                        return r;
                }
        }
        return set_entries(env, config->own_environment);
}
