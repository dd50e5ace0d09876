/* The world's own books: what was ordered and what has happened, and what therefore has to come. */
#include "rules.h"

#include <math.h>

#include "laws.h"

static bool is_alive(const World *w, size_t i) {
        return phase_has_child(engine_get(w->engine, i)->phase);
}

void rules_before_start(World *w, size_t i) {
        if (w->rich) {
                laws_before_order(w, i);
                return;
        }

        const Process *p = engine_get(w->engine, i);
        Watch *b = &w->watches[i];

        if (w->mode != SHUTDOWN_NONE || p->removed)
                return;
        if (is_alive(w, i) && p->stop_due && !b->must_spawn && !b->replaced) {
                b->leaving = false; /* a stop is taken back in time */
                b->must_spawn = phase_is_ending(p->phase) || p->run.unborn;
        } else if (!is_alive(w, i) || b->leaving || phase_is_ending(p->phase))
                b->must_spawn = true;
}

void rules_before_stop(World *w, size_t i) {
        if (w->rich) {
                laws_before_order(w, i);
                return;
        }

        Watch *b = &w->watches[i];

        b->must_spawn = b->retries = false;
        if (is_alive(w, i))
                b->leaving = true;
}

void rules_before_restart(World *w, size_t i) {
        if (w->rich) {
                laws_before_order(w, i);
                return;
        }

        Watch *b = &w->watches[i];

        if (w->mode != SHUTDOWN_NONE || engine_get(w->engine, i)->removed)
                return;
        b->must_spawn = true;
        b->retries = false;
        if (is_alive(w, i))
                b->leaving = true;
}

void rules_before_replace(World *w, size_t i, ProcessConfig *config) {
        if (w->rich) {
                laws_before_order(w, i);
                w->watches[i].latest = config;
                if (!is_alive(w, i))
                        w->watches[i].law.failures = 0;
                else
                        w->watches[i].replaced = true;
                return;
        }

        const Process *p = engine_get(w->engine, i);
        const ProcessConfig *old = p->next_config ? p->next_config : p->config;
        Watch *b = &w->watches[i];

        if (w->mode == SHUTDOWN_NONE)
                b->must_spawn = p->removed ? config->settings->autostart
                                           : p->goal == GOAL_UP || (config->settings->autostart &&
                                                                    !old->settings->autostart);
        b->latest = config;
        b->retries = false;
        if (is_alive(w, i))
                b->replaced = b->leaving = true;
        else
                b->failures = 0;
}

void rules_before_shutdown(World *w, ShutdownMode mode) {
        if (w->rich) {
                laws_before_shutdown(w, mode);
                return;
        }

        if (mode <= w->mode)
                return;
        w->mode = mode;
        for (size_t i = 0; i < engine_size(w->engine); i++) {
                Watch *b = &w->watches[i];

                if (!b->used)
                        continue;
                rules_before_stop(w, i);
                if (mode == SHUTDOWN_FAST && b->told_usec)
                        b->limit_usec = MIN(b->limit_usec, w->now_usec + w->rules.fast_usec);
                if (mode == SHUTDOWN_NOW)
                        b->killed_by_order = is_alive(w, i);
        }
}

/* One that is never killed ends when it likes, whatever was announced. */
static bool somebody_is_lenient(const World *w) {
        for (size_t i = 0; i < engine_size(w->engine); i++) {
                const Process *p = engine_get(w->engine, i);

                if (p->config && is_alive(w, i) &&
                    (!p->config->settings->send_sigkill || w->watches[i].law.was_lenient))
                        return true;
        }
        return false;
}

void rules_after_shutdown(World *w) {
        uint64_t kill_usec = w->hung ? KILL_HUNG_USEC : KILL_USEC, usec;

        if (w->rich)
                kill_usec *= 3; /* the tree, pre_stop_command, post_stop_command */
        if (w->mode != SHUTDOWN_NOW && somebody_is_lenient(w))
                return;

        if (w->mode == SHUTDOWN_NOW)
                usec = kill_usec;
        else
                usec = engine_remaining_stop_usec(w->engine, w->now_usec);
        if (usec == USEC_INFINITY)
                return;
        if (w->mode != SHUTDOWN_NOW)
                usec += (engine_plan(w->engine)->n_waves + 1) * kill_usec;
        w->bound_usec = MIN(w->bound_usec, w->now_usec + usec + MSEC);
}

