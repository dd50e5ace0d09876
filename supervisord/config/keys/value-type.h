/*
 * What there is to know of a type of values: one row, which lies in value-table.c. Help, reading,
 * dumps and comparisons go through the row, so that nothing anywhere asks which type a value has.
 *
 * To add a type: a word in KeyType, a row in value-table.c, and its functions in the file of the
 * family that it belongs to (value-number, value-text, value-list, value-signal and so on).
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/json.h"
#include "config/keys/keys.h"

/* What a check of a value may ask of this machine. */
typedef struct ValueRules {
        bool no_host_checks; /* directories need not exist */
} ValueRules;

/*
 * Check @text and store it in @field, which is all zero or holds a value; what it held is freed, on
 * success only.
 *
 * Returns 0; -ENOMEM; -EINVAL with the caller's *reterr_why, "'x' is no signal; did you mean INT?".
 * A type that has a hint may leave *reterr_why as it is (NULL) and may return -ERANGE as well.
 */
typedef int ValueStore(const Key *key,
                       const char *text,
                       void *field,
                       const ValueRules *rules,
                       char **reterr_why);

/* Free what @field owns; it owns nothing afterwards. */
typedef void ValueClear(void *field);

/* Do @a and @b mean the same? */
typedef bool ValueEqual(const void *a, const void *b);

/* Has @field a value? */
typedef bool ValueIsSet(const void *field);

/* Write the value so that it could stand in a file. */
typedef void ValuePrint(FILE *f, const Key *key, const void *field);

/* Write the value as the member @name of an object, as Python's supervisord has it. */
typedef void ValueJson(JsonWriter *w, const char *name, const Key *key, const void *field);

typedef struct ValueType {
        const char *word;  /* what --help-config calls it */
        const char *hint;  /* follows "'x' " where store() says nothing itself, or NULL */
        ValueStore *store; /* NULL, as all that follows: code of its own handles the text */
        ValueClear *clear; /* NULL: the field owns nothing */
        ValueEqual *equal;
        ValueIsSet *is_set; /* NULL: it always has one */
        ValuePrint *print;
        ValueJson *json;
} ValueType;
