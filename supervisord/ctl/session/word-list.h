/*
 * The words behind the name of a command: arrays of strings up to a NULL, from which options are
 * taken out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/session/session.h"

/* Cut @line at blanks. Returns 0 or -ENOMEM; *ret is the caller's, perhaps NULL. */
int words_split(const char *line, char ***ret);

/* A list of the same strings, never NULL, that may be changed; the strings stay those of @owned. */
int words_list(char **owned, char ***ret);

/* Take @flag out wherever it stands. Was it there? */
bool words_take_flag(char **words, const char *flag);

/*
 * Take out "@option VALUE" or "@option=VALUE". Returns 1 with *ret, 0 if it is not there, -EINVAL
 * if its value is missing.
 */
int words_take_value(char **words, const char *option, const char **ret);

/*
 * Does none of @words look like an option? To be called when the options were taken out. If one
 * does, says "Error: bad argument --x" and sets the exit status.
 */
bool words_are_names(Session *s, char *const *words);

/*
 * Take "--timeout DURATION" out of @words; *ret_usec is 0 if there is none. Returns false after
 * saying that it is no duration.
 */
bool words_take_timeout(Session *s, char **words, uint64_t *ret_usec);

/* Are there no @words? Else says "Error: COMMAND accepts no arguments" and the help of the command
 * that runs. */
bool words_expect_none(Session *s, char *const *words);

/* Are there @words? Else says "Error: COMMAND requires a process name" and the help of the command
 * that runs, with exit status @status. */
bool words_expect_names(Session *s, char *const *words, ExitStatus status);
