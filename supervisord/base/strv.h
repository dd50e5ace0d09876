/*
 * NULL-terminated arrays of owned strings. NULL is a valid empty array for every function here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

/* Free all strings and the array; gives NULL. */
char **strv_free(char **l);
DEFINE_CLEANUP(char *, strv_free);

/* Number of strings before the closing NULL. */
size_t strv_length(char *const *l);

/* Are both the same strings in the same order? */
bool strv_equal(char *const *a, char *const *b);

/* Is @s one of the strings? */
bool strv_contains(char *const *l, const char *s);

/* Deep copy. Returns 0 or -ENOMEM; *ret is never NULL on success. */
int strv_copy(char *const *l, char ***ret);

/*
 * Append a string to *@l, which grows as needed. strv_extend() copies @s, strv_push() takes it
 * over, on success only. Linear in the length: meant for short lists. Returns 0 or -ENOMEM.
 */
int strv_extend(char ***l, const char *s);
int strv_push(char ***l, char *s);

/* Sort by byte value. */
void strv_sort(char **l);

/*
 * A list of "KEY=VALUE" as environ(7) has it. strv_env_set() replaces the variable @key or appends
 * it; returns 0 or -ENOMEM. strv_env_get() gives the value within the list, or NULL.
 */
int strv_env_set(char ***l, const char *key, const char *value);
const char *strv_env_get(char *const *l, const char *key);
