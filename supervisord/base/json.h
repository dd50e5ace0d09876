/*
 * A writer of JSON text (RFC 8259), indented by one blank per level. It keeps no tree: values go
 * out as they are given. Strings are UTF-8; control characters are escaped and bytes that are not
 * UTF-8 become U+FFFD, so that the output is always valid. Write errors are the stream's: see
 * ferror(3).
 *
 * @key names the member inside an object and is NULL inside an array and at the top.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct JsonWriter {
        FILE *file;
        bool compact; /* everything on one line */
        unsigned depth;
        bool filled; /* the innermost array or object has a member already */
} JsonWriter;

void json_object_begin(JsonWriter *w, const char *key);
void json_object_end(JsonWriter *w);
void json_array_begin(JsonWriter *w, const char *key);
void json_array_end(JsonWriter *w);

/* NULL is written as null. */
void json_string(JsonWriter *w, const char *key, const char *value);
void json_integer(JsonWriter *w, const char *key, int64_t value);
void json_boolean(JsonWriter *w, const char *key, bool value);
void json_null(JsonWriter *w, const char *key);

/* A finite number; whole ones are written without a point. */
void json_number(JsonWriter *w, const char *key, double value);
