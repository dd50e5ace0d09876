/*
 * JSON text is written: see json.h. Nothing here reads any.
 */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

static void put_string(FILE *f, const char *s) {
        (void)fputc('"', f);
        while (*s) {
                unsigned char c = (unsigned char)*s;
                size_t n = utf8_length(s);

                if (c == '"' || c == '\\')
                        (void)fprintf(f, "\\%c", c);
                else if (c == '\n')
                        (void)fputs("\\n", f);
                else if (c < 0x20 || c == 0x7f)
                        (void)fprintf(f, "\\u%04x", c);
                else if (n == 0)
                        (void)fputs("\\ufffd", f);
                else
                        (void)fwrite(s, 1, n, f);
                s += n ? n : 1;
        }
        (void)fputc('"', f);
}

static void new_line(const JsonWriter *w) {
        if (w->compact)
                return;
        (void)fprintf(w->file, "\n%*s", (int)w->depth, "");
}

/* Everything that comes before a value. */
static void begin_value(JsonWriter *w, const char *key) {
        if (w->filled)
                (void)fputs(w->compact ? ", " : ",", w->file);
        if (w->depth > 0)
                new_line(w);
        if (key) {
                put_string(w->file, key);
                (void)fputs(": ", w->file);
        }
        w->filled = true;
}

static void begin_nested(JsonWriter *w, const char *key, char bracket) {
        begin_value(w, key);
        (void)fputc(bracket, w->file);
        w->depth++;
        w->filled = false;
}

static void end_nested(JsonWriter *w, char bracket) {
        w->depth--;
        if (w->filled)
                new_line(w);
        (void)fputc(bracket, w->file);
        if (w->depth == 0)
                (void)fputc('\n', w->file);
        w->filled = true;
}

void json_object_begin(JsonWriter *w, const char *key) {
        begin_nested(w, key, '{');
}

void json_object_end(JsonWriter *w) {
        end_nested(w, '}');
}

void json_array_begin(JsonWriter *w, const char *key) {
        begin_nested(w, key, '[');
}

void json_array_end(JsonWriter *w) {
        end_nested(w, ']');
}

void json_string(JsonWriter *w, const char *key, const char *value) {
        if (!value) {
                json_null(w, key);
                return;
        }
        begin_value(w, key);
        put_string(w->file, value);
}

void json_integer(JsonWriter *w, const char *key, int64_t value) {
        begin_value(w, key);
        (void)fprintf(w->file, "%" PRId64, value);
}

void json_boolean(JsonWriter *w, const char *key, bool value) {
        begin_value(w, key);
        (void)fputs(value ? "true" : "false", w->file);
}

void json_null(JsonWriter *w, const char *key) {
        begin_value(w, key);
        (void)fputs("null", w->file);
}

void json_number(JsonWriter *w, const char *key, double value) {
        begin_value(w, key);
        (void)fprintf(w->file, "%.15g", value);
}
