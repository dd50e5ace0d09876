/*
 * An engine whose actions are performed by writing them down, for its tests: "a STARTING, spawn a".
 * Time is a field that the test moves.
 */
#pragma once

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "core/engine.h"
#include "sample-config.h"

#define SEC USEC_PER_SEC
#define FAST_USEC (2 * SEC)

typedef struct Fixture {
        Engine *engine;
        uint64_t now;
        char text[4096];
} Fixture;

static const ProcessExit exit_done = { .kind = EXIT_STATUS, .value = 0 };
static const ProcessExit exit_failed = { .kind = EXIT_STATUS, .value = 3 };
static const ProcessExit exit_term = { .kind = EXIT_SIGNAL, .value = SIGTERM };
static const ProcessExit exit_kill = { .kind = EXIT_SIGNAL, .value = SIGKILL };

static inline Fixture fixture_new(void) {
        Fixture f = { .now = 100 * SEC };

        ShutdownRules rules = { .fast_usec = FAST_USEC, .timeout_usec = USEC_INFINITY };

        cr_assert_eq(engine_new(1, &rules, &f.engine), 0);
        return f;
}

static inline void fixture_done(Fixture *f) {
        f->engine = engine_free(f->engine);
}

#define FIXTURE(f) _cleanup_(fixture_done) Fixture f = fixture_new()

/* Takes @config. Its index in the table is its caller's business, who counts from 0. */
static inline void add(Fixture *f, ProcessConfig *config) {
        size_t i;

        cr_assert_eq(engine_add(f->engine, config, &i), 0);
        process_config_unref(config);
}

/* To be changed only before the process is started. */
static inline ProcessConfig *config_of(Fixture *f, size_t i) {
        return engine_get(f->engine, i)->config;
}

static inline Phase phase_of(const Fixture *f, size_t i) {
        return engine_get(f->engine, i)->phase;
}

static inline const char *signal_to_text(int signal) {
        return signal == 0 ? "0" : sigabbrev_np(signal);
}

static inline int action_to_text(Fixture *f, const Action *a, char *text, size_t size) {
        static const char *const hooks[] = { "no hook", "pre-start", "pre-stop", "post-stop" };
        static const char *const scopes[] = { "leader", "group", "tree" };
        const char *name = config_of(f, a->process)->name;

        switch (a->kind) {
        case ACTION_SPAWN:
                return snprintf(text, size, "spawn %s", name);
        case ACTION_SIGNAL:
                return snprintf(text, size, "%s to %s of %s", signal_to_text(a->signal),
                                scopes[a->scope], name);
        case ACTION_KILL:
                return snprintf(text, size, "kill %s of %s", scopes[a->scope], name);
        case ACTION_CHANGED:
                return snprintf(text, size, "%s %s", name, process_state_to_string(a->to));
        case ACTION_HOOK:
                return snprintf(text, size, "%s of %s", hooks[a->hook], name);
        case ACTION_HOOK_SIGNAL:
                return snprintf(text, size, "%s to hook of %s", signal_to_text(a->signal), name);
        case ACTION_WAITING:
                return snprintf(text, size, "%s waits", name);
        case ACTION_FOLLOWS:
                return snprintf(text, size, "%s follows", name);
        case ACTION_REMOVED:
                return snprintf(text, size, "%s removed", name);
        }
        return 0;
}

/* Take all actions and add them to the text; to be called after each call of the engine. */
static inline void take_actions(Fixture *f) {
        size_t n = strlen(f->text);
        Action a;

        while (engine_next_action(f->engine, f->now, &a)) {
                if (n > 0)
                        n += (size_t)snprintf(f->text + n, sizeof(f->text) - n, ", ");
                n += (size_t)action_to_text(f, &a, f->text + n, sizeof(f->text) - n);
                cr_assert_lt(n, sizeof(f->text));
                if (a.kind == ACTION_REMOVED)
                        engine_forget(f->engine, a.process);
        }
}

/* All actions since the last time were @expected. */
#define EXPECT(f, expected)                           \
        do {                                          \
                cr_expect_str_eq((f).text, expected); \
                (f).text[0] = '\0';                   \
        } while (0)

/* Processes "a", "b", … with the priorities @priorities, and their plan. */
static inline void add_all(Fixture *f, const char *priorities) {
        for (size_t i = 0; priorities[i]; i++) {
                ProcessConfig *c = sample_config((const char[]){ (char)('a' + i), '\0' });

                c->priority = priorities[i] - '0';
                add(f, c);
        }
        cr_assert_eq(engine_commit(f->engine, f->now), 0);
        take_actions(f);
}

static inline void start(Fixture *f, size_t i) {
        engine_start(f->engine, i, f->now);
        take_actions(f);
}

static inline void stop(Fixture *f, size_t i) {
        engine_stop(f->engine, i, f->now);
        take_actions(f);
}

static inline void restart(Fixture *f, size_t i) {
        engine_restart(f->engine, i, f->now);
        take_actions(f);
}

static inline void kill_now(Fixture *f, size_t i) {
        engine_kill(f->engine, i, f->now);
        take_actions(f);
}

static inline void shut_down(Fixture *f, ShutdownMode mode) {
        engine_shutdown(f->engine, mode, f->now);
        take_actions(f);
}

static inline void spawn_fails(Fixture *f, size_t i) {
        engine_spawn_failed(f->engine, i, ENOENT, f->now);
        take_actions(f);
}

static inline void remove_it(Fixture *f, size_t i) {
        engine_remove(f->engine, i, f->now);
        take_actions(f);
        cr_assert_eq(engine_commit(f->engine, f->now), 0);
        take_actions(f);
}

/* @config is taken. */
static inline void replace(Fixture *f, size_t i, ProcessConfig *config) {
        engine_replace(f->engine, i, config, f->now);
        process_config_unref(config);
        cr_assert_eq(engine_commit(f->engine, f->now), 0);
        take_actions(f);
}

static inline void exits(Fixture *f, size_t i, ProcessExit exit) {
        engine_exited(f->engine, i, exit, /* leftovers= */ false, f->now);
        take_actions(f);
}

static inline void exits_leaving(Fixture *f, size_t i, ProcessExit exit) {
        engine_exited(f->engine, i, exit, /* leftovers= */ true, f->now);
        take_actions(f);
}

static inline void empties(Fixture *f, size_t i) {
        engine_emptied(f->engine, i, f->now);
        take_actions(f);
}

static inline void hook_ends(Fixture *f, size_t i, int error) {
        engine_hook_ended(f->engine, i, error, f->now);
        take_actions(f);
}

/* Let @usec pass and every deadline on the way have its turn at its time. */
static inline void passes(Fixture *f, uint64_t usec) {
        uint64_t until = f->now + usec;

        while (engine_deadline(f->engine) <= until) {
                f->now = MAX(f->now, engine_deadline(f->engine));
                engine_elapsed(f->engine, f->now);
                take_actions(f);
        }
        f->now = until;
}

/* Bring @i to RUNNING; its actions are taken. */
static inline void run(Fixture *f, size_t i) {
        start(f, i);
        passes(f, SEC);
        cr_assert_eq(phase_of(f, i), PHASE_RUNNING);
        f->text[0] = '\0';
}
