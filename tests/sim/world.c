#include "world.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "laws.h"
#include "rolls.h"
#include "rules.h"

/* 31 years are enough, and leave room for the sum of any two times. */
#define UPTIME_MAX_USEC (UINT64_C(1000000000) * SEC)

void world_trace(const World *w, const char *format, ...) {
        va_list args;

        if (!w->trace)
                return;
        printf("%12.6f  step %-4u ", (double)w->now_usec / (double)SEC, w->step);
        va_start(args, format);
        (void)vprintf(format, args); /* a trace that cannot be written is not worth a failure */
        va_end(args);
        putchar('\n');
}

void world_break(World *w, size_t process, const char *rule) {
        if (world_is_broken(w))
                return;
        if (process == SIZE_MAX)
                snprintf(w->broken, sizeof(w->broken), "%s", rule);
        else
                snprintf(w->broken, sizeof(w->broken), "%s (process %zu)", rule, process);
        world_trace(w, "BROKEN: %s", w->broken);
}

void world_watch(World *w, size_t i, ProcessConfig *config) {
        w->watches[i] = (Watch){
                .used = true,
                .letter = config->name[0],
                .latest = config,
                .n_runs = w->watches[i].n_runs,
        };
}

static const char *scope_to_string(SignalScope scope) {
        return scope == SCOPE_LEADER ? "leader" : scope == SCOPE_GROUP ? "group" : "tree";
}

static void trace_action(const World *w, const Action *a) {
        switch (a->kind) {
        case ACTION_SPAWN:
                world_trace(w, "        spawn %u", a->process);
                break;
        case ACTION_SIGNAL:
        case ACTION_KILL:
                world_trace(w, "        signal %d to the %s of %u", a->signal,
                            scope_to_string(a->scope), a->process);
                break;
        case ACTION_CHANGED:
                world_trace(w, "        %u is %s", a->process, process_state_to_string(a->to));
                break;
        case ACTION_HOOK:
                world_trace(w, "        hook %d of %u", (int)a->hook, a->process);
                break;
        case ACTION_HOOK_SIGNAL:
                world_trace(w, "        signal %d to the hook of %u", a->signal, a->process);
                break;
        case ACTION_WAITING:
                world_trace(w, "        %u waits for %u", a->process, a->other);
                break;
        case ACTION_FOLLOWS:
                world_trace(w, "        %u follows %u", a->process, a->other);
                break;
        case ACTION_REMOVED:
                world_trace(w, "        %u is removed", a->process);
                break;
        }
}

static void perform_spawn(World *w, size_t i) {
        Watch *p = &w->watches[i];
        Random r = random_for(w->seed, (i + 1) << 32 | ++p->n_runs);
        const ProcessConfig *config = engine_get(w->engine, i)->config;

        p->started = true;
        if (virtual_spawn(&p->child, config, w->hung, &r, w->now_usec)) {
                if (w->rich)
                        virtual_talk(&p->child, &r, w->now_usec);
                return;
        }
        world_trace(w, "%zu: spawn fails", i);
        w->surprised = true;
        rules_before_end(w, i, p->child.exit);
        w->n_events++;
        engine_spawn_failed(w->engine, i, p->child.exit.value, w->now_usec);
}

static void perform_hook(World *w, const Action *a) {
        Watch *p = &w->watches[a->process];
        Random r = random_for(w->seed, ((uint64_t)a->process + 101) << 32 | ++p->n_hooks);

        if (virtual_hook_begin(&p->hook, a->hook, &r, w->now_usec)) {
                laws_after_hook(w, a->process);
                return;
        }
        world_trace(w, "%u: the hook cannot be started", a->process);
        laws_before_over(w, a->process);
        w->surprised = true;
        w->n_events++;
        engine_hook_ended(w->engine, a->process, p->hook.error, w->now_usec);
}

static void perform(World *w, const Action *a) {
        Watch *p = &w->watches[a->process];

        switch (a->kind) {
        case ACTION_SPAWN:
                perform_spawn(w, a->process);
                return;
        case ACTION_SIGNAL:
        case ACTION_KILL:
                virtual_signal(&p->child, a, w->now_usec);
                return;
        case ACTION_CHANGED:
                p->shown = a->to;
                return;
        case ACTION_HOOK:
                perform_hook(w, a);
                return;
        case ACTION_HOOK_SIGNAL:
                virtual_hook_signal(&p->hook, a->signal, w->now_usec);
                return;
        case ACTION_WAITING:
        case ACTION_FOLLOWS:
                return;
        case ACTION_REMOVED:
                *p = (Watch){ .n_runs = p->n_runs };
                engine_forget(w->engine, a->process);
                rolls_forget(w, a->process);
                return;
        }
}

