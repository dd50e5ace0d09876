/*
 * Drives the real daemon from a program that is no unit test: starts and stops it, calls it, looks
 * at its processes. What goes wrong ends the program: drive_die() says so.
 *
 * A daemon has a folder with its supervisord.conf; it writes to "console" and listens on "control"
 * there.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "base/macro.h"

#define DRIVE_ANSWER_USEC (60 * USEC_PER_SEC) /* patience with a call */

/* Say on stderr, after the program's name, what is wrong, and exit with status 1. */
_noreturn_ _printf_(1, 2) void drive_die(const char *format, ...);

/* Start @program on the configuration of @folder in the foreground; it listens on return. */
pid_t drive_start(const char *program, const char *folder);
/*
 * SIGTERM; the daemon must end with status 0 and leave no process. For that the caller must be a
 * subreaper without other children.
 */
void drive_stop(pid_t daemon, const char *folder);

/* A new client of the daemon of @folder; NULL with errno if it cannot connect. */
sd_bus *drive_connect(const char *folder);
/* A call of the manager, without arguments yet. Never NULL. */
sd_bus_message *drive_new_call(sd_bus *bus, const char *member);

/* The number of children of @parent, zombies included; the @pick-th of them in *ret_pid, or 0. */
size_t drive_list_children(pid_t parent, size_t pick, pid_t *ret_pid);

size_t drive_resident_kb(pid_t pid);
