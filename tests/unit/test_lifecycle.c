#include <criterion/criterion.h>
#include <string.h>

#include "core/lifecycle.h"
#include "sample-config.h"

TestSuite(lifecycle, .timeout = 20);

#define SAME _PHASE_MAX /* stays where it is */

/* clang-format off */
#define ___     { SAME,           DO_NOTHING }
#define SPAWN   { PHASE_STARTING, DO_SPAWN   }
#define ASK     { PHASE_STOPPING, DO_ASK     }
#define CLEAR   { PHASE_CLEARING, DO_CLEAR   }
#define KILL    { PHASE_KILLING,  DO_KILL    }
#define UP      { PHASE_RUNNING,  DO_NOTHING }
#define DOWN    { PHASE_STOPPED,  DO_NOTHING }
#define DONE    { PHASE_EXITED,   DO_NOTHING }
#define PAUSE   { PHASE_PAUSING,  DO_NOTHING }
#define WAIT    { PHASE_BACKOFF,  DO_NOTHING }
#define GIVE_UP { PHASE_FATAL,    DO_NOTHING }

#define PREPARE { PHASE_PREPARING,  DO_HOOK      }
#define CANCEL  { PHASE_CANCELLING, DO_END_HOOK  }
#define CUT     { PHASE_CANCELLING, DO_KILL_HOOK }
#define DRAIN   { PHASE_DRAINING,   DO_HOOK      }
#define CLEAN   { PHASE_CLEANING,   DO_HOOK      }
#define HASTE   { PHASE_CLEANING,   DO_KILL_HOOK }

static const Transition expected[_PHASE_MAX][_EVENT_MAX] = {
        /*                    PREPARE  START  DRAIN  STOP    KILL   UP   LATE    LEFT   CLEAN  ENDED_STOPPED EXITED PAUSE RETRY FATAL */
        [PHASE_STOPPED]    = { PREPARE, SPAWN, ___,   ___,    ___,   ___, ___,    ___,   ___,   ___,  ___,  ___,   ___,  ___     },
        [PHASE_PREPARING]  = { ___,     SPAWN, ___,   CANCEL, CUT,   ___, CANCEL, ___,   CLEAN, DOWN, DONE, PAUSE, WAIT, GIVE_UP },
        [PHASE_STARTING]   = { ___,     ___,   ___,   ASK,    KILL,  UP,  ASK,    CLEAR, CLEAN, DOWN, DONE, PAUSE, WAIT, GIVE_UP },
        [PHASE_RUNNING]    = { ___,     ___,   DRAIN, ASK,    KILL,  ___, ASK,    CLEAR, CLEAN, DOWN, DONE, PAUSE, WAIT, GIVE_UP },
        [PHASE_BACKOFF]    = { PREPARE, SPAWN, ___,   DOWN,   ___,   ___, ___,    ___,   ___,   ___,  ___,  ___,   ___,  ___     },
        [PHASE_CANCELLING] = { ___,     ___,   ___,   ___,    CUT,   ___, ___,    ___,   CLEAN, DOWN, DONE, PAUSE, WAIT, GIVE_UP },
        [PHASE_DRAINING]   = { ___,     ___,   ___,   ASK,    KILL,  ___, ___,    CLEAR, CLEAN, DOWN, DONE, PAUSE, WAIT, GIVE_UP },
        [PHASE_STOPPING]   = { ___,     ___,   ___,   ___,    KILL,  ___, ___,    CLEAR, CLEAN, DOWN, DONE, PAUSE, WAIT, GIVE_UP },
        [PHASE_CLEARING]   = { ___,     ___,   ___,   ___,    KILL,  ___, ___,    ___,   CLEAN, DOWN, DONE, PAUSE, WAIT, GIVE_UP },
        [PHASE_KILLING]    = { ___,     ___,   ___,   ___,    KILL,  ___, ___,    ___,   CLEAN, DOWN, DONE, PAUSE, WAIT, GIVE_UP },
        [PHASE_CLEANING]   = { ___,     ___,   ___,   ___,    HASTE, ___, ___,    ___,   ___,   DOWN, DONE, PAUSE, WAIT, GIVE_UP },
        [PHASE_EXITED]     = { PREPARE, SPAWN, ___,   ___,    ___,   ___, ___,    ___,   ___,   ___,  ___,  ___,   ___,  ___     },
        [PHASE_PAUSING]    = { PREPARE, SPAWN, ___,   DONE,   ___,   ___, ___,    ___,   ___,   ___,  ___,  ___,   ___,  ___     },
        [PHASE_FATAL]      = { PREPARE, SPAWN, ___,   ___,    ___,   ___, ___,    ___,   ___,   ___,  ___,  ___,   ___,  ___     },
};
/* clang-format on */