/* How many actions a lazy world performs now. */
static unsigned pick_patience(World *w) {
        Random r = random_for(w->seed ^ w->n_turns++, w->step);

        return random_one_in(&r, 2) ? random_below(&r, 4) : UINT_MAX;
}

void perform_actions(World *w) {
        unsigned n_left = w->lazy ? pick_patience(w) : UINT_MAX;
        size_t n_of[MAX_PROCESSES] = {};
        Action a;

        w->pending = n_left == 0;
        while (!world_is_broken(w) && !w->pending &&
               engine_next_action(w->engine, w->now_usec, &a)) {
                w->n_actions++;
                n_of[a.process]++;
                w->most_actions = MAX(w->most_actions, n_of[a.process]);
                trace_action(w, &a);
                rules_check_action(w, &a);
                perform(w, &a);
                w->pending = (w->busy && a.kind == ACTION_SPAWN) || --n_left == 0;
        }
}

static void extend(World *w, size_t i, Random *r) {
        static const uint64_t times[] = { 0, 1, SEC, 2 * SEC, 10 * SEC, 3600 * SEC };
        uint64_t before = engine_process_deadline(w->engine, i), until;
        uint64_t usec = RANDOM_PICK(r, times);

        until = engine_extend(w->engine, i, usec, w->now_usec);
        world_trace(w, "%zu: asks for %.6f s more, and %s", i, (double)usec / (double)SEC,
                    until ? "gets them" : "gets nothing");
        laws_after_extension(w, i, before, until);
}

static void saying_turn(World *w, size_t i) {
        static const uint64_t watchdogs[] = { 0, SEC, 3 * SEC, USEC_INFINITY };
        Random r = random_for(w->seed + w->step, i);
        Watch *p = &w->watches[i];
        const Process *q = engine_get(w->engine, i);
        bool probes = q->config->settings->readiness.kind != READINESS_STARTSECS;

        if (!probes &&
            (p->child.says == SAYS_NOT_READY || (p->child.says == SAYS_READY && !q->run.reloading)))
                return;
        world_trace(w, "%zu: says %d", i, (int)p->child.says);
        laws_before_saying(w, i, p->child.says);
        switch (p->child.says) {
        case SAYS_READY:
                engine_ready(w->engine, i, w->now_usec);
                return;
        case SAYS_NOT_READY:
                engine_not_ready(w->engine, i, w->now_usec);
                return;
        case SAYS_ALIVE:
                engine_alive(w->engine, i, w->now_usec);
                return;
        case SAYS_EXTEND:
                extend(w, i, &r);
                return;
        case SAYS_RELOADING:
                (void)engine_reloading(w->engine, i);
                return;
        case SAYS_LEAVING:
                (void)engine_leaving(w->engine, i, w->now_usec);
                return;
        case SAYS_FAILED:
                (void)engine_fail(w->engine, i,
                                  random_one_in(&r, 2) ? FAILURE_TRIGGERED : FAILURE_UNHEALTHY,
                                  w->now_usec);
                return;
        case SAYS_WATCHDOG:
                engine_set_watchdog(w->engine, i, RANDOM_PICK(&r, watchdogs), w->now_usec);
                return;
        case _SAYS_MAX:
                return;
        }
}

static void hook_turn(World *w, size_t i) {
        Hook *h = &w->watches[i].hook;

        world_trace(w, "%zu: the hook ends%s", i, h->error ? ", failed" : "");
        w->subject = i;
        h->runs = false;
        laws_before_over(w, i);
        w->n_events++;
        engine_hook_ended(w->engine, i, h->error, w->now_usec);
        perform_actions(w);
}

