#include <errno.h>
#include <string.h>

#include "config/model/name-index.h"

/* In the order in which a name is looked for. */
typedef enum NameKind {
        NAME_GROUP,
        NAME_PROGRAM,
        NAME_PROCESS, /* GROUP:NAME */
        _NAME_MAX,
} NameKind;

typedef struct Name {
        NameKind kind;
        const char *first;
        size_t length;      /* of first, which may go on behind it */
        const char *second; /* NAME_PROCESS only, else "" */
        size_t index;
} Name;

struct NameIndex {
        Name *names; /* sorted; those that mean the same stand together */
        size_t *indexes;
        size_t n;
};

static int compare_meaning(const Name *a, const Name *b) {
        int r;

        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        if (a->length != b->length)
                return a->length < b->length ? -1 : 1;
        r = memcmp(a->first, b->first, a->length);
        return r != 0 ? r : strcmp(a->second, b->second);
}

static int compare_names(const void *x, const void *y) {
        const Name *a = x, *b = y;
        int r = compare_meaning(a, b);

        if (r != 0 || a->index == b->index)
                return r;
        return a->index < b->index ? -1 : 1;
}

static Name make_name(NameKind kind, const char *first, const char *second, size_t index) {
        return (Name){ kind, first, strlen(first), second, index };
}

int name_index_new(const ProcessConfig *const *configs, size_t n, NameIndex **ret) {
        _cleanup_(name_index_freep) NameIndex *x = NULL;

        x = calloc(1, sizeof(*x));
        if (!x)
                return -ENOMEM;
        x->names = calloc(_NAME_MAX * n + 1, sizeof(*x->names));
        x->indexes = calloc(_NAME_MAX * n + 1, sizeof(*x->indexes));
        if (!x->names || !x->indexes)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                const ProcessConfig *c = configs[i];

                if (!c)
                        continue;
                x->names[x->n++] = make_name(NAME_GROUP, c->group, "", i);
                if (c->program)
                        x->names[x->n++] = make_name(NAME_PROGRAM, c->program, "", i);
                x->names[x->n++] = make_name(NAME_PROCESS, c->group, c->name, i);
        }
        qsort(x->names, x->n, sizeof(*x->names), compare_names);
        for (size_t i = 0; i < x->n; i++)
                x->indexes[i] = x->names[i].index;

        *ret = TAKE_PTR(x);
        return 0;
}

NameIndex *name_index_free(NameIndex *x) {
        if (!x)
                return NULL;
        free(x->names);
        free(x->indexes);
        free(x);
        return NULL;
}

/* The first of the sorted names that is not before @wanted. */
static size_t lower_bound(const NameIndex *x, const Name *wanted) {
        size_t low = 0, high = x->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (compare_meaning(&x->names[middle], wanted) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static size_t find_kind(const NameIndex *x, const Name *wanted, const size_t **ret) {
        size_t first = lower_bound(x, wanted), n = 0;

        while (first + n < x->n && compare_meaning(&x->names[first + n], wanted) == 0)
                n++;
        *ret = x->indexes + first;
        return n;
}

size_t name_index_find(const NameIndex *x, const char *name, const size_t **ret) {
        const char *colon = strchr(name, ':');
        Name wanted = make_name(NAME_GROUP, name, "", 0);
        size_t n;

        if (colon) {
                wanted = (Name){ NAME_PROCESS, name, (size_t)(colon - name), colon + 1, 0 };
                return find_kind(x, &wanted, ret);
        }
        n = find_kind(x, &wanted, ret);
        if (n > 0)
                return n;
        wanted.kind = NAME_PROGRAM;
        return find_kind(x, &wanted, ret);
}
