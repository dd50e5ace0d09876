/*
 * Rolling restarts under way. What comes next is decided in core/roll; here it is done: to the
 * engine, to the table for a spare, and to whoever wants to be told.
 */
#include "daemon/act/roll-job.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/act/table.h"
#include "daemon/entry/supervisor-state.h"
#include "log/log.h"

struct RollJob {
        RollJob *next;
        Roll *roll;
        size_t n;
        RollFate *fates; /* what was told last */
        roll_told_fn told;
        void *userdata;
};

static RollJob *roll_job_free(RollJob *job) {
        if (!job)
                return NULL;
        roll_free(job->roll);
        free(job->fates);
        free(job);
        return NULL;
}
DEFINE_CLEANUP(RollJob, roll_job_free);

static const char *roll_name(const Supervisor *s, size_t i) {
        return engine_get(s->engine, i)->config->name;
}

int supervisor_roll(Supervisor *s,
                    const size_t *members,
                    size_t n,
                    size_t parallel,
                    RollJob **ret) {
        _cleanup_(roll_job_freep) RollJob *job = NULL;
        RollJob **last = &s->rolls;
        int r;

        if (engine_shutdown_mode(s->engine) != SHUTDOWN_NONE)
                return -ESHUTDOWN;
        job = calloc(1, sizeof(*job));
        if (!job)
                return -ENOMEM;
        job->n = n;
        job->fates = calloc(n + 1, sizeof(*job->fates));
        if (!job->fates)
                return -ENOMEM;
        r = roll_new(members, n, parallel, &job->roll);
        if (r < 0)
                return r;

        log_info("restarting %zu processes, %zu at a time", n, parallel);
        while (*last)
                last = &(*last)->next;
        *ret = *last = TAKE_PTR(job);
        return 0;
}

void roll_job_set_told(RollJob *job, roll_told_fn told, void *userdata) {
        job->told = told;
        job->userdata = userdata;
}

void roll_job_cancel(RollJob *job) {
        roll_cancel(job->roll);
}

/* ---------------------------------------------------------------- spares */

/* A second entry for what entry @i is. Returns 0 with its index or -errno. */
static int add_spare(Supervisor *s, size_t i, size_t *ret) {
        size_t spare;
        int r;

        r = supervisor_add(s, engine_get(s->engine, i)->config, &spare);
        if (r < 0)
                return r;
        engine_set_spare(s->engine, spare, true);
        r = engine_commit(s->engine, now_usec());
        if (r < 0) {
                supervisor_drop(s, spare);
                engine_forget(s->engine, spare);
                return r;
        }
        engine_start(s->engine, spare, now_usec());
        *ret = spare;
        return 0;
}

static void make_spare(Supervisor *s, RollJob *job, size_t i) {
        size_t spare = SIZE_MAX;
        int r;

        log_info("starting a new %s beside the old one", roll_name(s, i));
        r = add_spare(s, i, &spare);
        if (r < 0)
                log_error("cannot start a new %s, the old one goes on: %s", roll_name(s, i),
                          strerror(-r));
        roll_spare_added(job->roll, i, spare);
}

static void perform(Supervisor *s, RollJob *job, const RollStep *step) {
        uint64_t now = now_usec();

        switch (step->kind) {
        case ROLL_RESTART:
                engine_restart(s->engine, step->process, now);
                return;
        case ROLL_ADD_SPARE:
                make_spare(s, job, step->process);
                return;
        case ROLL_RETIRE:
                log_info("the new %s is ready, stopping the old one", roll_name(s, step->spare));
                engine_set_spare(s->engine, step->spare, false);
                engine_retire(s->engine, step->process, now);
                return;
        case ROLL_DROP_SPARE:
                log_error("the new %s has failed, the old one goes on", roll_name(s, step->spare));
                engine_retire(s->engine, step->spare, now);
                return;
        case ROLL_WAIT:
        case ROLL_OVER:
                return;
        }
}

/* ---------------------------------------------------------------- going on */

static void tell_fates(RollJob *job) {
        for (size_t k = 0; k < job->n; k++) {
                RollFate fate = roll_fate(job->roll, k);

                if (fate == job->fates[k])
                        continue;
                job->fates[k] = fate;
                if (job->told && fate != ROLL_FATE_UNDER_WAY)
                        job->told(job->userdata, k, fate);
        }
}

static void finish_roll(RollJob *job) {
        size_t n = 0;

        for (size_t k = 0; k < job->n; k++)
                n += job->fates[k] == ROLL_FATE_RESTARTED;
        if (roll_failed(job->roll))
                log_warn("the rolling restart ends early, %zu of %zu processes were restarted", n,
                         job->n);
        else
                log_info("the rolling restart is over, %zu of %zu processes were restarted", n,
                         job->n);
        if (job->told)
                job->told(job->userdata, SIZE_MAX, ROLL_FATE_UNTOUCHED);
        roll_job_free(job);
}

bool supervisor_advance_rolls(Supervisor *s) {
        RollJob **place = &s->rolls;
        bool moved = false;

        while (*place) {
                RollJob *job = *place;
                RollStep step;

                if (engine_shutdown_mode(s->engine) != SHUTDOWN_NONE)
                        roll_cancel(job->roll);
                for (step = roll_next(job->roll, s->engine);
                     step.kind != ROLL_WAIT && step.kind != ROLL_OVER;
                     step = roll_next(job->roll, s->engine)) {
                        perform(s, job, &step);
                        moved = true;
                }
                tell_fates(job);
                if (step.kind == ROLL_WAIT) {
                        place = &job->next;
                        continue;
                }
                *place = job->next;
                finish_roll(job);
        }
        return moved;
}

void supervisor_forget_in_rolls(Supervisor *s, size_t i) {
        for (RollJob *job = s->rolls; job; job = job->next)
                roll_forget(job->roll, i);
}

void supervisor_cancel_rolls(Supervisor *s) {
        for (RollJob *job = s->rolls; job; job = job->next)
                roll_cancel(job->roll);
        if (s->rolls)
                (void)supervisor_advance_rolls(s);
}

void supervisor_free_rolls(Supervisor *s) {
        while (s->rolls) {
                RollJob *job = s->rolls;

                s->rolls = job->next;
                if (job->told)
                        job->told(job->userdata, SIZE_MAX, ROLL_FATE_UNTOUCHED);
                roll_job_free(job);
        }
}
