/*
 * Numbers with bounds as values: the limits of setrlimit(2), percentages, "infinity".
 */
#pragma once

#include <stdio.h>

#include "config/keys/keys.h"
#include "config/model/config.h"

/* The RLIMIT_* that @key, of type KEY_LIMIT, sets. */
int limit_resource(const Key *key);

/*
 * Read the limit of @resource (RLIMIT_*): N for both limits, or SOFT:HARD, each "infinity" or a
 * number in what the resource counts: bytes with units; seconds or a duration, rounded up to whole
 * seconds; for RLIMIT_NICE a nice level with its sign, or the kernel's 0 … 40 (20 minus the level);
 * else a plain number.
 *
 * Returns 0; -EINVAL and the caller's *reterr_why, as key_store(); or -ENOMEM.
 */
int limit_parse(int resource, const char *text, ResourceLimit *ret, char **reterr_why);

/* Write it so that limit_parse() reads the same; nothing if it is not set. */
void limit_print(FILE *f, const ResourceLimit *limit);

/*
 * Read @text as @key, an integer, size, percentage ("150%", in millionths) or optional integer,
 * wants it: within its bounds, or "infinity" (0) where it may be that.
 *
 * Returns 0; -EINVAL, with the caller's *reterr_why if more is to be said than that it is no such
 * number; -ERANGE; or -ENOMEM.
 */
int number_parse(const Key *key, const char *text, int64_t *ret, char **reterr_why);

/* Write it so that number_parse() reads the same. */
void number_print(FILE *f, const Key *key, int64_t value);
