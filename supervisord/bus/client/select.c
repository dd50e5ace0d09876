/*
 * Names of processes. The table is sorted by group and name once for each call, so that a name is
 * found by halves and only a pattern is held against every process.
 */
#include "bus/client/select.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

typedef struct TableItem { /* a process; sorted by group and name */
        const char *group, *name;
        size_t index;
} TableItem;

typedef struct NameTable {
        const Engine *engine;
        TableItem *items;
        size_t n;
        unsigned char *taken; /* by index of the engine */
} NameTable;

enum {
        TAKEN = 1,
        NAMED = 2
};

typedef struct Spec { /* one name, taken apart */
        char *group;
        char *name; /* NULL: the whole group */
        bool is_pattern;
        bool is_bare; /* a pattern without a colon */
} Spec;

static void spec_done(Spec *s) {
        free(s->group);
        free(s->name);
}

static void table_done(NameTable *t) {
        free(t->items);
        free(t->taken);
}

void selection_done(Selection *s) {
        for (size_t i = 0; i < s->n_unknown; i++) {
                free(s->unknown[i].group);
                free(s->unknown[i].name);
        }
        free(s->unknown);
        free(s->items);
        *s = (Selection){ 0 };
}

/* ---------------------------------------------------------------- the table */

static int compare_items(const void *x, const void *y) {
        const TableItem *a = x, *b = y;
        int r = strcmp(a->group, b->group);

        return r != 0 ? r : strcmp(a->name, b->name);
}

/* Keep one process of each name. A process that its spare has replaced, and that is on its way out,
 * has the same name as the spare, which is the one that counts. */
static void drop_twins(NameTable *t) {
        size_t kept = 0;

        for (size_t i = 0; i < t->n; i++) {
                bool same = kept > 0 && compare_items(&t->items[kept - 1], &t->items[i]) == 0;

                if (!same)
                        t->items[kept++] = t->items[i];
                else if (!engine_get(t->engine, t->items[i].index)->removed)
                        t->items[kept - 1] = t->items[i];
        }
        t->n = kept;
}

static int table_begin(NameTable *t, const Engine *e, bool leaving) {
        size_t n = engine_size(e);

        t->engine = e;
        t->items = calloc(n + 1, sizeof(*t->items));
        t->taken = calloc(n + 1, 1);
        if (!t->items || !t->taken)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const Process *p = engine_get(e, i);

                if (p->config && !p->spare && (leaving || !p->removed))
                        t->items[t->n++] = (TableItem){ p->config->group, p->config->name, i };
        }
        qsort(t->items, t->n, sizeof(*t->items), compare_items);
        drop_twins(t);
        return 0;
}

/* The first item whose group is @group, or the number of items. */
static size_t first_of(const NameTable *t, const char *group) {
        size_t low = 0, high = t->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(t->items[middle].group, group) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < t->n && strcmp(t->items[low].group, group) == 0 ? low : t->n;
}

/* ---------------------------------------------------------------- names */

static bool is_pattern(const char *text) {
        return strpbrk(text, "*?[") != NULL;
}

/* "name", "group:name", "group:*", "group:", "all"; what holds a wildcard elsewhere is a pattern.
 */
static int parse_spec(const char *text, Spec *ret) {
        const char *colon = strchr(text, ':');
        Spec s = { 0 };
        bool whole;

        if (!colon) {
                s.is_bare = s.is_pattern = strcmp(text, "all") == 0 || is_pattern(text);
                s.group = strdup(strcmp(text, "all") == 0 ? "*" : text);
                s.name = strdup(text);
                whole = false;
        } else {
                whole = colon[1] == '\0' || strcmp(colon + 1, "*") == 0;
                s.group = strndup(text, (size_t)(colon - text));
                s.name = whole ? NULL : strdup(colon + 1);
                s.is_pattern =
                        (s.group && is_pattern(s.group)) || (!whole && is_pattern(colon + 1));
        }
        if (!s.group || (!whole && !s.name)) {
                spec_done(&s);
                return -ENOMEM;
        }
        *ret = s;
        return 0;
}

static bool means_all(const Spec *s) {
        return s->is_bare && strcmp(s->group, "*") == 0;
}

