/*
 * Roll, between a call that waits and a job of the daemon. Either may be over first: the caller may
 * go, and the job may end while others of the call are still to be told.
 */
#include "bus/methods/rolling-restart.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "bus/client/call-arguments.h"
#include "bus/client/connection.h"
#include "bus/client/select.h"
#include "bus/client/wait.h"
#include "daemon/act/roll-job.h"
#include "daemon/entry/history.h"
#include "protocol/bus-names.h"

/* One call of Roll: the userdata of its job, until the job is over. */
typedef struct BusRoll {
        BusWait *wait; /* NULL: the caller does not wait, or not any more */
        RollJob *job;
        Supervisor *supervisor;
        ProcessConfig **members;
        size_t *indexes;
        RollFate *fates;
        size_t n;
} BusRoll;

static BusRoll *bus_roll_free(BusRoll *roll) {
        if (!roll)
                return NULL;
        for (size_t k = 0; roll->members && k < roll->n; k++)
                process_config_unref(roll->members[k]);
        free(roll->members);
        free(roll->indexes);
        free(roll->fates);
        free(roll);
        return NULL;
}
DEFINE_CLEANUP(BusRoll, bus_roll_free);

/* The name of the error for what became of the new run, as far as that can still be told. */
static const char *failure_of(const BusRoll *roll, size_t k) {
        const Supervisor *s = roll->supervisor;
        size_t i = roll->indexes[k];
        const Entry *entry = i < s->n_entries ? s->entries[i] : NULL;

        if (!entry || !entry->start_failure || engine_get(s->engine, i)->phase == PHASE_RUNNING)
                return BUS_ERROR_ABNORMAL_TERMINATION;
        return start_failure_name(entry->start_failure);
}

static void add_result(BusRoll *roll, size_t k) {
        OperationResult result = { roll->members[k]->group, roll->members[k]->name, "", "", "" };

        switch (roll->fates[k]) {
        case ROLL_FATE_RESTARTED:
                result.done = "restarted";
                break;
        case ROLL_FATE_FAILED:
                result.error = failure_of(roll, k);
                result.message = "it has not become ready";
                break;
        case ROLL_FATE_UNTOUCHED:
        case ROLL_FATE_UNDER_WAY:
                result.error = BUS_ERROR_CANCELLED;
                result.message = "it was left as it is, as the restart has ended early";
                break;
        }
        wait_add_result(roll->wait, &result);
}

static void finish_roll(BusRoll *roll) {
        BusWait *wait = roll->wait;

        for (size_t k = 0; wait && k < roll->n; k++)
                if (roll->fates[k] == ROLL_FATE_UNTOUCHED)
                        add_result(roll, k);
        bus_roll_free(roll);
        if (wait)
                wait_release(wait);
}

static void on_told(void *userdata, size_t k, RollFate fate) {
        BusRoll *roll = userdata;

        if (k == SIZE_MAX) {
                finish_roll(roll);
                return;
        }
        roll->fates[k] = fate;
        if (roll->wait)
                add_result(roll, k);
}

/* The caller is gone, or does not want it any more. */
static void on_left(void *userdata) {
        BusRoll *roll = userdata;

        roll->wait = NULL;
        roll_job_cancel(roll->job);
}

/* Take the processes of @selection that run, in the order of start. One that was named itself and
 * does not run gets its result at once. */
static int take_members(BusRoll *roll, BusWait *w, const Selection *selection) {
        const Supervisor *s = roll->supervisor;

        roll->members = calloc(selection->n + 1, sizeof(ProcessConfig *));
        roll->indexes = calloc(selection->n + 1, sizeof(*roll->indexes));
        roll->fates = calloc(selection->n + 1, sizeof(*roll->fates));
        if (!roll->members || !roll->indexes || !roll->fates)
                return -ENOMEM;
        for (size_t i = 0; i < selection->n; i++) {
                const Process *p = engine_get(s->engine, selection->items[i].index);
                OperationResult result = { p->config->group, p->config->name, "",
                                           BUS_ERROR_NOT_RUNNING, "" };

                if (p->goal == GOAL_UP && p->config->settings->type != PROCESS_TYPE_ONESHOT) {
                        roll->indexes[roll->n] = selection->items[i].index;
                        roll->members[roll->n++] = process_config_ref(p->config);
                } else if (selection->items[i].named)
                        wait_add_result(w, &result);
        }
        return 0;
}

static int
begin(BusWait *w, Supervisor *s, const Selection *selection, const WaitOptions *options) {
        _cleanup_(bus_roll_freep) BusRoll *roll = calloc(1, sizeof(*roll));
        Connection *c = wait_get_connection(w);
        int r;

        if (!roll)
                return -ENOMEM;
        roll->supervisor = s;
        r = take_members(roll, w, selection);
        if (r < 0 || roll->n == 0)
                return r;
        for (size_t k = 0; k < roll->n; k++)
                s->entries[roll->indexes[k]]->origin =
                        (Origin){ CAUSE_COMMAND, c->peer.uid, c->peer.pid };
        r = supervisor_roll(s, roll->indexes, roll->n, options->parallel, &roll->job);
        if (r < 0)
                return r;
        roll_job_set_told(roll->job, on_told, roll);
        if (options->wait) {
                roll->wait = w;
                wait_hold(w, on_left, roll);
        }
        (void)TAKE_PTR(roll); /* the job has it now */
        return 0;
}

int method_roll(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(selection_done) Selection selection = { 0 };
        _cleanup_(strv_freep) char **names = NULL;
        WaitRequest request = { .rules = { .target = TARGET_READY, .done = "restarted" } };
        Connection *c = userdata;
        Supervisor *s = c->supervisor;
        BusWait *w = NULL;
        int r;

        r = check_not_shutting_down(s->engine, error);
        if (r >= 0)
                r = read_names(m, &names, error);
        if (r >= 0)
                r = read_options(m, &request.options, error);
        if (r < 0)
                return r;
        r = select_processes(s->engine, names, /* leaving= */ false, &selection);
        if (r < 0)
                return call_fail_errno(error, r);
        r = wait_new(c, m, &request, &w, error);
        if (r < 0)
                return r;
        wait_add_all_unknown(w, &selection);
        r = begin(w, s, &selection, &request.options);
        if (r < 0) {
                wait_free(w);
                return call_fail_errno(error, r);
        }
        return wait_begin(w);
}
