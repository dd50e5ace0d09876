/*
 * What a command tells of the outcomes of its order, in Python's words.
 */
#pragma once

#include "ctl/client/answers.h"
#include "ctl/session/session.h"

typedef struct OutcomeStyle {
        FaultCode ignored;       /* shown, but no failure; FAULT_NONE: each is one */
        ExitStatus no_group;     /* exit status for a group that does not exist; 0: EXIT_GENERIC */
        const char *failed_word; /* for FAULT_FAILED; NULL: what the daemon said */
} OutcomeStyle;

/* The exit status that an outcome with @code leaves behind; EXIT_GOOD for FAULT_NONE. */
ExitStatus fault_status(FaultCode code);

/*
 * Print @outcomes, those of the first of @words first, sorted by name within each word, and set the
 * exit status. @words may be NULL.
 */
void outcomes_print(Session *s,
                    const Outcomes *outcomes,
                    char *const *words,
                    const OutcomeStyle *style);

/* Nobody has waited: what was "stopped" is "stopping", what was "started" is "starting". */
void outcomes_soften(Outcomes *outcomes);
