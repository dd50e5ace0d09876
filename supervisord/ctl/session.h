/*
 * A run of supervisorctl: the connection, which is made when a command needs it, and the exit
 * status, which is that of the last failure. Commands write to standard output, errors included,
 * as Python's do.
 */
#pragma once

#include <stdbool.h>

#include "ctl/client/client.h"
#include "ctl/settings.h"

typedef enum ExitStatus {
        EXIT_GOOD = 0,
        EXIT_GENERIC = 1,
        EXIT_INVALID_ARGUMENTS = 2,
        EXIT_STATUS_NOT_RUNNING = 3, /* of status alone */
        EXIT_STATUS_UNKNOWN = 4,     /* of status alone */
        EXIT_REFUSED = 4,
        EXIT_NOT_RUNNING = 7,
} ExitStatus;

typedef struct Session {
        Settings *settings;
        Client *client; /* NULL: not connected */
        bool interactive;
        bool leave; /* the prompt shall end */
        ExitStatus status;
} Session;

void session_done(Session *s);

/*
 * Connect unless that is done. Returns true, or false after saying why not and setting the exit
 * status: session_up() in the words and with the codes of most commands, session_open() in those of
 * the ones that fail with "error: " and 1.
 */
bool session_up(Session *s);
bool session_open(Session *s);

/*
 * Connect, or tell why not without printing. Returns 0, or -errno with the caller's *reterr_text:
 * "unix:///x no such file".
 */
int session_connect(Session *s, char **reterr_text);

/*
 * Say what the last call of the client met: "error: …", exit status 1. For what a command has no
 * words of its own for. The connection is dropped if it is gone.
 */
void session_report(Session *s);

/* Was the last call refused with @code? */
bool session_faulted(const Session *s, FaultCode code);

/* Say "Error: WHAT", exit status @status. */
void session_complain(Session *s, ExitStatus status, const char *format, ...) _printf_(3, 4);
