/*
 * What a start that failed is called in the log and by clients.
 */
#include "host/spawn/start-failure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/macro.h"

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

StartFailure *start_failure_new(const StartFailure *failure) {
        const char *texts[] = { failure->subject, failure->detail };
        size_t sizes[] = { texts[0] ? strlen(texts[0]) + 1 : 0,
                           texts[1] ? strlen(texts[1]) + 1 : 0 };
        StartFailure *copy = malloc(sizeof(*copy) + sizes[0] + sizes[1]);
        char *room = (char *)(copy + 1);

        if (!copy)
                return NULL;
        *copy = *failure;
        if (texts[0])
                copy->subject = memcpy(room, texts[0], sizes[0]);
        if (texts[1])
                copy->detail = memcpy(room + sizes[0], texts[1], sizes[1]);
        return copy;
}

StartFailure start_failure_of_step(const SpawnFailure *step,
                                   const char *path,
                                   const char *directory,
                                   uid_t uid) {
        StartFailure failure = {
                .reason = START_REASON_STEP, .error = step->error, .step = *step, .uid = uid
        };

        if (step->stage == SPAWN_STAGE_CHDIR)
                failure.subject = directory ?: ".";
        if (step->stage == SPAWN_STAGE_EXEC)
                failure.subject = path;
        return failure;
}

static int describe_step(const StartFailure *f, char **ret) {
        const char *stage = spawn_stage_to_string(f->step.stage), *why, *resource;

        why = f->step.error > 0 ? strerror(f->step.error) : "killed by a signal";
        switch (f->step.stage) {
        case SPAWN_STAGE_CHDIR:
                return asprintf(ret, "couldn't chdir to '%s': %s", f->subject, why);
        case SPAWN_STAGE_GROUPS:
        case SPAWN_STAGE_GID:
                /* Python words every failing step of a user switch alike, and tools grep that. */
                if (f->uid != (uid_t)-1)
                        return asprintf(ret, "couldn't setuid to %u: %s: %s", f->uid, stage, why);
                break;
        case SPAWN_STAGE_LIMITS:
                resource = spawn_resource_to_string(f->step.resource);
                return asprintf(ret, "couldn't set %s: %s", resource ?: "limits", why);
        case SPAWN_STAGE_UID:
                return asprintf(ret, "couldn't setuid to %u: %s", f->uid, why);
        case SPAWN_STAGE_EXEC:
                return asprintf(ret, "couldn't exec %s: %s", f->subject, why);
        default:
                break;
        }
        return asprintf(ret, "couldn't %s: %s", stage, why);
}

static int describe_system(const StartFailure *f, char **ret) {
        if (f->error == EMFILE || f->error == ENFILE)
                return asprintf(ret, "too many open files to spawn '%s'", f->subject);
        if (f->error == EAGAIN)
                return asprintf(ret, "Too many processes in process table to spawn '%s'",
                                f->subject);
        return asprintf(ret, "unknown error %s for '%s': %s", f->during, f->subject,
                        strerrorname_np(f->error));
}

static int describe_reason(const StartFailure *f, char **ret) {
        switch (f->reason) {
        case START_REASON_NONE:
                return asprintf(ret, "nothing is wrong");
        case START_REASON_NO_COMMAND:
                return asprintf(ret, "command is empty");
        case START_REASON_BAD_COMMAND:
                return asprintf(ret, "can't parse command '%s': %s", f->subject, f->detail);
        case START_REASON_NOT_FOUND:
                return asprintf(ret, "can't find command '%s'", f->subject);
        case START_REASON_IS_DIRECTORY:
                return asprintf(ret, "command at '%s' is a directory", f->subject);
        case START_REASON_NOT_EXECUTABLE:
                return asprintf(ret, "command at '%s' is not executable", f->subject);
        case START_REASON_NO_PERMISSION:
                return asprintf(ret, "no permission to run command '%s'", f->subject);
        case START_REASON_READINESS:
                return asprintf(ret, "cannot watch for the readiness of '%s': %s", f->subject,
                                strerror(f->error));
        case START_REASON_SOCKET:
                return asprintf(ret, "socket '%s': %s", f->subject,
                                f->detail ?: strerror(f->error));
        case START_REASON_HOOK:
                return asprintf(ret, "%s %s", f->subject, f->detail);
        case START_REASON_ENVIRONMENT:
        case START_REASON_LIMITS:
        case START_REASON_DESCRIPTORS:
                return asprintf(ret, "%s", f->detail);
        case START_REASON_SYSTEM:
                return describe_system(f, ret);
        case START_REASON_STEP:
                return describe_step(f, ret);
        }
        return -1;
}

char *start_failure_describe(const StartFailure *failure) {
        char *text;

        return failure && describe_reason(failure, &text) >= 0 ? text : NULL;
}
