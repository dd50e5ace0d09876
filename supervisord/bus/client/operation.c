/*
 * Long operations. A waiter stands for one process in one operation; it lies in two lists, that of
 * its process, where a change finds it, and that of its operation, which ends with its last waiter.
 */
#include "bus/client/operation.h"

#include <errno.h>
#include <string.h>

#include "daemon/entry/wording.h"
#include "protocol/bus-names.h"

struct Waiter {
        Operation *operation;
        ProcessConfig *config; /* for its names */
        WaitTarget target;
        LIST_ENTRY(Waiter) of_process;
        LIST_ENTRY(Waiter) of_operation;
};

struct Operation {
        OperationRules rules;
        struct WaiterList waiters;
        size_t n_pending;
};

int operation_new(const OperationRules *rules, Operation **ret) {
        Operation *o = calloc(1, sizeof(*o));

        if (!o)
                return -ENOMEM;
        o->rules = *rules;
        LIST_INIT(&o->waiters);
        *ret = o;
        return 0;
}

static void waiter_free(Waiter *w) {
        LIST_REMOVE(w, of_process);
        LIST_REMOVE(w, of_operation);
        w->operation->n_pending--;
        process_config_unref(w->config);
        free(w);
}

Operation *operation_free(Operation *o) {
        Waiter *w;

        if (!o)
                return NULL;
        while ((w = LIST_FIRST(&o->waiters)))
                waiter_free(w);
        free(o);
        return NULL;
}

int operation_add(Operation *o, struct WaiterList *list, const Process *p, bool is_down) {
        Waiter *w = calloc(1, sizeof(*w));

        if (!w)
                return -ENOMEM;
        w->operation = o;
        w->config = process_config_ref(p->config);
        w->target = is_down && o->rules.then_up ? o->rules.then : o->rules.target;
        LIST_INSERT_HEAD(list, w, of_process);
        LIST_INSERT_HEAD(&o->waiters, w, of_operation);
        o->n_pending++;
        return 0;
}

size_t operation_get_pending(const Operation *o) {
        return o->n_pending;
}

/* ---------------------------------------------------------------- results */

static void tell_result(const Waiter *w, const char *done, const char *error, const char *message) {
        const OperationRules *rules = &w->operation->rules;
        OperationResult result = {
                .group = w->config->group,
                .name = w->config->name,
                .done = done,
                .error = error,
                .message = message,
        };

        rules->on_result(&result, rules->userdata);
}

const char *start_failure_name(const StartFailure *failure) {
        switch (failure ? failure->reason : START_REASON_NONE) {
        case START_REASON_NOT_FOUND:
                return BUS_ERROR_NO_FILE;
        case START_REASON_IS_DIRECTORY:
        case START_REASON_NOT_EXECUTABLE:
        case START_REASON_NO_PERMISSION:
                return BUS_ERROR_NOT_EXECUTABLE;
        default:
                return BUS_ERROR_SPAWN_ERROR;
        }
}

static void tell_start_failure(const Waiter *w, const StartFailure *failure) {
        _cleanup_(freep) char *words = start_failure_describe(failure);

        tell_result(w, "", start_failure_name(failure), words ?: "");
}

/* As with Python, a process that ended too quickly was not spawned; any other was up for a while.
 */
static void tell_end(const Waiter *w, const Process *p, ProcessState state) {
        bool quick = state == STATE_BACKOFF || state == STATE_FATAL;
        _cleanup_(freep) char *words = NULL;

        if (p->exit.kind == EXIT_NONE || words_exit(&p->exit, &words) < 0)
                words = NULL;
        tell_result(w, "", quick ? BUS_ERROR_SPAWN_ERROR : BUS_ERROR_ABNORMAL_TERMINATION,
                    words ?: "");
}

static const char *done_word(const Waiter *w) {
        const OperationRules *rules = &w->operation->rules;

        if (!rules->then_up)
                return rules->done;
        return w->target == TARGET_DOWN ? "stopped" : "started";
}

/* Add the result for @p, which is in @state now. Returns false if it is still to be awaited. */
static bool
judge_waiter(Waiter *w, const Process *p, ProcessState state, const StartFailure *failure) {
        Verdict verdict = verdict_of(p, state, w->target, w->operation->rules.patient);
        const OperationRules *rules = &w->operation->rules;

        switch (verdict) {
        case VERDICT_WAIT:
                return false;
        case VERDICT_REACHED:
                tell_result(w, done_word(w), "", "");
                if (rules->then_up && w->target == TARGET_DOWN) {
                        w->target = rules->then;
                        return false;
                }
                return true;
        case VERDICT_SPAWN_FAILED:
                tell_start_failure(w, failure);
                return true;
        case VERDICT_FAILED:
                tell_end(w, p, state);
                return true;
        case VERDICT_IN_VAIN:
                tell_result(w, "", BUS_ERROR_SPAWN_ERROR, "what it depends on is not coming");
                return true;
        case VERDICT_UNWANTED:
                if (w->target == TARGET_DOWN)
                        tell_result(w, "", BUS_ERROR_FAILED, "it was started again");
                else
                        tell_result(w, "", BUS_ERROR_ABNORMAL_TERMINATION, "it is to be down");
                return true;
        }
        return false;
}

static void finish_waiter(Waiter *w) {
        Operation *o = w->operation;

        waiter_free(w);
        if (o->n_pending == 0)
                o->rules.on_done(o->rules.userdata);
}

/*
 * A result may end its operation, which frees all waiters of that. None of them is in this list
 * besides the one at hand, as an operation waits for a process once.
 */
void waiters_notify(struct WaiterList *list,
                    const Process *p,
                    ProcessState state,
                    const StartFailure *failure) {
        Waiter *w = LIST_FIRST(list);

        while (w) {
                Waiter *next = LIST_NEXT(w, of_process);

                if (judge_waiter(w, p, state, failure))
                        finish_waiter(w);
                w = next;
        }
}

void waiters_drop(struct WaiterList *list, const Process *p) {
        Waiter *w;

        while ((w = LIST_FIRST(list))) {
                if (w->target == TARGET_DOWN)
                        tell_result(w,
                                    w->operation->rules.then_up ? "stopped"
                                                                : w->operation->rules.done,
                                    "", "");
                else
                        tell_result(w, "", BUS_ERROR_NO_SUCH_PROCESS, "it was removed");
                finish_waiter(w);
        }
}

void operation_give_up(Operation *o, const char *error, const char *message) {
        Waiter *w;

        while ((w = LIST_FIRST(&o->waiters))) {
                tell_result(w, "", error, message);
                waiter_free(w);
        }
}