_Static_assert(_PHASE_MAX == 14 && _EVENT_MAX == 14, "the table above knows all phases and events");

static bool is_end(LifecycleEvent event) {
        return event >= EVENT_ENDED_STOPPED;
}

Test(lifecycle, gives_the_written_transition_in_each_cell) {
        for (int p = 0; p < _PHASE_MAX; p++)
                for (int e = 0; e < _EVENT_MAX; e++) {
                        Transition want = expected[p][e], got = lifecycle_next(p, e);

                        if (want.phase == SAME)
                                want.phase = p;
                        cr_expect(got.phase == want.phase && got.action == want.action,
                                  "%s in %s leads to %s with action %d",
                                  lifecycle_event_to_string(e), phase_to_string(p),
                                  phase_to_string(got.phase), (int)got.action);
                }
}

Test(lifecycle, leaves_a_phase_with_a_child_only_when_its_tree_is_empty) {
        for (int p = 0; p < _PHASE_MAX; p++)
                for (int e = 0; e < _EVENT_MAX; e++)
                        if (phase_has_child(p))
                                cr_expect_eq(phase_has_child(lifecycle_next(p, e).phase),
                                             !is_end(e), "%s in %s", lifecycle_event_to_string(e),
                                             phase_to_string(p));
}

Test(lifecycle, spawns_only_on_start_and_only_without_a_child) {
        for (int p = 0; p < _PHASE_MAX; p++)
                for (int e = 0; e < _EVENT_MAX; e++) {
                        Transition next = lifecycle_next(p, e);
                        bool spawns = next.action == DO_SPAWN;

                        cr_expect_eq(spawns,
                                     e == EVENT_START &&
                                             (!phase_has_child(p) || p == PHASE_PREPARING),
                                     "%s in %s", lifecycle_event_to_string(e), phase_to_string(p));
                        cr_expect_eq(spawns, !phase_has_tree(p) && phase_has_tree(next.phase));
                }
}

Test(lifecycle, signals_only_what_has_a_child) {
        for (int p = 0; p < _PHASE_MAX; p++)
                for (int e = 0; e < _EVENT_MAX; e++) {
                        LifecycleAction action = lifecycle_next(p, e).action;

                        if (action == DO_ASK || action == DO_CLEAR || action == DO_KILL)
                                cr_expect(phase_has_tree(p));
                }
}

Test(lifecycle, never_returns_from_an_end_that_has_begun) {
        for (int p = 0; p < _PHASE_MAX; p++)
                for (int e = 0; e < _EVENT_MAX; e++) {
                        Phase next = lifecycle_next(p, e).phase;

                        if (phase_is_ending(p) && phase_has_child(next))
                                cr_expect(phase_is_ending(next) && next >= p,
                                          "%s in %s leads back to %s", lifecycle_event_to_string(e),
                                          phase_to_string(p), phase_to_string(next));
                }
}

Test(lifecycle, kills_only_when_told_to_or_when_something_survives_a_kill) {
        for (int p = 0; p < _PHASE_MAX; p++)
                for (int e = 0; e < _EVENT_MAX; e++)
                        if (lifecycle_next(p, e).action == DO_KILL)
                                cr_expect(e == EVENT_KILL || p == PHASE_KILLING);
}

