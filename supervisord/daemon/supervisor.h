/*
 * The daemon's loop: turns what happens (signals, exits, time, output) into the engine's events and
 * the engine's actions into deeds. It owns everything that runs.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "base/macro.h"
#include "config/model/config.h"
#include "daemon/sockets.h"
#include "log/writers.h"

/* The exit statuses of the daemon, as in supervisord(8). */
typedef enum ExitCode {
        EXIT_CODE_OK = 0,
        EXIT_CODE_FAILED = 1, /* something went wrong while it ran */
        EXIT_CODE_USAGE =
                2, /* the command line or the configuration is wrong, or it cannot start */
} ExitCode;

typedef struct SupervisorOptions {
        const char *config_path;     /* read again at a reload */
        const ConfigOptions *config; /* with these */
        const sigset_t *mask;        /* the signal mask that children get */
        char *const *environ;        /* the environment that they inherit */
        struct rlimit n_files;       /* their RLIMIT_NOFILE */
        Listening *listening;        /* what is open for the configuration */
        const char *state_folder;    /* where things are remembered, or NULL */
        Writers *writers;            /* threads for the log files, borrowed, or NULL */
} SupervisorOptions;

typedef struct Supervisor Supervisor;

/*
 * Set up supervision of what @config says; nothing is started yet. SIGTERM, SIGINT, SIGQUIT,
 * SIGHUP, SIGUSR1, SIGUSR2 and SIGCHLD must be blocked, SIGPIPE ignored, the main log open.
 * @options and what it points to must outlive the supervisor. On success *config is taken over. On
 * failure logs why and returns -errno.
 */
int supervisor_new(Config **config, const SupervisorOptions *options, Supervisor **ret);
Supervisor *supervisor_free(Supervisor *s);
DEFINE_CLEANUP(Supervisor, supervisor_free);

/* Start the programs and stay until a shutdown is complete. Returns the daemon's exit status. */
int supervisor_run(Supervisor *s);

/* After it has run: is it to be followed by another start of the whole daemon? */
bool supervisor_wants_restart(const Supervisor *s);