static void child_turn(World *w, size_t i) {
        Watch *p = &w->watches[i];
        ChildEvent event = virtual_happen(&p->child, w->now_usec);
        bool leftovers = p->child.leftovers;

        w->subject = i;
        if (event == CHILD_STARTER_GONE && engine_get(w->engine, i)->phase != PHASE_STARTING) {
                event = CHILD_EXITED; /* it is too late for a main process to show itself */
                p->child.main_usec = UINT64_MAX;
        }
        switch (event) {
        case CHILD_NOTHING:
        case CHILD_SPAWNED:
                return;
        case CHILD_SPAWN_FAILED:
                world_trace(w, "%zu: spawn has failed", i);
                rules_before_end(w, i, p->child.exit);
                engine_spawn_failed(w->engine, i, p->child.exit.value, w->now_usec);
                break;
        case CHILD_EXITED:
                world_trace(w, "%zu: ends%s%s", i,
                            p->child.exit.kind == EXIT_SIGNAL ? " by a signal" : "",
                            leftovers ? ", leaving something" : "");
                p->exit = p->child.exit;
                if (engine_get(w->engine, i)->config->settings->kill_mode == KILL_MODE_PROCESS)
                        p->child.leftovers = false; /* left alone */
                if (virtual_is_empty(&p->child))
                        rules_before_end(w, i, p->exit);
                engine_exited(w->engine, i, p->exit, leftovers, w->now_usec);
                break;
        case CHILD_STARTER_GONE:
                world_trace(w, "%zu: the starter is gone", i);
                p->exit = p->child.exit;
                engine_starter_gone(w->engine, i);
                break;
        case CHILD_MAIN_FOUND:
                world_trace(w, "%zu: the main process is found", i);
                rules_before_main_found(w, i);
                engine_main_found(w->engine, i, w->now_usec);
                break;
        case CHILD_EMPTIED:
                world_trace(w, "%zu: its tree is empty", i);
                rules_before_end(w, i, p->exit);
                engine_emptied(w->engine, i, w->now_usec);
                break;
        case CHILD_SAYS:
                saying_turn(w, i);
                break;
        }
        w->n_events++;
        perform_actions(w);
}

static void timer_turn(World *w) {
        w->n_still = w->elapsed_usec == w->now_usec ? w->n_still + 1 : 0;
        w->elapsed_usec = w->now_usec;
        world_trace(w, "time");
        w->n_events++;
        engine_elapsed(w->engine, w->now_usec);
        if (engine_deadline(w->engine) < w->now_usec)
                world_break(w, SIZE_MAX, "a deadline in the past");
        perform_actions(w);
}

/* Whose child has the next news, @from first if several have; SIZE_MAX: nobody's. */
static size_t next_child(const World *w, unsigned from, uint64_t *ret_usec) {
        size_t found = SIZE_MAX;

        *ret_usec = UINT64_MAX;
        for (unsigned k = 0; k < MAX_PROCESSES; k++) {
                size_t i = (from + k) % MAX_PROCESSES;
                uint64_t usec;

                usec = MIN(w->watches[i].alive ? virtual_next_usec(&w->watches[i].child)
                                               : UINT64_MAX,
                           w->watches[i].hook.runs ? w->watches[i].hook.end_usec : UINT64_MAX);
                if (usec < *ret_usec) {
                        *ret_usec = usec;
                        found = i;
                }
        }
        return found;
}

/* Let time pass until something happens. False if nothing ever will. */
static bool time_passes(World *w, Random *r) {
        uint64_t child_usec, deadline = engine_deadline(w->engine), next;
        size_t i = next_child(w, random_below(r, MAX_PROCESSES), &child_usec);

        next = MIN(child_usec, deadline);
        if (w->pending && (next > w->now_usec || random_one_in(r, 2))) {
                perform_actions(w);
                return true;
        }
        if (next == UINT64_MAX)
                return false;

        if (next > w->now_usec) {
                w->now_usec = next;
                if (w->late) {
                        uint64_t delay = random_below(r, 50 * MSEC);

                        w->now_usec += delay;
                        if (w->bound_usec != UINT64_MAX)
                                w->bound_usec += delay;
                }
        }
        if (child_usec <= w->now_usec && (deadline > w->now_usec || random_one_in(r, 2))) {
                if (w->watches[i].hook.runs && w->watches[i].hook.end_usec == child_usec)
                        hook_turn(w, i);
                else
                        child_turn(w, i);
        } else
                timer_turn(w);
        return true;
}

