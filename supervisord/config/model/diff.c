#include "config/model/diff.h"

#include <errno.h>
#include <string.h>

/* One process of either side, to be sorted by identity, then old before new, then by position. */
typedef struct Item {
        const ProcessConfig *config;
        size_t index;
        bool is_new;
} Item;

static int compare_identity(const ProcessConfig *a, const ProcessConfig *b) {
        int r = strcmp(a->group, b->group);

        return r != 0 ? r : strcmp(a->name, b->name);
}

static int compare_items(const void *x, const void *y) {
        const Item *a = x, *b = y;
        int r = compare_identity(a->config, b->config);

        if (r != 0)
                return r;
        if (a->is_new != b->is_new)
                return a->is_new ? 1 : -1;
        return a->index < b->index ? -1 : a->index > b->index;
}

static size_t collect(ProcessConfig *const *configs, size_t n, bool is_new, Item *items) {
        size_t k = 0;

        for (size_t i = 0; i < n; i++)
                if (configs[i])
                        items[k++] = (Item){ configs[i], i, is_new };
        return k;
}

/* The first old and the first new one of items[0..n-1], which are all of one identity. */
static ConfigChange judge(const Item *items, size_t n) {
        static const Change kinds[] = {
                [CONFIG_SAME] = CHANGE_NONE,
                [CONFIG_LIVE] = CHANGE_UPDATED,
                [CONFIG_RESTART] = CHANGE_CHANGED,
        };
        ConfigChange change = { .before = SIZE_MAX, .after = SIZE_MAX };
        const ProcessConfig *before = NULL, *after = NULL;

        for (size_t i = 0; i < n; i++) {
                if (!items[i].is_new && !before) {
                        before = items[i].config;
                        change.before = items[i].index;
                } else if (items[i].is_new && !after) {
                        after = items[i].config;
                        change.after = items[i].index;
                }
        }

        if (!before)
                change.kind = CHANGE_ADDED;
        else if (!after)
                change.kind = CHANGE_REMOVED;
        else
                change.kind = kinds[before == after ? CONFIG_SAME
                                                    : process_config_compare(before, after)];
        return change;
}

static int compare_changes(const void *x, const void *y) {
        const ConfigChange *a = x, *b = y;

        if (a->after != b->after)
                return a->after < b->after ? -1 : 1;
        return a->before < b->before ? -1 : a->before > b->before;
}

ssize_t config_diff(ProcessConfig *const *before,
                    size_t n_before,
                    ProcessConfig *const *after,
                    size_t n_after,
                    ConfigChange **ret) {
        _cleanup_(freep) ConfigChange *changes = NULL;
        _cleanup_(freep) Item *items = NULL;
        size_t n, n_changes = 0, end;

        items = calloc(n_before + n_after + 1, sizeof(*items));
        changes = calloc(n_before + n_after + 1, sizeof(*changes));
        if (!items || !changes)
                return -ENOMEM;

        n = collect(before, n_before, /* is_new= */ false, items);
        n += collect(after, n_after, /* is_new= */ true, items + n);
        qsort(items, n, sizeof(*items), compare_items);

        for (size_t i = 0; i < n; i = end) {
                for (end = i + 1; end < n; end++)
                        if (compare_identity(items[i].config, items[end].config) != 0)
                                break;
                changes[n_changes++] = judge(items + i, end - i);
        }
        qsort(changes, n_changes, sizeof(*changes), compare_changes);

        *ret = TAKE_PTR(changes);
        return (ssize_t)n_changes;
}
