/* Configurations by chance, of values that meet: in time, and at the borders of what is allowed. */
#include <signal.h>
#include <stdio.h>

#include "../unit/sample-config.h"
#include "config/keys/value-command.h"
#include "config/keys/value-dependencies.h"
#include "world.h"

#define INFINITE DURATION_INFINITY

static void pick_restart(ProcessConfig *c, Random *r) {
        static const int64_t starts[] = { -1, 0, SEC, SEC, SEC, 5 * SEC, INFINITE };
        static const int64_t retries[] = { -1, 0, 1, 3, 3 };
        static const int64_t least[] = { 0, SEC / 4, SEC, SEC, -5 };
        static const int64_t most[] = { INFINITE, INFINITE, 3 * SEC, 0 };
        static const double factors[] = { 0, 0, 1, 2, 1.5 };
        static const double jitters[] = { 0, 0, 0.5, 1 };

        c->settings->autostart = !random_one_in(r, 4);
        c->settings->autorestart = (AutoRestart)random_below(r, 3);
        c->settings->startsecs_usec = RANDOM_PICK(r, starts);
        c->settings->startretries = RANDOM_PICK(r, retries);
        c->settings->backoff_min_usec = RANDOM_PICK(r, least);
        c->settings->backoff_max_usec = RANDOM_PICK(r, most);
        c->settings->backoff_factor = RANDOM_PICK(r, factors);
        c->settings->backoff_jitter = RANDOM_PICK(r, jitters);
}

static void pick_stop(ProcessConfig *c, Random *r) {
        static const int64_t waits[] = { 10 * SEC, 10 * SEC, SEC, 1, 0, -1, INFINITE };
        static const int signals[] = { SIGTERM, SIGTERM, SIGINT, 0 };

        c->settings->stopwait_usec = RANDOM_PICK(r, waits);
        c->settings->stopsignal = RANDOM_PICK(r, signals);
        c->settings->kill_mode = (KillMode)random_below(r, 3);
        c->settings->killasgroup = random_one_in(r, 2);
        c->settings->stopasgroup = c->settings->killasgroup && random_one_in(r, 2);
}

static void pick_hook(CommandLine *hook, Random *r) {
        char *why;

        if (random_one_in(r, 4) && command_parse("true", hook, &why) < 0)
                abort();
}

static void pick_hooks(ProcessConfig *c, Random *r) {
        static const int64_t timeouts[] = { 0, 1, SEC, 2 * SEC, 60 * SEC };

        pick_hook(&c->settings->pre_start, r);
        pick_hook(&c->settings->pre_stop, r);
        pick_hook(&c->settings->post_stop, r);
        c->settings->hook_timeout_usec = RANDOM_PICK(r, timeouts);
}

static void pick_ladder(ProcessConfig *c, Random *r) {
        static const StopStep steps[] = { { SIGQUIT, SEC },
                                          { SIGTERM, STOP_WAIT_DEFAULT },
                                          { SIGTERM, 3 * SEC },
                                          { SIGINT, 0 },
                                          { 0, SEC } };

        c->settings->send_sigkill = !random_one_in(r, 10);
        if (random_one_in(r, 3))
                for (c->settings->stop_ladder.n = 0;
                     c->settings->stop_ladder.n < 1 + random_below(r, 3);)
                        c->settings->stop_ladder.steps[c->settings->stop_ladder.n++] =
                                RANDOM_PICK(r, steps);
}

/* On others of lower letters: that never goes round. */
static void pick_dependencies(const World *w, ProcessConfig *c, Random *r) {
        static const char *const conditions[] = { "", ":started", ":ready", ":exited" };
        char text[64] = "", *why;
        unsigned n = random_one_in(r, 2) ? 0 : 1 + random_below(r, 2);
        unsigned n_letters = w->cyclic ? WORLD_LETTERS : (unsigned)(c->name[0] - 'a');

        for (unsigned k = 0; k < n && n_letters > 0; k++) {
                char letter = (char)('a' + random_below(r, n_letters));
                size_t used = strlen(text);

                if (!strchr(text, letter) || !used)
                        (void)snprintf(text + used, sizeof(text) - used, "%s%c%s", used ? "," : "",
                                       letter, RANDOM_PICK(r, conditions));
        }
        if (*text && dependencies_parse(text, &c->depends_on, &why) < 0)
                abort();
        c->settings->on_dependency_failure = (DependencyFailure)random_below(r, 3);
}

static void pick_rich(const World *w, ProcessConfig *c, Random *r) {
        static const ReadinessKind kinds[] = { READINESS_STARTSECS, READINESS_STARTSECS,
                                               READINESS_NOTIFY, READINESS_TCP };
        static const int64_t watchdogs[] = { 0, 0, SEC, 4 * SEC };

        if (c->settings->type == PROCESS_TYPE_SIMPLE && random_one_in(r, 5))
                c->settings->type = PROCESS_TYPE_ONESHOT;
        c->settings->exitcodes.expected[0] = random_one_in(r, 3) ? 3 : 1;
        c->settings->surge = random_one_in(r, 3);
        c->settings->readiness.kind = RANDOM_PICK(r, kinds);
        c->settings->watchdog_usec = RANDOM_PICK(r, watchdogs);
        c->settings->watchdog_signal = random_one_in(r, 2) ? SIGABRT : 0;
        pick_hooks(c, r);
        pick_ladder(c, r);
        pick_dependencies(w, c, r);
}

ProcessConfig *pick_config(const World *w, Random *r, const char *name) {
        static const int64_t timeouts[] = { 2 * SEC, SEC, 0, INFINITE };
        ProcessConfig *c = sample_config(
                w->rich ? name : (const char[]){ (char)('a' + random_below(r, 26)), 0 });

        c->group_priority = random_below(r, 2);
        c->priority = random_below(r, 3);
        c->settings->readiness_timeout_usec = RANDOM_PICK(r, timeouts);
        if (random_one_in(r, 5))
                c->settings->type = PROCESS_TYPE_FORKING;
        pick_restart(c, r);
        pick_stop(c, r);
        if (w->rich)
                pick_rich(w, c, r);
        return c;
}
