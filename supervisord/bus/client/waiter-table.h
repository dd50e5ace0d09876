/*
 * The waiters of long operations (operation.h) by the process that they wait for, so that a change
 * of one process costs nothing to those who wait for others.
 */
#pragma once

#include <stddef.h>

#include "bus/client/operation.h"

typedef struct WaiterTable {       /* all zero: empty */
        struct WaiterList **lists; /* by the engine's index; NULL: nobody has waited for it */
        size_t n;
} WaiterTable;

/* *ret is the list of those who wait for the process @index, made if there is none. It is valid
 * until waiter_table_remove() or waiter_table_done(). Returns 0 or -ENOMEM. */
int waiter_table_make(WaiterTable *t, size_t index, struct WaiterList **ret);

/* The same, or NULL if nobody waits for it. */
struct WaiterList *waiter_table_get(const WaiterTable *t, size_t index);

/* Nobody waits for the process @index any more: forget it. */
void waiter_table_remove(WaiterTable *t, size_t index);

/* Free the table, whose operations are freed already. */
void waiter_table_done(WaiterTable *t);
