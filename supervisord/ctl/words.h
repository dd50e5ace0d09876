/*
 * The words behind a command: arrays of strings up to a NULL, from which options are taken out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/session.h"

/* Cut @line at blanks. Returns 0 or -ENOMEM; *ret is the caller's, perhaps NULL. */
int words_split(const char *line, char ***ret);

/* A list of the same strings, never NULL, that may be changed; the strings stay those of @owned. */
int words_list(char **owned, char ***ret);

size_t words_count(char *const *words);
bool words_contain(char *const *words, const char *word);

/* Take @flag out wherever it stands. Was it there? */
bool words_take_flag(char **words, const char *flag);

/*
 * Take out "@option VALUE" or "@option=VALUE". Returns 1 with *ret, 0 if it is not there, -EINVAL
 * if its value is missing.
 */
int words_take_value(char **words, const char *option, const char **ret);

/*
 * What the options above have left may not look like one: says "Error: bad argument --x". Returns
 * whether all is well.
 */
bool words_are_names(Session *s, char *const *words);

/*
 * "--timeout DURATION" out of @words; 0 if there is none. Returns whether all is well, after
 * saying what is not.
 */
bool words_take_timeout(Session *s, char **words, uint64_t *ret_usec);

/* Says "Error: COMMAND accepts no arguments" and its help if there are some. Returns whether all is
 * well. */
bool words_expect_none(Session *s, char *const *words, const char *command);

/* Says "Error: COMMAND requires a process name" and its help if there are none, exit status
 * @status. Returns whether all is well. */
bool words_expect_names(Session *s, char *const *words, const char *command, ExitStatus status);