Test(lifecycle, can_be_brought_down_and_up_again_from_every_phase) {
        for (int p = 0; p < _PHASE_MAX; p++) {
                Phase now = lifecycle_next(p, EVENT_STOP).phase;

                now = lifecycle_next(now, EVENT_KILL).phase;
                now = lifecycle_next(now, EVENT_ENDED_STOPPED).phase;
                cr_expect_not(phase_has_child(now));
                cr_expect_eq(lifecycle_next(now, EVENT_START).phase, PHASE_STARTING);
        }
}

Test(lifecycle, calls_off_by_a_stop_what_would_come_back_by_itself) {
        for (int p = 0; p < _PHASE_MAX; p++) {
                Phase next = lifecycle_next(p, EVENT_STOP).phase;

                cr_expect_eq(phase_comes_back(p), !phase_has_child(p) && next != p, "%s",
                             phase_to_string(p));
                cr_expect_not(phase_comes_back(next));
        }
}

Test(lifecycle, keeps_its_rules_on_long_random_walks) {
        uint64_t random = 1;
        bool child = false, running = false;
        Phase phase = PHASE_STOPPED;

        for (unsigned i = 0; i < 1000000; i++) {
                LifecycleEvent event = (LifecycleEvent)(sample_random(&random) % _EVENT_MAX);
                Transition next = lifecycle_next(phase, event);

                if (next.action == DO_SPAWN || next.phase == PHASE_PREPARING) {
                        cr_assert(!child || phase == PHASE_PREPARING);
                        child = true;
                        running = false;
                }
                if (is_end(event))
                        child = false;
                if (next.phase == PHASE_RUNNING && phase != PHASE_RUNNING) {
                        cr_assert_not(running, "RUNNING twice in one run");
                        running = true;
                }
                phase = next.phase;
                cr_assert_eq(phase_has_child(phase), child);
        }
}

Test(lifecycle, shows_the_states_and_codes_of_pythons_supervisor) {
        static const struct {
                const char *name;
                int code;
        } states[_STATE_MAX] = {
                { "STOPPED", 0 },   { "STARTING", 10 }, { "RUNNING", 20 }, { "BACKOFF", 30 },
                { "STOPPING", 40 }, { "EXITED", 100 },  { "FATAL", 200 },
        };

        for (int s = 0; s < _STATE_MAX; s++) {
                cr_expect_str_eq(process_state_to_string(s), states[s].name);
                cr_expect_eq(process_state_to_code(s), states[s].code);
        }
}

Test(lifecycle, shows_all_phases_of_an_end_as_stopping) {
        static const ProcessState states[_PHASE_MAX] = {
                STATE_STOPPED,  STATE_STARTING, STATE_STARTING, STATE_RUNNING,  STATE_BACKOFF,
                STATE_STOPPING, STATE_STOPPING, STATE_STOPPING, STATE_STOPPING, STATE_STOPPING,
                STATE_STOPPING, STATE_EXITED,   STATE_EXITED,   STATE_FATAL,
        };

        for (int p = 0; p < _PHASE_MAX; p++) {
                cr_expect_eq(phase_to_state(p), states[p]);
                cr_expect_eq(phase_is_ending(p), states[p] == STATE_STOPPING);
        }
}

Test(lifecycle, has_a_name_of_its_own_for_each_phase_and_event) {
        for (int a = 0; a < _PHASE_MAX; a++)
                for (int b = 0; b < a; b++)
                        cr_expect_str_neq(phase_to_string(a), phase_to_string(b));
        for (int a = 0; a < _EVENT_MAX; a++)
                for (int b = 0; b < a; b++)
                        cr_expect_str_neq(lifecycle_event_to_string(a),
                                          lifecycle_event_to_string(b));
}
