/*
 * What the spawner is to start: the program, its environment, its user, its descriptors and limits.
 * A request is filled in by whoever wants the start, and decides nothing itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/macro.h"
#include "config/model/config.h"

#define SPAWN_LIMITS_MAX RLIM_NLIMITS /* resource limits that one request can hold */
#define SPAWN_SOCKETS_MAX PROCESS_SOCKETS_MAX

#define SPAWN_PID_VARIABLES_MAX 2

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