static bool matches(const Spec *s, const TableItem *item) {
        if (means_all(s))
                return true;
        if (s->is_bare && strcmp(item->group, item->name) != 0) {
                _cleanup_(freep) char *shown = NULL;

                if (asprintf(&shown, "%s:%s", item->group, item->name) < 0) {
                        shown = NULL;
                        return false; /* without memory nothing matches, and the caller fails soon
                                       */
                }
                return fnmatch(s->group, shown, 0) == 0;
        }
        if (s->is_bare)
                return fnmatch(s->group, item->name, 0) == 0;
        return fnmatch(s->group, item->group, 0) == 0 &&
               (!s->name || fnmatch(s->name, item->name, 0) == 0);
}

static bool take_pattern(NameTable *t, const Spec *s) {
        bool any = false;

        for (size_t i = 0; i < t->n; i++)
                if (matches(s, &t->items[i])) {
                        t->taken[t->items[i].index] |= TAKEN;
                        any = true;
                }
        return any || means_all(s);
}

static bool take_name(NameTable *t, const Spec *s) {
        TableItem key = { .group = s->group, .name = s->name };
        const TableItem *found = bsearch(&key, t->items, t->n, sizeof(*t->items), compare_items);

        if (found)
                t->taken[found->index] |= TAKEN | NAMED;
        return found != NULL;
}

static bool take_group(NameTable *t, const Spec *s) {
        size_t i = first_of(t, s->group);
        bool any = i < t->n;

        for (; i < t->n && strcmp(t->items[i].group, s->group) == 0; i++)
                t->taken[t->items[i].index] |= TAKEN;
        return any;
}

/* ---------------------------------------------------------------- the answer */

static int add_unknown(Selection *ret, const NameTable *t, const Spec *s, const char *text) {
        bool no_group =
                !s->name || (!s->is_pattern && strchr(text, ':') && first_of(t, s->group) == t->n);
        Unknown *list = reallocarray(ret->unknown, ret->n_unknown + 1, sizeof(*list));
        Unknown u = { .no_group = no_group };

        if (!list)
                return -ENOMEM;
        ret->unknown = list;
        u.group = strdup(s->group);
        u.name = strdup(s->name ?: "");
        if (!u.group || !u.name) {
                free(u.group);
                free(u.name);
                return -ENOMEM;
        }
        ret->unknown[ret->n_unknown++] = u;
        return 0;
}

static int take_spec(NameTable *t, const char *text, unsigned *n_patterns, Selection *ret) {
        _cleanup_(spec_done) Spec s = { 0 };
        bool found;
        int r;

        r = parse_spec(text, &s);
        if (r < 0)
                return r;
        if (s.is_pattern && ++*n_patterns > SELECT_PATTERNS_MAX)
                return -E2BIG;
        found = s.is_pattern ? take_pattern(t, &s) : s.name ? take_name(t, &s) : take_group(t, &s);
        return found ? 0 : add_unknown(ret, t, &s, text);
}

/* What was taken, in the order of start. */
static int collect_taken(const NameTable *t, Selection *ret) {
        const Plan *plan = engine_plan(t->engine);

        ret->items = calloc(t->n + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        for (size_t k = 0; k < plan->n_order; k++) {
                size_t i = plan->order[k];

                if (i < engine_size(t->engine) && t->taken[i] & TAKEN) {
                        ret->items[ret->n++] =
                                (Selected){ .index = i, .named = (t->taken[i] & NAMED) != 0 };
                        t->taken[i] = 0; /* so that only what is in no plan is left for below */
                }
        }
        for (size_t k = 0; k < t->n; k++)
                if (t->taken[t->items[k].index] & TAKEN)
                        ret->items[ret->n++] = (Selected){
                                .index = t->items[k].index,
                                .named = (t->taken[t->items[k].index] & NAMED) != 0,
                        };
        return 0;
}

int select_processes(const Engine *e, char *const *names, bool leaving, Selection *ret) {
        _cleanup_(table_done) NameTable t = { 0 };
        _cleanup_(selection_done) Selection selection = { 0 };
        unsigned n_patterns = 0;
        int r;

        r = table_begin(&t, e, leaving);
        for (; r >= 0 && names && *names; names++)
                r = take_spec(&t, *names, &n_patterns, &selection);
        if (r >= 0)
                r = collect_taken(&t, &selection);
        if (r < 0)
                return r;
        *ret = selection;
        selection = (Selection){ 0 };
        return 0;
}

int select_all(const Engine *e, bool leaving, Selection *ret) {
        static char all[] = "all";

        return select_processes(e, (char *const[]){ all, NULL }, leaving, ret);
}
