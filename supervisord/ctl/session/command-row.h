/*
 * A command of supervisorctl: one row with all that is to be known of it. Dispatch, help and
 * completion go by these rows, see ctl/command-table.h.
 */
#pragma once

#include <stdbool.h>

#include "ctl/session/session.h"

/* The words behind the name: what completion offers for them. */
typedef enum CommandTakes {
        TAKES_WORDS,     /* words that the command looks at itself; nothing is offered */
        TAKES_NOTHING,   /* none: more is refused before the command is run */
        TAKES_PROCESSES, /* names of processes and groups */
        TAKES_GROUPS,    /* names of groups */
        TAKES_SIGNAL,    /* a signal, then as TAKES_PROCESSES */
} CommandTakes;

/* The daemon: whether the command is run only with a connection. */
typedef enum CommandNeeds {
        NEEDS_NOTHING, /* it connects itself, if at all */
        NEEDS_UP,      /* see session_up() */
        NEEDS_OPEN,    /* see session_open() */
} CommandNeeds;

typedef struct ProcessVerb ProcessVerb;

struct Command {
        const char *name;
        CommandTakes takes;
        CommandNeeds needs;
        bool ours; /* Python's supervisorctl has none of that name */
        /* @words are those behind the name, up to a NULL; the command may reorder them, but does
         * not free them. */
        void (*run)(Session *s, char **words);
        const ProcessVerb *verb; /* of those in command-control.c, which share a function */
        const char *help;        /* lines, the last one without its end */
};
