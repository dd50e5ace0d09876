/*
 * From the text of a value to a field: one way per KeyType, and back for dumps and comparisons.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "config/keys/keys.h"
#include "config/model/config.h"

typedef struct ValueRules {
        bool no_host_checks; /* directories need not exist */
} ValueRules;

/* The field of @key in @object, the struct that its section fills. */
void *key_field(const Key *key, void *object);
const void *key_field_const(const Key *key, const void *object);

/*
 * Check @text as a value of @key and store it in the field; what a string field held is freed. For
 * a type that has code of its own nothing is done.
 *
 * Returns 0; -EINVAL and the caller's *reterr_why, "'x' is no boolean; write true or false"; or
 * -ENOMEM.
 */
int key_store(const Key *key,
              const char *text,
              void *object,
              const ValueRules *rules,
              char **reterr_why);

/*
 * Read an exit code list, "0,2", for @c. Returns as key_store().
 */
int store_exit_codes(ProcessConfig *c, const char *text, char **reterr_why);

/* Are both the same text, or both NULL? */
bool same_string(const char *a, const char *b);

/* Do the fields of @key mean the same in two structs? Types with code of their own count as equal.
 */
bool key_equal(const Key *key, const void *a, const void *b);

/* Write the field of @key as it could stand in a file. Types with code of their own write nothing.
 */
void key_print(FILE *f, const Key *key, const void *object);

/* Seconds as they could stand in a file: "10", "0.25", "infinity". */
void print_duration(FILE *f, int64_t usec);

/* Free what the field of @key owns, if it is a string, a list, a log or a readiness. */
void key_clear(const Key *key, void *object);

/* As asprintf(3) for *reterr_why: gives -EINVAL, or -ENOMEM with *ret NULL. */
int explain_value(char **ret, const char *format, ...) _printf_(2, 3);
