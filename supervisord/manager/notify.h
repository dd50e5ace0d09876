/*
 * What we tell the service manager above us through sd_notify(3). Where nobody listens (no
 * NOTIFY_SOCKET) nothing happens; that a message could not be sent is not worth an error, as there
 * is nothing to be done about it.
 */
#pragma once

#include <stdint.h>

#include "base/macro.h"

/* READY=1: the first time it means started, after notify_reloading() that the reload is over. */
void notify_ready(const char *status);

/* RELOADING=1 with the time, as systemd >= 253 needs it (Type=notify-reload). */
void notify_reloading(uint64_t now_usec);

/*
 * STOPPING=1. As it starts the manager's TimeoutStopSec, it asks in the same message for
 * @remaining_usec, see notify_extend().
 */
void notify_stopping(uint64_t remaining_usec, const char *status);

/*
 * EXTEND_TIMEOUT_USEC: start or stop goes on and needs up to @remaining_usec from now. For
 * USEC_INFINITY a long finite time is asked for, as only a number is accepted: call again after
 * NOTIFY_EXTEND_INTERVAL_USEC.
 */
void notify_extend(uint64_t remaining_usec);
#define NOTIFY_EXTEND_INTERVAL_USEC (30 * USEC_PER_SEC)

/* STATUS=: one line for `systemctl status`. */
void notify_status(const char *format, ...) _printf_(1, 2);