void rules_before_main_found(World *w, size_t i) {
        Watch *b = &w->watches[i];
        int64_t startsecs = engine_get(w->engine, i)->config->settings->startsecs_usec;

        b->law.main = true;
        if (startsecs != DURATION_INFINITY)
                b->up_usec = w->now_usec + (uint64_t)MAX(startsecs, 0);
}

#define DELAY_MAX ((double)(UINT64_MAX / 4)) /* what "now" can be added to */

/* The bounds of the delay after the @n-th failed start in a row. */
static void book_backoff(World *w, Watch *b, const ProcessConfig *c, unsigned n) {
        double least = (double)MAX(c->settings->backoff_min_usec, 0),
               most = (double)MAX(c->settings->backoff_max_usec, 0), slack;

        least *= c->settings->backoff_factor <= 0 ? n : pow(c->settings->backoff_factor, n - 1);
        least = MIN(least, MIN(most, DELAY_MAX));
        slack = least > 1e15 ? least / 1e12 : 0; /* a product of many factors is rounded often */
        b->not_before_usec = w->now_usec + (uint64_t)(least - slack);
        most = MIN((least + slack) * (1 + c->settings->backoff_jitter), DELAY_MAX);
        b->not_after_usec = w->now_usec + (uint64_t)most + 1;
        b->retries = true;
}

static bool restarts_by_itself(const Watch *b, const ProcessConfig *c) {
        if (c->settings->autorestart == AUTORESTART_UNEXPECTED) /* with the sample's exitcodes */
                return b->failed || b->exit.kind != EXIT_STATUS || b->exit.value != 0;
        return c->settings->autorestart == AUTORESTART_TRUE;
}

/* It comes again, at once if its start was long enough ago. */
static void book_restart(World *w, Watch *b, const ProcessConfig *c) {
        uint64_t least =
                (uint64_t)MAX(MIN(c->settings->backoff_min_usec, c->settings->backoff_max_usec), 0);

        b->not_before_usec = b->not_after_usec = b->spawned_usec + least;
        b->retries = w->now_usec < b->not_before_usec;
        b->must_spawn = !b->retries;
}

void rules_before_update(World *w, size_t i, ProcessConfig *config) {
        Watch *b = &w->watches[i];
        const Process *p = engine_get(w->engine, i);
        const ProcessConfig *old = p->next_config ? p->next_config : p->config;

        if (w->rich)
                laws_before_update(w, i, config);
        else {
                if (b->shown == STATE_EXITED && !p->start_due && !restarts_by_itself(b, config))
                        b->retries = false;
                if (config->settings->autostart && !old->settings->autostart)
                        rules_before_start(w, i);
        }
        b->latest = config;
}

static ProcessState book_failure(World *w, Watch *b, const ProcessConfig *c) {
        if (c->settings->startretries != -1 && b->failures >= c->settings->startretries) {
                b->failures = 0;
                return STATE_FATAL;
        }
        book_backoff(w, b, c, ++b->failures);
        return STATE_BACKOFF;
}

void rules_before_end(World *w, size_t i, ProcessExit exit) {
        if (w->rich) {
                laws_before_end(w, i);
                w->watches[i].exit = exit;
                return;
        }

        const Process *p = engine_get(w->engine, i);
        Watch *b = &w->watches[i];
        bool wanted = p->goal == GOAL_UP && w->mode == SHUTDOWN_NONE;
        bool up = b->was_up || p->run.was_up ||
                  (p->phase == PHASE_STARTING && w->now_usec >= b->up_usec);

        b->exit = exit;
        b->has_ended = true;
        if (p->asked) {
                b->ended_as = STATE_STOPPED;
                b->failures = up ? 0 : b->failures;
        } else if ((up && exit.kind != EXIT_SPAWN_FAILED) || !wanted || b->must_spawn) {
                b->ended_as = STATE_EXITED;
                b->failures = 0;
                if (wanted && !b->must_spawn && restarts_by_itself(b, p->config))
                        book_restart(w, b, p->config);
        } else
                b->ended_as = book_failure(w, b, p->config);

        if (b->replaced)
                b->failures = 0;
        b->alive = b->leaving = b->replaced = false;
}
