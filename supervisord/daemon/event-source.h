/*
 * Sources of the loop that live as long as it does, and the order in which the loop serves what is
 * ready at the same time.
 */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

typedef struct Supervisor Supervisor;

/*
 * Of two things that are ready together the first is handled first: an exit before the timer that
 * would have escalated it, output before the exit that follows it. What follows from an event is
 * done before the next event is looked at.
 */
enum {
        PRIORITY_TURN = -30,
        PRIORITY_NOTIFY = -20, /* a last message before the exit that follows it */
        PRIORITY_EXIT = -10,
        PRIORITY_OUTPUT = -5,
        PRIORITY_SIGNAL = 0,
        PRIORITY_TIMER = 10,
        PRIORITY_IDLE = 20,
};

/*
 * Call @handler with @s when @fd is readable (-1: never), or when @signo arrives, which must be
 * blocked. Returns 0 or -errno, which is logged.
 */
int supervisor_watch_fd(Supervisor *s, int fd, sd_event_io_handler_t handler, int64_t priority);
int supervisor_watch_signal(Supervisor *s,
                            int signo,
                            sd_event_signal_handler_t handler,
                            int64_t priority);
