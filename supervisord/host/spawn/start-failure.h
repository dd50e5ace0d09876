/*
 * Why a process could not be started, as facts: the reason, an errno, and the names that belong to
 * it. A failure is made where the start fails and is handed up unchanged; what decides by it looks
 * at its reason. Words are made of it in one place, start_failure_describe(), for the log and for
 * clients; nothing reads them back.
 */
#pragma once

#include <sys/types.h>

/* The steps of the child's set-up, in their order. */
typedef enum SpawnStage {
        SPAWN_STAGE_NONE,    /* nothing done yet */
        SPAWN_STAGE_FILES,   /* a descriptor table of its own */
        SPAWN_STAGE_CGROUP,  /* join the leaf, where the kernel could not place the child there */
        SPAWN_STAGE_SIGNALS, /* every signal to its default */
        SPAWN_STAGE_GROUP,   /* setpgid */
        SPAWN_STAGE_UMASK,
        SPAWN_STAGE_OOM, /* oom_score_adj */
        SPAWN_STAGE_NICE,
        SPAWN_STAGE_STDIO,
        SPAWN_STAGE_LIMITS,
        SPAWN_STAGE_GROUPS, /* setgroups */
        SPAWN_STAGE_GID,
        SPAWN_STAGE_UID,
        SPAWN_STAGE_PRIVILEGES, /* no_new_privs */
        SPAWN_STAGE_CHDIR,      /* as the program's user, as Python does */
        SPAWN_STAGE_CLOSE,
        SPAWN_STAGE_MASK,
        SPAWN_STAGE_EXEC,
} SpawnStage;

/* Why a child never reached its program. */
typedef struct SpawnFailure {
        SpawnStage stage;
        int error;    /* errno, positive; 0: it was killed by a signal before its program ran */
        int resource; /* SPAWN_STAGE_LIMITS: the RLIMIT_* that could not be set */
} SpawnFailure;

/* The comments name the members of StartFailure that a reason fills in beside reason. */
typedef enum StartReason {
        START_REASON_NONE,           /* nothing is wrong */
        START_REASON_NO_COMMAND,     /* the command is empty */
        START_REASON_BAD_COMMAND,    /* it cannot be split: subject is the command; detail */
        START_REASON_NOT_FOUND,      /* subject is the file, or the name that was looked up */
        START_REASON_IS_DIRECTORY,   /* subject is the file */
        START_REASON_NOT_EXECUTABLE, /* subject is the file */
        START_REASON_NO_PERMISSION,  /* for the daemon, whatever the user may; subject: the file */
        START_REASON_ENVIRONMENT,    /* an environment file cannot be read; detail is everything */
        START_REASON_READINESS,      /* it cannot be watched for; subject is the process; error */
        START_REASON_SOCKET,         /* it cannot be opened; subject is the socket; detail, error */
        START_REASON_DESCRIPTORS,    /* more than fit, or two on one number; detail is everything */
        START_REASON_LIMITS,         /* its tree cannot be limited; detail is everything */
        START_REASON_HOOK,           /* subject is the key that names the command; detail */
        START_REASON_SYSTEM,         /* no child was made; subject is the process; error, during */
        START_REASON_STEP,           /* the child's set-up failed; see start_failure_of_step() */
} StartReason;

typedef struct StartFailure {
        StartReason reason;
        int error;           /* errno, positive */
        SpawnFailure step;   /* START_REASON_STEP */
        uid_t uid;           /* START_REASON_STEP: of the program; -1 if it has no user */
        const char *during;  /* START_REASON_SYSTEM: what was done, a constant: "during fork" */
        const char *subject; /* what the reason is about, or NULL */
        const char *detail;  /* words of whoever found out, or NULL */
} StartFailure;

/*
 * A copy of @failure with copies of its texts, in one piece of memory that the caller frees with
 * free(). NULL without memory.
 */
StartFailure *start_failure_new(const StartFailure *failure);

/*
 * The failure of a child that never reached its program. @path, @directory and @uid are those of
 * its request. Borrows the texts.
 */
StartFailure
start_failure_of_step(const SpawnFailure *step, const char *path, const char *directory, uid_t uid);

/*
 * The words for @failure, as Python's supervisor has them where it knows the failure: "can't find
 * command 'x'", "command at '/x' is not executable", "couldn't chdir to '/srv/x': No such file or
 * directory", "couldn't setuid to 33: Operation not permitted". The caller's; NULL without memory
 * and for NULL.
 */
char *start_failure_describe(const StartFailure *failure);

/* "chdir", "setuid", "exec", …: a word for each stage. */
const char *spawn_stage_to_string(SpawnStage stage);

/* "RLIMIT_NOFILE" and so on; NULL for a number that has no name. */
const char *spawn_resource_to_string(int resource);
