/* Every phase x everything that can be ordered or happen, and the end of the tree after that. */
#include "config/keys/value-command.h"
#include "engine-fixture.h"

TestSuite(engine_states, .timeout = 20);

typedef enum Operation {
        STOP,
        START,
        RESTART,
        REPLACE,
        REMOVE,
        KILL,
        GRACEFUL,
        FAST,
        NOW,
        EXIT,
        LEAVE, /* the leader exits, something of its tree lives on */
        EMPTY,
        _OPERATION_MAX,
} Operation;

static const char *const names[_OPERATION_MAX] = {
        "stop",     "start",         "restart",      "replace", "remove",  "kill",
        "shutdown", "fast shutdown", "shutdown now", "exit",    "leaving", "emptied",
};

static void give_hook(Fixture *f, Phase phase) {
        char *why = NULL;
        ProcessConfig *c = config_of(f, 0);

        if (phase == PHASE_PREPARING || phase == PHASE_CANCELLING)
                cr_assert_eq(command_parse("x", &c->settings->pre_start, &why), 0);
        else if (phase == PHASE_DRAINING)
                cr_assert_eq(command_parse("x", &c->settings->pre_stop, &why), 0);
        else if (phase == PHASE_CLEANING)
                cr_assert_eq(command_parse("x", &c->settings->post_stop, &why), 0);
}

static void bring(Fixture *f, Phase phase) {
        add_all(f, "1");
        give_hook(f, phase);
        if (phase == PHASE_FATAL)
                config_of(f, 0)->settings->startretries = 0;
        if (phase == PHASE_STARTING || phase == PHASE_BACKOFF || phase == PHASE_FATAL ||
            phase == PHASE_PREPARING || phase == PHASE_CANCELLING)
                start(f, 0);
        else if (phase == PHASE_PAUSING) {
                config_of(f, 0)->settings->startsecs_usec = 0;
                start(f, 0);
                exits(f, 0, exit_failed);
        } else if (phase != PHASE_STOPPED)
                run(f, 0);

        if (phase == PHASE_BACKOFF || phase == PHASE_FATAL)
                exits(f, 0, exit_failed);
        else if (phase == PHASE_EXITED || phase == PHASE_CLEANING)
                exits(f, 0, exit_done);
        else if (phase == PHASE_STOPPING || phase == PHASE_CANCELLING || phase == PHASE_DRAINING)
                stop(f, 0);
        else if (phase == PHASE_CLEARING)
                exits_leaving(f, 0, exit_done);
        else if (phase == PHASE_KILLING)
                kill_now(f, 0);
        cr_assert_eq(phase_of(f, 0), phase);
        f->text[0] = '\0';
}

static void operate(Fixture *f, Operation operation) {
        switch (operation) {
        case STOP:
                stop(f, 0);
                return;
        case START:
                start(f, 0);
                return;
        case RESTART:
                restart(f, 0);
                return;
        case REPLACE:
                replace(f, 0, sample_config("a"));
                return;
        case REMOVE:
                remove_it(f, 0);
                return;
        case KILL:
                kill_now(f, 0);
                return;
        case GRACEFUL:
        case FAST:
        case NOW:
                shut_down(f, (ShutdownMode)(SHUTDOWN_GRACEFUL + (operation - GRACEFUL)));
                return;
        case EXIT:
                exits(f, 0, exit_done);
                return;
        case LEAVE:
                exits_leaving(f, 0, exit_done);
                return;
        case EMPTY:
                empties(f, 0);
                return;
        case _OPERATION_MAX:
                break;
        }
        cr_assert_fail();
}

typedef struct Expected {
        const char *at_once;
        const char *after_its_end; /* NULL: it has no child after the operation */
} Expected;

static void check(Phase phase, const Expected expected[static _OPERATION_MAX]) {
        for (Operation o = 0; o < _OPERATION_MAX; o++) {
                FIXTURE(f);
                const Process *p;

                bring(&f, phase);
                operate(&f, o);
                cr_expect_str_eq(f.text, expected[o].at_once, "%s: %s", names[o], f.text);
                f.text[0] = '\0';

                p = engine_get(f.engine, 0);
                cr_expect_eq(phase_has_child(p->phase), expected[o].after_its_end != NULL, "%s",
                             names[o]);
                if (!phase_has_child(p->phase) || !expected[o].after_its_end)
                        continue;
                if (p->run.hook != HOOK_NONE)
                        hook_ends(&f, 0, 0);
                else if (p->run.leader_gone)
                        empties(&f, 0);
                else
                        exits(&f, 0, exit_term);
                cr_expect_str_eq(f.text, expected[o].after_its_end, "after %s: %s", names[o],
                                 f.text);
        }
}

