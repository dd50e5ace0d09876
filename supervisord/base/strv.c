/*
 * Lists of strings: see strv.h. They are short: everything is linear.
 */
#include "base/strv.h"

#include <errno.h>
#include <string.h>

char **strv_free(char **l) {
        for (char **s = l; s && *s; s++)
                free(*s);
        free(l);
        return NULL;
}

size_t strv_length(char *const *l) {
        size_t n = 0;

        while (l && l[n])
                n++;
        return n;
}

bool strv_equal(char *const *a, char *const *b) {
        size_t n = strv_length(a);

        if (n != strv_length(b))
                return false;
        for (size_t i = 0; i < n; i++)
                if (strcmp(a[i], b[i]) != 0)
                        return false;
        return true;
}

bool strv_contains(char *const *l, const char *s) {
        for (; l && *l; l++)
                if (strcmp(*l, s) == 0)
                        return true;
        return false;
}

int strv_copy(char *const *l, char ***ret) {
        _cleanup_(strv_freep) char **copy = NULL;
        size_t n = strv_length(l);

        copy = calloc(n + 1, sizeof(*copy));
        if (!copy)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                copy[i] = strdup(l[i]);
                if (!copy[i])
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(copy);
        return 0;
}

int strv_push(char ***l, char *s) {
        size_t n = strv_length(*l);
        char **grown;

        grown = reallocarray(*l, n + 2, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        grown[n] = s;
        grown[n + 1] = NULL;
        *l = grown;
        return 0;
}

int strv_extend(char ***l, const char *s) {
        _cleanup_(freep) char *copy = NULL;
        int r;

        copy = strdup(s);
        if (!copy)
                return -ENOMEM;
        r = strv_push(l, copy);
        if (r < 0)
                return r;
        (void)TAKE_PTR(copy); /* the list owns it now */
        return 0;
}

static int compare_strings(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(char **l) {
        size_t n = strv_length(l);

        if (n > 1)
                qsort(l, n, sizeof(*l), compare_strings);
}

/* Index of the variable @key in @l; the length of @l if there is none. */
static size_t env_find(char *const *l, const char *key) {
        size_t n = strlen(key), i = 0;

        while (l && l[i] && !(strncmp(l[i], key, n) == 0 && l[i][n] == '='))
                i++;
        return i;
}

int strv_env_set(char ***l, const char *key, const char *value) {
        _cleanup_(freep) char *entry = NULL;
        size_t i = env_find(*l, key);
        int r;

        if (asprintf(&entry, "%s=%s", key, value) < 0) {
                entry = NULL;
                return -ENOMEM;
        }
        if (*l && (*l)[i]) {
                free((*l)[i]);
                (*l)[i] = TAKE_PTR(entry);
                return 0;
        }
        r = strv_push(l, entry);
        if (r < 0)
                return r;
        (void)TAKE_PTR(entry); /* the list owns it now */
        return 0;
}

const char *strv_env_get(char *const *l, const char *key) {
        size_t i = env_find(l, key);

        return l && l[i] ? l[i] + strlen(key) + 1 : NULL;
}
