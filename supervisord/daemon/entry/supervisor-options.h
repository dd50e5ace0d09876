/*
 * What the daemon is given from outside when it starts, and what it gives back when it ends.
 */
#pragma once

#include <signal.h>
#include <sys/resource.h>

#include "config/model/config.h"
#include "daemon/entry/sockets.h"
#include "log/writers.h"

typedef struct Supervisor Supervisor;

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
