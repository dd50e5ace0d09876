/*
 * A run of supervisorctl: the connection, which is made when a command needs it, and the exit
 * status, which is that of the last failure. What is said here goes to standard output, errors
 * included, as Python's supervisorctl does it.
 */
#pragma once

#include <stdbool.h>

#include "ctl/client/client.h"
#include "ctl/session/setup.h"

typedef enum ExitStatus {
        EXIT_GOOD = 0,
        EXIT_GENERIC = 1,
        EXIT_INVALID_ARGUMENTS = 2,
        EXIT_STATUS_NOT_RUNNING = 3, /* of status alone */
        EXIT_STATUS_UNKNOWN = 4,     /* of status alone */
        EXIT_REFUSED = 4,
        EXIT_NOT_RUNNING = 7,
} ExitStatus;

typedef struct Command Command;

typedef struct Session {
        Setup *setup;
        Client *client;         /* NULL: not connected */
        const Command *command; /* that was run last, for its name and help */
        bool interactive;       /* there is a prompt, now or after the command */
        bool leave;             /* the prompt shall end */
        ExitStatus status;
} Session;

void session_done(Session *s);

/*
 * Connect unless that is done. Returns true, or false after saying why not and setting the exit
 * status. Python's commands differ: most fail like session_up() with a status for each cause, some
 * like session_open() with "error: " and status 1.
 */
bool session_up(Session *s);
bool session_open(Session *s);

/*
 * Connect, or tell why not without printing. Returns 0, or -errno with the caller's *reterr_text:
 * "unix:///x no such file".
 */
int session_connect(Session *s, char **reterr_text);

/*
 * Say why the last call of the client has failed: "error: …", exit status 1. For failures that a
 * command has no words of its own for. The connection is dropped if it is gone.
 */
void session_report(Session *s);

/* Has the last call failed with @code? */
bool session_faulted(const Session *s, FaultCode code);

/* Say "Error: WHAT", exit status @status. */
void session_complain(Session *s, ExitStatus status, const char *format, ...) _printf_(3, 4);
