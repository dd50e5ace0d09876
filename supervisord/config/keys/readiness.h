/*
 * The value of `readiness`: which of the ways to be ready a process takes, and its details. Nothing
 * is looked up here: neither names of hosts nor files.
 */
#pragma once

#include "config/model/config.h"

/*
 * Read @text into *@readiness, which is all zero or valid; what it held is freed, on success only.
 *
 * Returns 0; -EINVAL and the caller's *reterr_why, "'fd:1' …; write …"; or -ENOMEM.
 */
int readiness_parse(const char *text, Readiness *readiness, char **reterr_why);

/*
 * The same for the value of `healthcheck`: none, or one of the kinds that can be tried while the
 * process runs (READINESS_TCP, _UNIX, _EXEC). None is all zero.
 */
int healthcheck_parse(const char *text, Readiness *check, char **reterr_why);

/* Free what @readiness owns; it is then all zero, which means startsecs. */
void readiness_done(Readiness *readiness);
