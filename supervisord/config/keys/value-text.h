/*
 * Texts as values: plain ones, paths that are looked for on this machine, names of users and
 * groups.
 */
#pragma once

#include "config/keys/value-type.h"

/* char *; NULL is not set */
ValueStore text_store;
ValueClear text_clear;
ValueEqual text_equal;
ValueIsSet text_is_set;
ValuePrint text_print;
ValueJson text_json;

/*
 * Paths, stored as a text: "~" is expanded. The directory that one lies in, or the directory
 * itself, must exist unless the rules say otherwise.
 */
ValueStore path_store;
ValueStore directory_store;

/* True: names of users and groups are compared by the ids that they stand for, elsewhere. */
ValueEqual ids_equal;

/* Are both the same text, or both NULL? */
bool same_string(const char *a, const char *b);

/* What @print writes of @field as the member @name; null where that is nothing. */
void json_printed(JsonWriter *w,
                  const char *name,
                  const Key *key,
                  const void *field,
                  ValuePrint *print);
