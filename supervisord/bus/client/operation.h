/*
 * A long operation: a client waits until processes have reached what it asked for. It costs nothing
 * until one of them changes, and then one step for each operation that waits for that one.
 *
 * It knows neither the bus nor the loop: results go to functions that its owner gives it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "base/macro.h"
#include "bus/client/verdict.h"
#include "core/engine.h"
#include "host/spawn/start-failure.h"

typedef struct Operation Operation;
typedef struct Waiter Waiter;
LIST_HEAD(WaiterList, Waiter);

/* What became of one process. The strings are borrowed for the call, "" where there is nothing. */
typedef struct OperationResult {
        const char *group;
        const char *name;
        const char *done;    /* "started" … */
        const char *error;   /* one of BUS_ERROR_*, without the prefix */
        const char *message; /* for people */
} OperationResult;

typedef struct OperationRules {
        WaitTarget target;
        const char *done; /* the word of a result that was reached; static */
        bool patient;     /* see verdict_of() */
        bool then_up;     /* after TARGET_DOWN another target follows: a restart */
        WaitTarget then;  /* which */
        void (*on_result)(const OperationResult *result, void *userdata);
        void (*on_done)(
                void *userdata); /* no process is awaited any more; may free the operation */
        void *userdata;
} OperationRules;

/* Returns 0 or -ENOMEM. */
int operation_new(const OperationRules *rules, Operation **ret);

/* Free it with its waiters; nothing more is told. NULL is fine. Returns NULL. */
Operation *operation_free(Operation *o);
DEFINE_CLEANUP(Operation, operation_free);

/*
 * Wait for the process whose waiters are in *@list, @p as it is now: from its second target on if
 * @is_down. Returns 0 or -ENOMEM.
 */
int operation_add(Operation *o, struct WaiterList *list, const Process *p, bool is_down);

/* The number of processes that are still awaited. */
size_t operation_get_pending(const Operation *o);

/* Each process that is still awaited gets a result with @error; on_done is not called. */
void operation_give_up(Operation *o, const char *error, const char *message);

/*
 * The visible state of @p is now @state, or its readiness has changed; @failure is why it could not
 * be started, or NULL. Tells everybody in *@list whom it concerns.
 */
void waiters_notify(struct WaiterList *list,
                    const Process *p,
                    ProcessState state,
                    const StartFailure *failure);

/* @p vanishes from the table: who waited for its end has it, others never will. */
void waiters_drop(struct WaiterList *list, const Process *p);

/* "NoFile", "NotExecutable" or "SpawnError": what a start that failed is called; NULL is fine. */
const char *start_failure_name(const StartFailure *failure);
