/*
 * Starting a program as a clean child, many at a time from one thread, without ever waiting for one
 * of them: the call returns when the child exists; what becomes of its set-up is asked when it is
 * reaped. It is not for watching, signalling or reaping children.
 *
 * The child shares our memory and descriptor table until it executes (so its start costs the same
 * however large the daemon is) but runs beside us. It has its own process group in our session,
 * every signal at its default, the mask the daemon was started with, only descriptors 0, 1, 2, its
 * listening sockets and perhaps one more, and what its request says.
 *
 * After the first program with a user of its own was started by root, the kernel holds the daemon
 * for undumpable (set_dumpable(2) of the shared memory), which also keeps that user from tracing
 * the child while it still shares our memory. It is left so.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/macro.h"
#include "config/model/config.h"

#define SPAWN_LIMITS_MAX RLIM_NLIMITS /* resource limits that one request can hold */
#define SPAWN_SOCKETS_MAX PROCESS_SOCKETS_MAX

#define SPAWN_PID_VARIABLES_MAX 2

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

typedef struct SpawnLimit {
        int resource; /* RLIMIT_* */
        struct rlimit value;
} SpawnLimit;

/*
 * What to start. Strings and arrays are owned by the request and allocated; start from
 * spawn_request_new(). argv and envp end with NULL.
 */
typedef struct SpawnRequest {
        char *path;      /* what to execute, no search: see find_command(); relative to directory */
        char **argv;     /* argv[0] included */
        char **envp;     /* the whole environment */
        char *directory; /* or NULL: the daemon's */
        int umask;       /* or -1: the daemon's */

        /* As Python: nothing is done if uid is the daemon's own; groups are then the daemon's too.
         */
        bool has_user;
        uid_t uid;
        gid_t gid;
        gid_t *groups; /* the whole supplementary list */
        size_t n_groups;

        bool has_gid;    /* gid is set whoever the user is */
        bool has_groups; /* and so are the groups */

        OptionalInteger nice;          /* -20 … 19 */
        OptionalInteger oom_score_adj; /* -1000 … 1000; implies wait_exec */
        bool no_new_privileges;

        int stdio[3]; /* borrowed for the call of spawner_spawn() only; -1: /dev/null */

        int sockets[SPAWN_SOCKETS_MAX]; /* become 3, 4, …; borrowed like those above */
        size_t n_sockets;

        int extra_fd;        /* what else the child gets, borrowed like those above; or -1 */
        int extra_fd_number; /* as which descriptor, >= 3 + n_sockets */

        int cgroup_fd;    /* owned: the cgroup's directory, or -1; set by tree_prepare() */
        bool cgroup_join; /* the child writes itself into cgroup.procs instead of being born there
                           */

        SpawnLimit limits[SPAWN_LIMITS_MAX];
        size_t n_limits;

        char *pid_values[SPAWN_PID_VARIABLES_MAX]; /* in envp, see spawn_request_add_pid_variable()
                                                    */
        size_t n_pid_values;

        /*
         * Return only when the child has its program or failed (at the price of waiting for it).
         * For what a child does to the memory it shares that must not touch us, and for one that
         * alone matters.
         */
        bool wait_exec;
} SpawnRequest;

/* An empty request: no user, no umask, no descriptors, no cgroup. Returns 0 or -ENOMEM. */
int spawn_request_new(SpawnRequest **ret);

/* Free the request with all it owns. NULL and half-filled ones are fine. Returns NULL. */
SpawnRequest *spawn_request_free(SpawnRequest *request);
DEFINE_CLEANUP(SpawnRequest, spawn_request_free);

/*
 * Add a limit for the child, set before it changes its user; one for the same resource is replaced.
 * Returns 0, or -E2BIG when it is full.
 */
int spawn_request_add_limit(SpawnRequest *request, int resource, rlim_t soft, rlim_t hard);

/*
 * Append the variable @name, whose value will be the child's own pid, as WATCHDOG_PID and
 * LISTEN_PID have it: the child writes it, as nobody knows it before. One that envp has already is
 * replaced. Afterwards the variables of envp may be added to but not changed. Returns 0, -E2BIG, or
 * -ENOMEM.
 */
int spawn_request_add_pid_variable(SpawnRequest *request, const char *name);

/*
 * Have LISTEN_FDS, LISTEN_FDNAMES (@names) and LISTEN_PID tell the child about its sockets, as
 * sd_listen_fds(3) has it. To be called when these are complete; see there for what that means
 * for envp. Returns 0, -E2BIG or -ENOMEM.
 */
int spawn_request_name_sockets(SpawnRequest *request, const char *names);

/*
 * Let the descriptor table have room for @n_descriptors now. One that has to grow while a thread or
 * a child shares it makes the call that grows it wait for a grace period of the kernel (4 to 20
 * ms): call this before there are any. Returns 0 or -errno (-EINVAL: above the soft limit); nothing
 * depends on success.
 */
int spawn_reserve_descriptors(size_t n_descriptors);

typedef struct Spawner Spawner;

/*
 * A spawner, made early: it takes some 25 of the lowest free descriptor numbers, which keeps every
 * child's descriptor table small. @original_mask is the signal mask that children get. Signals
 * which the daemon ignores (SIG_IGN) must be ignored before this call.
 *
 * Returns 0, -ENOMEM, -EMFILE, -ENFILE, or what opening /dev/null gave.
 */
int spawner_new(const sigset_t *original_mask, Spawner **ret);

/*
 * Free the spawner. A child that is still on its way to its program keeps the memory it uses: such
 * a slot is leaked, not freed under it. NULL is fine. Returns NULL.
 */
Spawner *spawner_free(Spawner *s);
DEFINE_CLEANUP(Spawner, spawner_free);

/*
 * Start *@request. On success there is a child, *ret_pid, in its own process group, and the request
 * belongs to the spawner (*@request is NULL). The caller reaps that child and tells
 * spawner_collect(). On failure there is no child, and the request is still the caller's.
 *
 * The descriptors in request->stdio, sockets and extra_fd are duplicated and stay the caller's;
 * close them as soon as you like. The duplicates are given up when the child was collected, or at
 * the next spawner_spawn(), spawner_collect() or spawner_sweep() after the child has its program:
 * until then they keep a pipe's write end open beside the program's own.
 *
 * If every slot is held by a child that has not yet got to its program (a hung file system), waits
 * up to 50 ms, then uses more slots, then gives -EAGAIN. Other errors: -EAGAIN or -ENOMEM as
 * fork(2), -EBADF for a bad descriptor, -EINVAL for
 * an extra_fd_number that is too low, -ENODEV when the cgroup is gone.
 */
int spawner_spawn(Spawner *s, SpawnRequest **request, pid_t *ret_pid);

/*
 * To be called for every reaped child: returns 1 and *ret if @pid was started here and never
 * reached its program, else 0 (also for a pid that is unknown). Frees what that child still held.
 */
int spawner_collect(Spawner *s, pid_t pid, SpawnFailure *ret);

/*
 * Give up the descriptors and memory of every child that has its program by now. Returns the number
 * of children that are still on their way.
 */
unsigned spawner_sweep(Spawner *s);
