/*
 * Sources of the loop that live as long as it does.
 */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

typedef struct Supervisor Supervisor;

/*
 * Call @handler with @s when @fd is readable (-1: never), or when @signo arrives, which must be
 * blocked. Returns 0 or -errno, which is logged.
 */
int supervisor_watch_fd(Supervisor *s, int fd, sd_event_io_handler_t handler, int64_t priority);
int supervisor_watch_signal(Supervisor *s,
                            int signo,
                            sd_event_signal_handler_t handler,
                            int64_t priority);
