/*
 * What the service manager and the readiness_file are told of the daemon as a whole.
 */
#pragma once

typedef struct Supervisor Supervisor;

/* Be ready to tell. Returns 0 or -errno. */
int status_init(Supervisor *s);

/* READY=1 as soon as all that should be up is, or has given up. */
void supervisor_ready_if_settled(Supervisor *s);

/* The readiness_file is as it should be now. */
void supervisor_show_readiness(Supervisor *s);

/* At once, as when something long begins. *ret is the caller's; NULL without memory. */
char *supervisor_status_text(const Supervisor *s);
