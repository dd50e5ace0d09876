#include "config/keys/value-text.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "base/text-stream.h"
#include "config/text/path.h"
#include "config/text/refuse.h"

static int replace(char **field, char *text) {
        if (!text)
                return -ENOMEM;
        free(*field);
        *field = text;
        return 0;
}

int text_store(const Key *key,
               const char *text,
               void *field,
               const ValueRules *rules,
               char **reterr_why) {
        return replace(field, strdup(text));
}

void text_clear(void *field) {
        char **text = field;

        free(*text);
        *text = NULL;
}

bool same_string(const char *a, const char *b) {
        return a == b || (a && b && strcmp(a, b) == 0);
}

bool text_equal(const void *a, const void *b) {
        return same_string(*(char *const *)a, *(char *const *)b);
}

bool ids_equal(const void *a, const void *b) {
        return true;
}

bool text_is_set(const void *field) {
        return *(char *const *)field != NULL;
}

void text_print(FILE *f, const Key *key, const void *field) {
        (void)fputs(*(char *const *)field ?: "", f);
}

void text_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        json_string(w, name, *(char *const *)field);
}

void json_printed(JsonWriter *w,
                  const char *name,
                  const Key *key,
                  const void *field,
                  ValuePrint *print) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return;
        print(f, key, field);
        if (text_stream_close(f, &text) >= 0)
                json_string(w, name, *text ? text : NULL);
}

/* ---------------------------------------------------------------- paths */

/* @path without the directory that it needs, for which path_check_…() gave @error. */
static int refuse_path(const char *path, bool is_directory, int error, char **reterr_why) {
        if (error != -ENOENT && error != -ENOTDIR)
                return refuse(reterr_why, "%s%s cannot be looked at: %s",
                              is_directory ? "" : "the directory of ", path, strerror(-error));
        if (is_directory)
                return refuse(reterr_why,
                              "%s is no existing directory; create it or correct the path", path);
        return refuse(reterr_why,
                      "the directory of %s does not exist; create it or correct the path", path);
}

static int
store_path(const char *text, bool is_directory, char **field, bool is_checked, char **reterr_why) {
        _cleanup_(freep) char *path = NULL;
        int r;

        r = path_expand_user(text, &path);
        if (r >= 0 && is_checked) {
                r = is_directory ? path_check_directory(path) : path_check_parent(path);
                if (r < 0 && r != -ENOMEM)
                        return refuse_path(path, is_directory, r, reterr_why);
        }
        return r < 0 ? r : replace(field, TAKE_PTR(path));
}

int path_store(const Key *key,
               const char *text,
               void *field,
               const ValueRules *rules,
               char **reterr_why) {
        return store_path(text, /* is_directory= */ false, field, !rules->no_host_checks,
                          reterr_why);
}

int directory_store(const Key *key,
                    const char *text,
                    void *field,
                    const ValueRules *rules,
                    char **reterr_why) {
        return store_path(text, /* is_directory= */ true, field, !rules->no_host_checks,
                          reterr_why);
}
