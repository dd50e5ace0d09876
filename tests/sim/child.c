#include "child.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>

/* Few different times, so that many things fall together: with each other, with startsecs, with
 * the end of a grace. */
static uint64_t pick_life(Random *r) {
        static const uint64_t lives[] = { 0,       1,       MSEC,    SEC - 1,      SEC,
                                          SEC + 1, 5 * SEC, 9 * SEC, 60 * SEC * 5, 3600 * SEC };

        return random_one_in(r, 3) ? UINT64_MAX : RANDOM_PICK(r, lives);
}

static uint64_t pick_reaction(Random *r) {
        static const uint64_t reactions[] = { 0, 1, 10 * MSEC, SEC - 1, SEC, SEC + 1, 10 * SEC };

        return random_one_in(r, 3) ? UINT64_MAX : RANDOM_PICK(r, reactions);
}

static ProcessExit pick_exit(Random *r) {
        if (random_one_in(r, 4))
                return (ProcessExit){ EXIT_SIGNAL, SIGSEGV, random_one_in(r, 2) };
        return (ProcessExit){ EXIT_STATUS, (int16_t)random_below(r, 3), false };
}

static uint64_t later(uint64_t now_usec, uint64_t usec) {
        return usec == UINT64_MAX ? UINT64_MAX : now_usec + usec;
}

static void spawn_starter(Child *c, Random *r, uint64_t now_usec) {
        static const uint64_t delays[] = { 0, 1, 10 * MSEC, SEC, 3 * SEC };

        c->starter = true;
        c->leader_usec = random_one_in(r, 8) ? UINT64_MAX : now_usec + RANDOM_PICK(r, delays);
        c->main_usec = random_one_in(r, 4) ? UINT64_MAX : now_usec + RANDOM_PICK(r, delays);
        c->main_lives = pick_life(r);
        if (!random_one_in(r, 5)) {
                c->exit = (ProcessExit){ EXIT_STATUS, 0, false };
                c->leaves = true;
        }
        if (!c->leaves)
                c->main_usec = UINT64_MAX;
        c->leftovers = c->leaves;
        c->leftovers_usec = later(now_usec, c->leftovers_live);
}

bool virtual_spawn(Child *c,
                   const ProcessConfig *config,
                   bool may_hang,
                   Random *r,
                   uint64_t now_usec) {
        *c = (Child){
                .spawn_usec = UINT64_MAX,
                .leftovers_usec = UINT64_MAX,
                .main_usec = UINT64_MAX,
                .ready_usec = UINT64_MAX,
                .talks_usec = UINT64_MAX,
                .exit = { EXIT_SPAWN_FAILED, ENOENT, false },
        };
        if (random_one_in(r, 10))
                return false;

        c->leader = true;
        if (random_one_in(r, 3)) {
                c->spawning = true;
                c->spawn_usec = now_usec + (random_one_in(r, 2) ? 0 : MSEC);
                c->spawn_fails = random_one_in(r, 6);
        }
        if (c->spawn_fails)
                return true;

        c->exit = pick_exit(r);
        c->leader_usec = later(now_usec, pick_life(r));
        c->leader_hears = pick_reaction(r);
        c->leftovers_hear = pick_reaction(r);
        c->kill_takes = random_below(r, KILL_USEC);
        if (may_hang && random_one_in(r, 4))
                c->kill_takes = KILL_HUNG_USEC;
        c->leaves = random_one_in(r, 3);
        c->leftovers_live = pick_life(r);
        c->leaves_in_group = random_one_in(r, 2);
        if (config->settings->type == PROCESS_TYPE_FORKING)
                spawn_starter(c, r, now_usec);
        return true;
}

bool virtual_is_empty(const Child *c) {
        return !c->leader && !c->leftovers;
}

uint64_t virtual_next_usec(const Child *c) {
        uint64_t next = UINT64_MAX;

        if (c->spawning)
                return c->spawn_usec;
        if (c->leader)
                next = MIN(c->leader_usec, MIN(c->ready_usec, c->talks_usec));
        if (c->leftovers)
                next = MIN(next, c->leftovers_usec);
        if (c->leftovers && c->starter && !c->leader)
                next = MIN(next, c->main_usec);
        return next;
}

static ChildEvent leader_ends(Child *c, uint64_t now_usec) {
        bool done = c->exit.kind == EXIT_STATUS && c->exit.value == 0;

        c->leader = false;
        c->leader_usec = UINT64_MAX;
        if (!c->starter) {
                c->leftovers = c->leaves;
                c->leftovers_usec = later(now_usec, c->leftovers_live);
        }
        return c->starter && c->leftovers && done ? CHILD_STARTER_GONE : CHILD_EXITED;
}