static void operator_turn(World *w, Random *r) {
        if (w->acted)
                w->acted[w->step] = true;
        if (!w->skip || !w->skip[w->step])
                operator_acts(w, r);
}

/* Has anything been done to the engine, or been taken from it, since these were counted? */
static bool has_happened(const World *w, uint64_t n_events, uint64_t n_actions) {
        return w->n_events != n_events || w->n_actions != n_actions;
}

/* Nothing will ever happen by itself: somebody may wait for ever. */
static void rest(World *w, Random *r) {
        if (w->rich) {
                laws_check_rest(w);
                rolls_check_rest(w);
        }
        if (w->mode == SHUTDOWN_NONE)
                operator_turn(w, r);
        else if (w->mode != SHUTDOWN_NOW)
                operator_shuts_down(w, (ShutdownMode)(w->mode + 1));
}

static void step(World *w) {
        Random r = random_for(w->seed, w->step);
        uint64_t n_events = w->n_events, n_actions = w->n_actions;

        w->subject = SIZE_MAX;
        if (w->rich)
                laws_before_step(w);
        if (w->mode == SHUTDOWN_NONE &&
            (w->step >= w->shutdown_step || w->now_usec > UPTIME_MAX_USEC))
                operator_shuts_down(w, (ShutdownMode)(1 + random_below(&r, 3)));
        else if (random_one_in(&r, w->hurry))
                operator_turn(w, &r);
        else if (!w->rich && !w->busy && /* else the books would have to know which action waits */
                 random_one_in(&r, 5))
                somebody_speaks(w, &r);
        else if (!time_passes(w, &r))
                rest(w, &r);
        rolls_advance(w);
        if (w->extends) {
                w->extends = false;
                w->bound_usec = USEC_INFINITY;
                rules_after_shutdown(w);
        }

        if (!world_is_broken(w) && !w->pending && has_happened(w, n_events, n_actions))
                rules_check_step(w);
}

static bool is_over(const World *w) {
        return world_is_broken(w) || w->step >= w->n_steps ||
               (w->mode != SHUTDOWN_NONE && engine_is_down(w->engine) && !w->pending);
}

static const ShutdownRules no_rules = { .timeout_usec = USEC_INFINITY };

static void enrich(World *w, Random *r) {
        static const uint64_t drains[] = { 0, 0, SEC, 3 * SEC };
        static const uint64_t timeouts[] = { USEC_INFINITY, USEC_INFINITY, 0, SEC, 15 * SEC };

        w->rich = true;
        w->busy = random_one_in(r, 8);
        w->lazy = random_one_in(r, 6);
        w->cyclic = random_one_in(r, 12);
        w->rules.drain_usec = RANDOM_PICK(r, drains);
        w->rules.timeout_usec = RANDOM_PICK(r, timeouts);
}

Outcome world_run(const WorldRun *run) {
        static const uint64_t fast[] = { 0, SEC, 2 * SEC, 2 * SEC };
        Random r = random_for(run->seed, UINT64_MAX);
        World w = {
                .seed = run->seed,
                .n_steps = MIN(run->n_steps, MAX_STEPS),
                .skip = run->skip,
                .acted = run->acted,
                .trace = run->trace,
                .late = random_one_in(&r, 4),
                .hung = random_one_in(&r, 8),
                .busy = random_one_in(&r, 4),
                .hurry = 2 + random_below(&r, 6),
                .shutdown_step = 20 + random_below(&r, 1000),
                .now_usec = 1000 * SEC,
                .bound_usec = UINT64_MAX,
                .rules = no_rules,
        };

        w.rules.fast_usec = RANDOM_PICK(&r, fast);
        if (random_one_in(&r, 2))
                enrich(&w, &r);
        if (engine_new(run->seed, &w.rules, &w.engine) < 0)
                abort();
        for (w.step = 0; !is_over(&w); w.step++)
                step(&w);
        if (!world_is_broken(&w) && w.step >= MAX_STEPS)
                world_break(&w, SIZE_MAX, "the shutdown does not come to its end");
        rolls_free(&w);
        engine_free(w.engine);

        Outcome outcome = { w.n_events, w.n_actions, w.most_actions, w.step, "" };
        memcpy(outcome.broken, w.broken, sizeof(outcome.broken));
        return outcome;
}
