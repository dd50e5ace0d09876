/*
 * Outcomes of orders in Python's words.
 */
#pragma once

#include "ctl/client/answers.h"

/* "no such process" for a fault; NULL if the daemon's own message is to be shown. */
const char *fault_words(FaultCode code);

/*
 * One line: "x: stopped", "x: ERROR (not running)", "g: ERROR (no such group)". @failed_word stands
 * for FAULT_FAILED, or the daemon's message if it is NULL. *ret is the caller's. Returns 0 or
 * -ENOMEM.
 */
int outcome_describe(const Outcome *o, const char *failed_word, char **ret);
