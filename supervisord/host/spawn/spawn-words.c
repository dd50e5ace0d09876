/*
 * What a start that failed is called in the log.
 */
#include "host/spawn/spawn.h"

#include <errno.h>
#include <string.h>

const char *spawn_stage_to_string(SpawnStage stage) {
        switch (stage) {
        case SPAWN_STAGE_NONE:
                return "start";
        case SPAWN_STAGE_FILES:
                return "unshare descriptors";
        case SPAWN_STAGE_CGROUP:
                return "join cgroup";
        case SPAWN_STAGE_SIGNALS:
                return "reset signals";
        case SPAWN_STAGE_GROUP:
                return "setpgid";
        case SPAWN_STAGE_UMASK:
                return "umask";
        case SPAWN_STAGE_OOM:
                return "set oom_score_adj";
        case SPAWN_STAGE_NICE:
                return "set nice";
        case SPAWN_STAGE_STDIO:
                return "set up stdio";
        case SPAWN_STAGE_LIMITS:
                return "set limits";
        case SPAWN_STAGE_GROUPS:
                return "setgroups";
        case SPAWN_STAGE_GID:
                return "setgid";
        case SPAWN_STAGE_UID:
                return "setuid";
        case SPAWN_STAGE_PRIVILEGES:
                return "set no_new_privileges";
        case SPAWN_STAGE_CHDIR:
                return "chdir";
        case SPAWN_STAGE_CLOSE:
                return "close descriptors";
        case SPAWN_STAGE_MASK:
                return "set signal mask";
        case SPAWN_STAGE_EXEC:
                return "exec";
        }
        return "start";
}

const char *spawn_resource_to_string(int resource) {
        static const char *const names[] = {
                [RLIMIT_AS] = "RLIMIT_AS",
                [RLIMIT_CORE] = "RLIMIT_CORE",
                [RLIMIT_CPU] = "RLIMIT_CPU",
                [RLIMIT_DATA] = "RLIMIT_DATA",
                [RLIMIT_FSIZE] = "RLIMIT_FSIZE",
                [RLIMIT_LOCKS] = "RLIMIT_LOCKS",
                [RLIMIT_MEMLOCK] = "RLIMIT_MEMLOCK",
                [RLIMIT_MSGQUEUE] = "RLIMIT_MSGQUEUE",
                [RLIMIT_NICE] = "RLIMIT_NICE",
                [RLIMIT_NOFILE] = "RLIMIT_NOFILE",
                [RLIMIT_NPROC] = "RLIMIT_NPROC",
                [RLIMIT_RSS] = "RLIMIT_RSS",
                [RLIMIT_RTPRIO] = "RLIMIT_RTPRIO",
                [RLIMIT_RTTIME] = "RLIMIT_RTTIME",
                [RLIMIT_SIGPENDING] = "RLIMIT_SIGPENDING",
                [RLIMIT_STACK] = "RLIMIT_STACK",
        };

        return resource >= 0 && (size_t)resource < ELEMENTSOF(names) ? names[resource] : NULL;
}

int spawn_failure_describe(const SpawnFailure *failure,
                           const char *path,
                           const char *directory,
                           uid_t uid,
                           char **ret) {
        const char *step = spawn_stage_to_string(failure->stage), *why, *resource;
        char *text = NULL;
        int r = -1;

        why = failure->error > 0 ? strerror(failure->error) : "killed by a signal";

        switch (failure->stage) {
        case SPAWN_STAGE_CHDIR:
                r = asprintf(&text, "couldn't chdir to '%s': %s", directory ? directory : ".", why);
                break;
        case SPAWN_STAGE_GROUPS:
        case SPAWN_STAGE_GID:
                /* Python words every failing step of a user switch alike, and tools grep that. */
                if (uid != (uid_t)-1)
                        r = asprintf(&text, "couldn't setuid to %u: %s: %s", uid, step, why);
                else
                        r = asprintf(&text, "couldn't %s: %s", step, why);
                break;
        case SPAWN_STAGE_LIMITS:
                resource = spawn_resource_to_string(failure->resource);
                r = asprintf(&text, "couldn't set %s: %s", resource ? resource : "limits", why);
                break;
        case SPAWN_STAGE_UID:
                r = asprintf(&text, "couldn't setuid to %u: %s", uid, why);
                break;
        case SPAWN_STAGE_EXEC:
                r = asprintf(&text, "couldn't exec %s: %s", path, why);
                break;
        case SPAWN_STAGE_NONE:
        case SPAWN_STAGE_FILES:
        case SPAWN_STAGE_CGROUP:
        case SPAWN_STAGE_SIGNALS:
        case SPAWN_STAGE_GROUP:
        case SPAWN_STAGE_UMASK:
        case SPAWN_STAGE_OOM:
        case SPAWN_STAGE_NICE:
        case SPAWN_STAGE_STDIO:
        case SPAWN_STAGE_PRIVILEGES:
        case SPAWN_STAGE_CLOSE:
        case SPAWN_STAGE_MASK:
                r = asprintf(&text, "couldn't %s: %s", step, why);
                break;
        }
        if (r < 0)
                return -ENOMEM;

        *ret = text;
        return 0;
}

int spawn_lookup_describe(SpawnLookup outcome, const char *path, char **ret) {
        char *text = NULL;
        int r = -1;

        switch (outcome) {
        case SPAWN_LOOKUP_FOUND:
                return -EINVAL;
        case SPAWN_LOOKUP_NOT_FOUND:
                r = asprintf(&text, "can't find command '%s'", path);
                break;
        case SPAWN_LOOKUP_IS_DIRECTORY:
                r = asprintf(&text, "command at '%s' is a directory", path);
                break;
        case SPAWN_LOOKUP_NOT_EXECUTABLE:
                r = asprintf(&text, "command at '%s' is not executable", path);
                break;
        case SPAWN_LOOKUP_NO_PERMISSION:
                r = asprintf(&text, "no permission to run command '%s'", path);
                break;
        }
        if (r < 0)
                return -ENOMEM;

        *ret = text;
        return 0;
}
