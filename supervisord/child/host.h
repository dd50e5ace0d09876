/*
 * What all children share on the edge to the kernel: the spawner, the trees, the outputs, who has
 * which pid, and what a child inherits from us. One exists for the life of the daemon.
 */
#pragma once

#include <signal.h>
#include <sys/resource.h>

#include "base/macro.h"
#include "base/pidmap.h"
#include "config/model/config.h"
#include "host/spawn/spawn.h"
#include "host/spawn/tool.h"
#include "host/tree/tree.h"
#include "output/output.h"

typedef struct Host {
        Spawner *spawner;
        Trees *trees;
        Outputs *outputs;
        Tools *tools;
        PidMap *pids; /* pid of each main process that we watch -> its Child */
        void (*on_empty)(void *owner);
        char *const *environ;  /* the daemon's own, borrowed */
        struct rlimit n_files; /* RLIMIT_NOFILE for children: the daemon's own is higher */
} Host;

typedef struct HostOptions {
        const sigset_t *mask;          /* the signal mask that children get */
        char *const *environ;          /* outlives the host */
        struct rlimit n_files;         /* RLIMIT_NOFILE for children */
        Writers *writers;              /* threads for the log files, borrowed, or NULL */
        void (*on_empty)(void *owner); /* of a Child; see child_watch_tree() */
        output_event_fn on_output;
        void *userdata; /* for on_output */
} HostOptions;

/*
 * To be called after the daemon has its final process id, user and ignored signals. Returns 0 or
 * -errno; *reterr_what is then what could not be had, in words (a constant).
 */
int host_new(const DaemonConfig *config,
             const HostOptions *options,
             Host **ret,
             const char **reterr_what);

/*
 * @n_processes are about to be started: make the descriptor table large enough for them at once,
 * best before the first thread is started. Only time is lost if that fails. Returns 0 or -errno.
 */
int host_reserve(size_t n_processes);

Host *host_free(Host *h);
DEFINE_CLEANUP(Host, host_free);