#define SPAWN "a STARTING, spawn a"
#define ASK "a STOPPING, TERM to leader of a"
#define CLEAR "a STOPPING, TERM to tree of a"
#define CANCEL "a STOPPING, TERM to hook of a"
#define KILLED "a STOPPING, kill tree of a"

/* clang-format off */
/* Nothing of it is there: it can be removed, and nothing else happens. */
#define REST                                                                                       \
        [REMOVE]    = { "a removed", NULL },                                                       \
        [KILL]      = { "", NULL },                                                                \
        [GRACEFUL]  = { "", NULL },                                                                \
        [FAST]      = { "", NULL },                                                                \
        [NOW]       = { "", NULL },                                                                \
        [EXIT]      = { "", NULL },                                                                \
        [LEAVE]     = { "", NULL },                                                                \
        [EMPTY]     = { "", NULL }

static const Expected stopped[_OPERATION_MAX] = {
        [STOP]      = { "", NULL },
        [START]     = { SPAWN, "a BACKOFF" },
        [RESTART]   = { SPAWN, "a BACKOFF" },
        [REPLACE]   = { "", NULL },
        REST,
};
static const Expected starting[_OPERATION_MAX] = {
        [STOP]      = { ASK, "a STOPPED" },
        [START]     = { "", "a BACKOFF" },
        [RESTART]   = { ASK, "a STOPPED, " SPAWN },
        [REPLACE]   = { ASK, "a STOPPED, " SPAWN },
        [REMOVE]    = { ASK, "a STOPPED, a removed" },
        [KILL]      = { KILLED, "a STOPPED" },
        [GRACEFUL]  = { ASK, "a STOPPED" },
        [FAST]      = { ASK, "a STOPPED" },
        [NOW]       = { KILLED, "a STOPPED" },
        [EXIT]      = { "a BACKOFF", NULL },
        [LEAVE]     = { CLEAR, "a BACKOFF" },
        [EMPTY]     = { "", "a BACKOFF" },
};
static const Expected running[_OPERATION_MAX] = {
        [STOP]      = { ASK, "a STOPPED" },
        [START]     = { "", "a EXITED, " SPAWN },
        [RESTART]   = { ASK, "a STOPPED, " SPAWN },
        [REPLACE]   = { ASK, "a STOPPED, " SPAWN },
        [REMOVE]    = { ASK, "a STOPPED, a removed" },
        [KILL]      = { KILLED, "a STOPPED" },
        [GRACEFUL]  = { ASK, "a STOPPED" },
        [FAST]      = { ASK, "a STOPPED" },
        [NOW]       = { KILLED, "a STOPPED" },
        [EXIT]      = { "a EXITED", NULL },
        [LEAVE]     = { CLEAR, "a EXITED" },
        [EMPTY]     = { "", "a EXITED, " SPAWN },
};
static const Expected backoff[_OPERATION_MAX] = {
        [STOP]      = { "a STOPPED", NULL },
        [START]     = { SPAWN, "a BACKOFF" },
        [RESTART]   = { "a STOPPED, " SPAWN, "a BACKOFF" },
        [REPLACE]   = { "a STOPPED, " SPAWN, "a BACKOFF" },
        [REMOVE]    = { "a STOPPED, a removed", NULL },
        [KILL]      = { "a STOPPED", NULL },
        [GRACEFUL]  = { "a STOPPED", NULL },
        [FAST]      = { "a STOPPED", NULL },
        [NOW]       = { "a STOPPED", NULL },
        [EXIT]      = { "", NULL },
        [LEAVE]     = { "", NULL },
        [EMPTY]     = { "", NULL },
};
static const Expected stopping[_OPERATION_MAX] = {
        [STOP]      = { "", "a STOPPED" },
        [START]     = { "", "a STOPPED, " SPAWN },
        [RESTART]   = { "", "a STOPPED, " SPAWN },
        [REPLACE]   = { "", "a STOPPED" },
        [REMOVE]    = { "", "a STOPPED, a removed" },
        [KILL]      = { "kill tree of a", "a STOPPED" },
        [GRACEFUL]  = { "", "a STOPPED" },
        [FAST]      = { "", "a STOPPED" },
        [NOW]       = { "kill tree of a", "a STOPPED" },
        [EXIT]      = { "a STOPPED", NULL },
        [LEAVE]     = { "TERM to tree of a", "a STOPPED" },
        [EMPTY]     = { "", "a STOPPED" },
};
static const Expected clearing[_OPERATION_MAX] = {
        [STOP]      = { "", "a STOPPED" },
        [START]     = { "", "a EXITED, " SPAWN },
        [RESTART]   = { "", "a STOPPED, " SPAWN },
        [REPLACE]   = { "", "a STOPPED, " SPAWN },
        [REMOVE]    = { "", "a STOPPED, a removed" },
        [KILL]      = { "kill tree of a", "a STOPPED" },
        [GRACEFUL]  = { "", "a STOPPED" },
        [FAST]      = { "", "a STOPPED" },
        [NOW]       = { "kill tree of a", "a STOPPED" },
        [EXIT]      = { "a EXITED", NULL },
        [LEAVE]     = { "", "a EXITED" },
        [EMPTY]     = { "a EXITED", NULL },
};
static const Expected killing[_OPERATION_MAX] = {
        [STOP]      = { "", "a STOPPED" },
        [START]     = { "", "a STOPPED, " SPAWN },
        [RESTART]   = { "", "a STOPPED, " SPAWN },
        [REPLACE]   = { "", "a STOPPED" },
        [REMOVE]    = { "", "a STOPPED, a removed" },
        [KILL]      = { "kill tree of a", "a STOPPED" },
        [GRACEFUL]  = { "", "a STOPPED" },
        [FAST]      = { "", "a STOPPED" },
        [NOW]       = { "kill tree of a", "a STOPPED" },
        [EXIT]      = { "a STOPPED", NULL },
        [LEAVE]     = { "", "a STOPPED" },
        [EMPTY]     = { "", "a STOPPED" },
};
static const Expected preparing[_OPERATION_MAX] = {
        [STOP]      = { CANCEL, "a STOPPED" },
        [START]     = { "", "spawn a" },
        [RESTART]   = { CANCEL, "a STOPPED, a STARTING, pre-start of a" },
        [REPLACE]   = { CANCEL, "a STOPPED, " SPAWN },
        [REMOVE]    = { CANCEL, "a STOPPED, a removed" },
        [KILL]      = { "a STOPPING, KILL to hook of a", "a STOPPED" },
        [GRACEFUL]  = { CANCEL, "a STOPPED" },
        [FAST]      = { CANCEL, "a STOPPED" },
        [NOW]       = { "a STOPPING, KILL to hook of a", "a STOPPED" },
        [EXIT]      = { "", "spawn a" },
        [LEAVE]     = { "", "spawn a" },
        [EMPTY]     = { "", "spawn a" },
};
static const Expected cancelling[_OPERATION_MAX] = {
        [STOP]      = { "", "a STOPPED" },
        [START]     = { "", "a STOPPED, a STARTING, pre-start of a" },
        [RESTART]   = { "", "a STOPPED, a STARTING, pre-start of a" },
        [REPLACE]   = { "", "a STOPPED" },
        [REMOVE]    = { "", "a STOPPED, a removed" },
        [KILL]      = { "KILL to hook of a", "a STOPPED" },
        [GRACEFUL]  = { "", "a STOPPED" },
        [FAST]      = { "", "a STOPPED" },
        [NOW]       = { "KILL to hook of a", "a STOPPED" },
        [EXIT]      = { "", "a STOPPED" },
        [LEAVE]     = { "", "a STOPPED" },
        [EMPTY]     = { "", "a STOPPED" },
};
static const Expected draining[_OPERATION_MAX] = {
        [STOP]      = { "", "TERM to leader of a" },
        [START]     = { "", "TERM to leader of a" },
        [RESTART]   = { "", "TERM to leader of a" },
        [REPLACE]   = { "", "TERM to leader of a" },
        [REMOVE]    = { "", "TERM to leader of a" },
        [KILL]      = { "KILL to hook of a, kill tree of a", "" },
        [GRACEFUL]  = { "", "TERM to leader of a" },
        [FAST]      = { "", "TERM to leader of a" },
        [NOW]       = { "KILL to hook of a, kill tree of a", "" },
        [EXIT]      = { "", "a STOPPED" },
        [LEAVE]     = { "TERM to tree of a", "" },
        [EMPTY]     = { "", "TERM to leader of a" },
};
static const Expected cleaning[_OPERATION_MAX] = {
        [STOP]      = { "", "a STOPPED" },
        [START]     = { "", "a EXITED, " SPAWN },
        [RESTART]   = { "", "a STOPPED, " SPAWN },
        [REPLACE]   = { "", "a STOPPED, " SPAWN },
        [REMOVE]    = { "", "a STOPPED, a removed" },
        [KILL]      = { "KILL to hook of a", "a STOPPED" },
        [GRACEFUL]  = { "", "a STOPPED" },
        [FAST]      = { "", "a STOPPED" },
        [NOW]       = { "KILL to hook of a", "a STOPPED" },
        [EXIT]      = { "", "a EXITED" },
        [LEAVE]     = { "", "a EXITED" },
        [EMPTY]     = { "", "a EXITED" },
};
static const Expected exited[_OPERATION_MAX] = {
        [STOP]      = { "", NULL },
        [START]     = { SPAWN, "a BACKOFF" },
        [RESTART]   = { SPAWN, "a BACKOFF" },
        [REPLACE]   = { SPAWN, "a BACKOFF" },
        REST,
};
static const Expected pausing[_OPERATION_MAX] = {
        [STOP]      = { "", NULL },
        [START]     = { SPAWN, "a RUNNING, a EXITED" },
        [RESTART]   = { SPAWN, "a RUNNING, a EXITED" },
        [REPLACE]   = { SPAWN, "a BACKOFF" },
        REST,
};
static const Expected fatal[_OPERATION_MAX] = {
        [STOP]      = { "", NULL },
        [START]     = { SPAWN, "a FATAL" },
        [RESTART]   = { SPAWN, "a FATAL" },
        [REPLACE]   = { SPAWN, "a BACKOFF" },
        REST,
};
/* clang-format on */

