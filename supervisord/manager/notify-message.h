/*
 * What one message of sd_notify(3) says, as a program sends it to the daemon. It is read and
 * cleaned here; who may send it is for the socket (notify-socket.h), what follows from it for the
 * daemon.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"

#define NOTIFY_MESSAGE_SIZE 4096 /* longer ones are ignored, as by systemd */

/* What one message said. What it did not say, or said wrongly, has the value given here. */
typedef struct NotifyMessage {
        pid_t pid; /* the sender by the kernel's word; may be gone; 0: outside our pid namespace */
        uid_t uid;

        bool ready;              /* READY=1 */
        bool reloading;          /* RELOADING=1: until the next READY=1 */
        bool stopping;           /* STOPPING=1 */
        bool watchdog;           /* WATCHDOG=1: it is alive */
        bool watchdog_trigger;   /* WATCHDOG=trigger: treat it as if it were not */
        bool fds_refused;        /* FDSTORE=1, and descriptors came with it: they are closed */
        uint64_t watchdog_usec;  /* WATCHDOG_USEC=; USEC_INFINITY: not said */
        uint64_t extend_usec;    /* EXTEND_TIMEOUT_USEC=; 0: not said */
        uint64_t monotonic_usec; /* MONOTONIC_USEC=, of RELOADING=1; 0: not said */
        pid_t main_pid;          /* MAINPID=, > 1, not checked further; 0: not said */
        int error;               /* ERRNO=, positive; 0: not said */
        const char *status;      /* STATUS=: one line of UTF-8 without control characters, may
                                    be empty; NULL: not said */
        const char *bus_error;   /* BUSERROR=, the same; NULL: not said */
} NotifyMessage;

/*
 * Read the lines of @text, which is changed and must outlive @ret. Lines that mean nothing to us
 * are passed over; of a repeated one the first counts. pid and uid are left 0, and fds_refused says
 * only whether FDSTORE=1 was there.
 */
void notify_message_parse(char *text, NotifyMessage *ret);
