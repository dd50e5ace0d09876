/*
 * Results of orders in Python's words.
 */
#pragma once

#include <stdbool.h>

#include "ctl/client/client.h"
#include "ctl/session.h"

/* What a command makes of results. */
typedef struct ResultStyle {
        FaultCode ignored;       /* shown, but no failure */
        ExitStatus no_group;     /* exit status for a group that does not exist */
        const char *failed_word; /* for FAULT_FAILED; NULL: what the daemon said */
} ResultStyle;

/* "no such process" for a fault; NULL if the daemon's own message is to be shown. */
const char *fault_words(FaultCode code);

/* The exit status that a result with @code leaves behind; EXIT_GOOD for none. */
ExitStatus fault_status(FaultCode code);

/*
 * One line: "x: stopped", "x: ERROR (not running)", "g: ERROR (no such group)". *ret is the
 * caller's. Returns 0 or -ENOMEM.
 */
int result_describe(const Result *r, const ResultStyle *style, char **ret);

/*
 * Print @results, those of the first of @words first, sorted by name within each word, and set the
 * exit status. @words may be NULL.
 */
void results_print(Session *s,
                   const Results *results,
                   char *const *words,
                   const ResultStyle *style);

/* Nobody has waited: what was "stopped" is "stopping", what was "started" is "starting". */
void results_soften(Results *results);
