#include "config/keys/value-dependencies.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "config/model/config.h"
#include "config/text/list.h"
#include "config/text/refuse.h"

static const char *const conditions[] = {
        [DEPENDENCY_STARTED] = "started",
        [DEPENDENCY_READY] = "ready",
        [DEPENDENCY_EXITED] = "exited",
};

const char *dependency_condition_to_string(DependencyCondition condition) {
        return conditions[condition];
}

void dependencies_clear(void *field) {
        DependencyList *list = field;

        for (size_t i = 0; i < list->n; i++)
                free(list->items[i].name);
        free(list->items);
        *list = (DependencyList){ 0 };
}

/* Cut ":ready" and its like off @item; what else follows a colon belongs to the name. */
static DependencyCondition cut_condition(char *item) {
        char *colon = strrchr(item, ':');

        for (size_t i = 0; colon && i < ELEMENTSOF(conditions); i++)
                if (strcasecmp(colon + 1, conditions[i]) == 0) {
                        *colon = '\0';
                        return (DependencyCondition)i;
                }
        return DEPENDENCY_READY;
}

static int add_item(DependencyList *list, char *name, DependencyCondition condition) {
        Dependency *items = array_room(list->items, list->n, sizeof(*items));

        if (!items)
                return -ENOMEM;
        list->items = items;
        list->items[list->n].name = strdup(name);
        if (!list->items[list->n].name)
                return -ENOMEM;
        list->items[list->n++].condition = condition;
        return 0;
}

int dependencies_parse(const char *text, DependencyList *list, char **reterr_why) {
        _cleanup_(dependencies_clear) DependencyList result = { 0 };
        const char *rest = *text ? text : NULL;

        while (rest) {
                _cleanup_(freep) char *item = NULL;
                DependencyCondition condition;
                int r;

                r = next_list_item(&rest, &item);
                if (r < 0)
                        return r;
                condition = cut_condition(item);
                if (!*item || *item == ':')
                        return refuse(
                                reterr_why,
                                "an empty name stands between or behind the commas; write names "
                                "such as db, cache:started");
                r = add_item(&result, item, condition);
                if (r < 0)
                        return r;
        }
        dependencies_clear(list);
        *list = result;
        result = (DependencyList){ 0 };
        return 0;
}

int dependencies_store(const Key *key,
                       const char *text,
                       void *field,
                       const ValueRules *rules,
                       char **reterr_why) {
        return dependencies_parse(text, field, reterr_why);
}

bool dependencies_equal(const void *a, const void *b) {
        const DependencyList *x = a, *y = b;

        if (x->n != y->n)
                return false;
        for (size_t i = 0; i < x->n; i++)
                if (x->items[i].condition != y->items[i].condition ||
                    strcmp(x->items[i].name, y->items[i].name) != 0)
                        return false;
        return true;
}

void dependencies_print(FILE *f, const Key *key, const void *field) {
        const DependencyList *list = field;

        for (size_t i = 0; i < list->n; i++)
                (void)fprintf(f, "%s%s:%s", i > 0 ? ", " : "", list->items[i].name,
                              conditions[list->items[i].condition]);
}

void dependencies_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        const DependencyList *list = field;

        json_array_begin(w, name);
        for (size_t i = 0; i < list->n; i++) {
                json_object_begin(w, NULL);
                json_string(w, "name", list->items[i].name);
                json_string(w, "condition", conditions[list->items[i].condition]);
                json_object_end(w);
        }
        json_array_end(w);
}
