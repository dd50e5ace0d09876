/*
 * Finding out whether a process is ready when it does not say so by sd_notify(3): one probe for one
 * start. It never waits: everything is driven by one descriptor and one deadline. Where the kernel
 * can tell (a pipe, a connection under way, a socket that appears in its folder) it is asked;
 * where only trying helps, attempts are 100 ms apart at first and a second in the end.
 *
 * A connection proves that something listens at the address, not that it is the process in
 * question: who shares an address with others should use another kind. It does not time out as a
 * whole: that is the caller's `readiness_timeout`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "config/model/config.h"

#define PROBE_CONNECT_USEC (5 * USEC_PER_SEC) /* for one attempt, then the next begins */
#define PROBE_EXEC_USEC (10 * USEC_PER_SEC)   /* for one run, then it gets SIGKILL */

typedef enum ProbeResult {
        PROBE_PENDING, /* go on */
        PROBE_READY,
        PROBE_FAILED, /* it cannot become ready any more: it closed the descriptor unwritten */
} ProbeResult;

/* How the command of READINESS_EXEC is run; see tools_run(). */
typedef struct ProbeRunner {
        /*
         * Start the command as leader of a process group of its own. Returns 0 and *ret_pid, which
         * stays unreaped until probe_exited() is called; or -errno, and it is tried again later.
         */
        int (*start)(void *userdata, pid_t *ret_pid);
        void *userdata;
} ProbeRunner;

typedef struct Probe Probe;

/*
 * Prepare a probe before the process is started; nothing is tried yet. @readiness is copied;
 * @runner is copied too, needed for READINESS_EXEC only (else NULL).
 *
 * Returns 0; -EINVAL for a kind that needs no probe (startsecs, notify); -ENOMEM, -EMFILE, -ENFILE.
 */
int probe_new(const Readiness *readiness, const ProbeRunner *runner, Probe **ret);

/* Give up, in whatever state; a command that still runs gets SIGKILL and is the caller's to reap.
 * NULL is fine. Returns NULL. */
Probe *probe_free(Probe *p);
DEFINE_CLEANUP(Probe, probe_free);

/*
 * READINESS_FD: what the process is to be given as the descriptor of that number, for
 * SpawnRequest.extra_fd; borrowed, closed by probe_begin(). -1 for other kinds.
 *
 * That the process has closed it can be seen only once the spawner has given up its own copy: see
 * spawner_sweep(). A newline is seen at once.
 */
int probe_get_child_fd(const Probe *p);

/* The process has been started at @now_usec: make the first attempt. Call it once. */
ProbeResult probe_begin(Probe *p, uint64_t now_usec);

/* A descriptor to be watched for EPOLLIN, level-triggered; the same for the life of the probe. */
int probe_get_fd(const Probe *p);

/* When probe_dispatch() is to be called at the latest; USEC_INFINITY: no need. Changes with every
 * call that gives a ProbeResult. */
uint64_t probe_get_deadline(const Probe *p);

/*
 * The descriptor is readable or the deadline has come; harmless at any other time. Does a bounded
 * amount of work. Once it has given READY or FAILED it gives that again and does nothing.
 */
ProbeResult probe_dispatch(Probe *p, uint64_t now_usec);

/* The command that ProbeRunner.start() gave was reaped. @succeeded: it exited with status 0. */
ProbeResult probe_exited(Probe *p, bool succeeded, uint64_t now_usec);

/*
 * What is missing, for people: "127.0.0.1:80: Connection refused", "/usr/bin/check has not exited
 * with status 0 yet", "descriptor 3 was closed without a newline". *ret is the caller's. Returns 0
 * or -ENOMEM.
 */
int probe_describe(const Probe *p, char **ret);
