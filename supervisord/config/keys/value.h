/*
 * The value of a key in the struct that its section fills: stored from text, cleared, compared,
 * written. All of it is what the row of the key's type says; see value-type.h.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/json.h"
#include "config/keys/keys.h"
#include "config/keys/value-type.h"

/* The field of @key in @object, the struct that its section fills. */
void *key_field(const Key *key, void *object);
const void *key_field_const(const Key *key, const void *object);

/* Does the value stand in the text alone, read by code of its own? The rest here does nothing then.
 */
bool key_is_text(const Key *key);

/*
 * Check @text as a value of @key and store it in the field; what the field held is freed, on
 * success only.
 *
 * Returns 0; -EINVAL and the caller's *reterr_why, "'x' is no boolean; write true or false"; or
 * -ENOMEM.
 */
int key_store(const Key *key,
              const char *text,
              void *object,
              const ValueRules *rules,
              char **reterr_why);

/* Free what the field of @key owns. */
void key_clear(const Key *key, void *object);

/* Do the fields of @key mean the same in two structs? */
bool key_equal(const Key *key, const void *a, const void *b);

/* Has the field of @key a value? */
bool key_is_set(const Key *key, const void *object);

/* Write the field of @key as it could stand in a file. */
void key_print(FILE *f, const Key *key, const void *object);

/* Write the field of @key as the member @name. */
void key_json(JsonWriter *w, const char *name, const Key *key, const void *object);

/* Is @key that of the field at @offset of ProcessSettings? */
bool key_is_setting(const Key *key, size_t offset);
