#include "bus/client/waiter-table.h"

#include <errno.h>
#include <string.h>

/* Room for @index. A list never moves, as its first waiter points to it. */
static int make_room(WaiterTable *t, size_t index) {
        size_t n = MAX(index + 1, 2 * t->n);
        struct WaiterList **lists = reallocarray(t->lists, n, sizeof(struct WaiterList *));

        if (!lists)
                return -ENOMEM;
        memset(lists + t->n, 0, (n - t->n) * sizeof(struct WaiterList *));
        t->lists = lists;
        t->n = n;
        return 0;
}

int waiter_table_make(WaiterTable *t, size_t index, struct WaiterList **ret) {
        if (index >= t->n && make_room(t, index) < 0)
                return -ENOMEM;
        if (!t->lists[index])
                t->lists[index] = calloc(1, sizeof(*t->lists[index]));
        *ret = t->lists[index];
        return *ret ? 0 : -ENOMEM;
}

struct WaiterList *waiter_table_get(const WaiterTable *t, size_t index) {
        struct WaiterList *list = index < t->n ? t->lists[index] : NULL;

        return list && !LIST_EMPTY(list) ? list : NULL;
}

void waiter_table_remove(WaiterTable *t, size_t index) {
        if (index >= t->n)
                return;
        free(t->lists[index]);
        t->lists[index] = NULL;
}

void waiter_table_done(WaiterTable *t) {
        for (size_t i = 0; i < t->n; i++)
                free(t->lists[i]);
        free(t->lists);
}