Test(engine_states, stopped_starts_only_by_order) {
        check(PHASE_STOPPED, stopped);
}

Test(engine_states, preparing_spawns_only_if_nobody_has_stopped_it) {
        check(PHASE_PREPARING, preparing);
}

Test(engine_states, cancelling_waits_for_the_hook_to_end) {
        check(PHASE_CANCELLING, cancelling);
}

Test(engine_states, draining_asks_the_program_when_the_hook_is_over) {
        check(PHASE_DRAINING, draining);
}

Test(engine_states, cleaning_leads_where_the_end_of_the_run_would_have) {
        check(PHASE_CLEANING, cleaning);
}

Test(engine_states, starting_fails_if_it_ends_unasked) {
        check(PHASE_STARTING, starting);
}

Test(engine_states, running_comes_again_if_it_ends_unasked_and_unexpected) {
        check(PHASE_RUNNING, running);
}

Test(engine_states, backoff_has_nobody_to_wait_for) {
        check(PHASE_BACKOFF, backoff);
}

Test(engine_states, stopping_ends_as_stopped_whatever_comes) {
        check(PHASE_STOPPING, stopping);
}

Test(engine_states, clearing_ends_as_exited_unless_somebody_wants_it_down) {
        check(PHASE_CLEARING, clearing);
}

Test(engine_states, killing_ends_as_stopped_and_starts_only_by_order) {
        check(PHASE_KILLING, killing);
}

Test(engine_states, exited_stays_until_somebody_starts_it) {
        check(PHASE_EXITED, exited);
}

Test(engine_states, fatal_stays_until_somebody_starts_it) {
        check(PHASE_FATAL, fatal);
}

Test(engine_states, pausing_is_exited_until_somebody_or_its_time_starts_it) {
        check(PHASE_PAUSING, pausing);
}
