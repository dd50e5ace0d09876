/*
 * The processes that the words of a command mean, for commands that look at them here.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "ctl/client/questions.h"
#include "ctl/session/session.h"

/* client_list(), or client_list_states() for a part of it. */
typedef int (*choice_list_fn)(Client *c, char **names, ProcessList *ret);

/*
 * Ask with @list for the processes that @words mean (all if there are none), sorted by group and
 * name. Returns false after saying what went wrong.
 */
bool choice_fetch(Session *s, choice_list_fn list, char **words, ProcessList *ret);

/*
 * Choose from @list what @words mean, in their order, and say on @errors which mean nothing. *ret,
 * up to a NULL, points into @list and is the caller's to free. Returns 0 or -ENOMEM.
 */
int choice_make(const ProcessList *list,
                char **words,
                FILE *errors,
                const ProcessInfo ***ret,
                bool *ret_all_known);