static ChildEvent leader_talks(Child *c, uint64_t now_usec) {
        static const uint64_t pauses[] = { 1, MSEC, SEC / 2, SEC, 3 * SEC, 10 * SEC };
        Random r = random_for(now_usec, c->n_says++);

        if (c->ready_usec <= now_usec) {
                c->ready_usec = UINT64_MAX;
                c->says = SAYS_READY;
                return CHILD_SAYS;
        }
        c->says = (Saying)random_below(&r, _SAYS_MAX);
        if (c->says == SAYS_RELOADING)
                c->ready_usec = later(now_usec, RANDOM_PICK(&r, pauses));
        c->talks_usec = random_one_in(&r, 8) ? UINT64_MAX : now_usec + RANDOM_PICK(&r, pauses);
        return CHILD_SAYS;
}

ChildEvent virtual_happen(Child *c, uint64_t now_usec) {
        if (c->spawning) {
                c->spawning = false;
                if (!c->spawn_fails)
                        return CHILD_SPAWNED;
                c->leader = false;
                return CHILD_SPAWN_FAILED;
        }
        if (c->starter && !c->leader && c->leftovers && c->main_usec <= now_usec) {
                c->starter = c->leaves = c->leftovers = false;
                c->leader = true;
                c->leader_usec = MIN(later(now_usec, c->main_lives), c->leftovers_usec);
                c->leftovers_usec = UINT64_MAX;
                c->exit = (ProcessExit){ EXIT_STATUS, 1, false };
                return CHILD_MAIN_FOUND;
        }
        if (c->leader && c->leader_usec <= now_usec)
                return leader_ends(c, now_usec);
        if (c->leader && MIN(c->ready_usec, c->talks_usec) <= now_usec)
                return leader_talks(c, now_usec);

        assert(c->leftovers && c->leftovers_usec <= now_usec);
        c->leftovers = false;
        return c->leader ? CHILD_NOTHING : CHILD_EMPTIED;
}

static void leader_hit(Child *c, int signal, uint64_t usec) {
        if (!c->leader || c->spawn_fails || usec >= c->leader_usec)
                return;
        c->leader_usec = usec;
        c->exit = (ProcessExit){ EXIT_SIGNAL, (int16_t)signal, false };
}

void virtual_signal(Child *c, const Action *action, uint64_t now_usec) {
        bool kills = action->kind == ACTION_KILL;
        bool rest =
                action->scope == SCOPE_TREE || (action->scope == SCOPE_GROUP && c->leaves_in_group);

        if (action->signal == 0)
                return;
        leader_hit(c, action->signal, later(now_usec, kills ? c->kill_takes : c->leader_hears));
        if (!rest)
                return;
        if (kills && !c->starter && c->leader) /* what it would leave behind dies with it */
                c->leaves = false;
        if (c->leftovers)
                c->leftovers_usec = MIN(c->leftovers_usec,
                                        later(now_usec, kills ? c->kill_takes : c->leftovers_hear));
}

void virtual_talk(Child *c, Random *r, uint64_t now_usec) {
        static const uint64_t delays[] = { 0, 1, MSEC, SEC, 2 * SEC, 2 * SEC - 1, 5 * SEC };

        if (!random_one_in(r, 4))
                c->ready_usec = now_usec + RANDOM_PICK(r, delays);
        if (random_one_in(r, 3))
                c->talks_usec = now_usec + RANDOM_PICK(r, delays);
}

bool virtual_hook_begin(Hook *h, HookKind kind, Random *r, uint64_t now_usec) {
        static const uint64_t times[] = { 0, 1, MSEC, SEC - 1, SEC, 3 * SEC, 20 * SEC };

        *h = (Hook){
                .kind = kind,
                .error = random_one_in(r, 5) ? ECANCELED : 0,
                .end_usec = random_one_in(r, 6) ? UINT64_MAX : now_usec + RANDOM_PICK(r, times),
                .hears = pick_reaction(r),
                .kill_takes = random_below(r, KILL_USEC),
                .limit_usec = UINT64_MAX,
        };
        if (random_one_in(r, 12)) {
                h->error = ENOENT;
                return false;
        }
        h->runs = true;
        return true;
}

void virtual_hook_signal(Hook *h, int signal, uint64_t now_usec) {
        uint64_t usec = later(now_usec, signal == SIGKILL ? h->kill_takes : h->hears);

        if (usec >= h->end_usec)
                return;
        h->end_usec = usec;
        h->error = ECANCELED;
}
