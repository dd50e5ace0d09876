#include "core/roll.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

typedef enum MemberState {
        MEMBER_PENDING,
        MEMBER_RESTARTING,
        MEMBER_ASKED,    /* for a spare */
        MEMBER_SPARE,    /* its spare is on its way up */
        MEMBER_RETIRING, /* its spare has taken over */
        MEMBER_DROPPING, /* its spare has failed and is on its way out */
        MEMBER_SKIPPED,
        MEMBER_DONE,
        MEMBER_FAILED,
} MemberState;

typedef struct Member {
        MemberState state;
        size_t process;
        size_t spare;
        uint64_t n_runs; /* with the one that is to be replaced */
} Member;

struct Roll {
        Member *members;
        size_t n;
        size_t parallel;
        size_t next; /* the first that is pending */
        size_t n_under_way;
        bool failed;
        bool cancelled;
};

int roll_new(const size_t *members, size_t n, size_t parallel, Roll **ret) {
        _cleanup_(roll_freep) Roll *r = NULL;

        assert(parallel > 0);
        r = calloc(1, sizeof(*r));
        if (!r)
                return -ENOMEM;
        r->members = calloc(n + 1, sizeof(*r->members));
        if (!r->members)
                return -ENOMEM;
        for (size_t k = 0; k < n; k++)
                r->members[k] = (Member){ .process = members[k], .spare = SIZE_MAX };
        r->n = n;
        r->parallel = parallel;
        *ret = TAKE_PTR(r);
        return 0;
}

Roll *roll_free(Roll *r) {
        if (!r)
                return NULL;
        free(r->members);
        free(r);
        return NULL;
}

static bool is_under_way(const Member *m) {
        return m->state >= MEMBER_RESTARTING && m->state <= MEMBER_DROPPING;
}

static void set_state(Roll *r, Member *m, MemberState state) {
        r->n_under_way -= is_under_way(m);
        m->state = state;
        r->n_under_way += is_under_way(m);
        r->failed |= state == MEMBER_FAILED || state == MEMBER_DROPPING;
}

/* ---------------------------------------------------------------- how it goes */

typedef enum Progress {
        PROGRESS_UNDER_WAY,
        PROGRESS_READY,
        PROGRESS_FAILED,
} Progress;

/* How far is the run of entry @i that came after its first @n_runs? */
static Progress progress_of(const Engine *e, size_t i, uint64_t n_runs) {
        const Process *p = i == SIZE_MAX ? NULL : engine_get(e, i);

        assert(!p || p->config); /* roll_forget() */
        if (!p || p->removed || p->goal != GOAL_UP)
                return PROGRESS_FAILED; /* somebody else has decided otherwise */
        if (p->phase == PHASE_RUNNING && p->run.ready && p->n_runs > n_runs)
                return PROGRESS_READY;
        if (phase_has_child(p->phase) && p->n_runs > n_runs && p->run.failure != FAILURE_NONE)
                return PROGRESS_FAILED;
        if (phase_has_child(p->phase) || (p->start_due && p->failures == 0))
                return PROGRESS_UNDER_WAY;
        return PROGRESS_FAILED;
}

static RollStep look_after(Roll *r, Member *m, const Engine *e) {
        RollStep step = { .kind = ROLL_WAIT, .process = m->process, .spare = m->spare };
        bool is_spare = m->state == MEMBER_SPARE;
        Progress progress;

        if (m->state != MEMBER_RESTARTING && !is_spare)
                return step;
        progress = progress_of(e, is_spare ? m->spare : m->process, m->n_runs);
        if (is_spare && r->cancelled && progress == PROGRESS_UNDER_WAY)
                progress = PROGRESS_FAILED;
        if (progress == PROGRESS_UNDER_WAY)
                return step;
        if (!is_spare)
                set_state(r, m, progress == PROGRESS_READY ? MEMBER_DONE : MEMBER_FAILED);
        else if (m->spare == SIZE_MAX)
                set_state(r, m, MEMBER_FAILED);
        else {
                step.kind = progress == PROGRESS_READY ? ROLL_RETIRE : ROLL_DROP_SPARE;
                set_state(r, m, progress == PROGRESS_READY ? MEMBER_RETIRING : MEMBER_DROPPING);
        }
        return step;
}

/* ---------------------------------------------------------------- who is next */

/* Only what runs is restarted, and nothing that ends by itself when its work is done. */
static bool takes_part(const Engine *e, size_t i) {
        const Process *p = engine_get(e, i);

        assert(p->config); /* roll_forget() */
        return !p->removed && p->goal == GOAL_UP &&
               p->config->settings->type != PROCESS_TYPE_ONESHOT;
}

static RollStep begin(Roll *r, Member *m, const Engine *e) {
        RollStep step = { .kind = ROLL_RESTART, .process = m->process, .spare = SIZE_MAX };
        const Process *p;

        if (m->process == SIZE_MAX || !takes_part(e, m->process)) {
                set_state(r, m, MEMBER_SKIPPED);
                return (RollStep){ .kind = ROLL_WAIT };
        }
        p = engine_get(e, m->process);
        m->n_runs = p->n_runs;
        if (p->config->settings->surge && p->phase == PHASE_RUNNING && !p->next_config) {
                m->n_runs = 0;
                step.kind = ROLL_ADD_SPARE;
                set_state(r, m, MEMBER_ASKED);
        } else
                set_state(r, m, MEMBER_RESTARTING);
        return step;
}

RollStep roll_next(Roll *r, const Engine *e) {
        for (size_t k = 0; k < r->next; k++) {
                RollStep step = look_after(r, &r->members[k], e);

                if (step.kind != ROLL_WAIT)
                        return step;
        }
        while (!r->failed && !r->cancelled && r->next < r->n && r->n_under_way < r->parallel) {
                RollStep step = begin(r, &r->members[r->next++], e);

                if (step.kind != ROLL_WAIT)
                        return step;
        }
        return (RollStep){ .kind = r->n_under_way > 0 ? ROLL_WAIT : ROLL_OVER };
}

void roll_spare_added(Roll *r, size_t process, size_t spare) {
        for (size_t k = 0; k < r->next; k++) {
                Member *m = &r->members[k];

                if (m->process != process)
                        continue;
                assert(m->state == MEMBER_ASKED);
                m->spare = spare;
                set_state(r, m, spare == SIZE_MAX ? MEMBER_FAILED : MEMBER_SPARE);
        }
}

void roll_forget(Roll *r, size_t i) {
        for (size_t k = 0; k < r->n; k++) {
                Member *m = &r->members[k];

                if (m->process == i && m->state != MEMBER_DONE) {
                        m->process = SIZE_MAX;
                        if (m->state == MEMBER_RETIRING)
                                set_state(r, m, MEMBER_DONE);
                }
                if (m->spare == i) {
                        m->spare = SIZE_MAX;
                        if (m->state == MEMBER_DROPPING)
                                set_state(r, m, MEMBER_FAILED);
                }
        }
}

void roll_cancel(Roll *r) {
        r->cancelled = true;
}

bool roll_failed(const Roll *r) {
        return r->failed || r->cancelled;
}

RollFate roll_fate(const Roll *r, size_t k) {
        switch (r->members[k].state) {
        case MEMBER_PENDING:
        case MEMBER_SKIPPED:
                return ROLL_FATE_UNTOUCHED;
        case MEMBER_DONE:
                return ROLL_FATE_RESTARTED;
        case MEMBER_FAILED:
                return ROLL_FATE_FAILED;
        default:
                return ROLL_FATE_UNDER_WAY;
        }
}
