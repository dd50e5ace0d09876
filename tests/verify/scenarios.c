#include "scenarios.h"

#include <signal.h>
#include <stdlib.h>

#include "config/keys/value-command.h"
#include "config/keys/value-dependencies.h"

#define BIT(move) (UINT64_C(1) << MOVE_##move)

#define THE_LOOP (BIT(TAKE) | BIT(TICK) | BIT(ELAPSED))
#define SHUTDOWNS (BIT(SHUTDOWN) | BIT(SHUTDOWN_FAST) | BIT(SHUTDOWN_NOW))
#define ORDERS (BIT(START) | BIT(STOP) | BIT(RESTART) | BIT(KILL))
#define ENDS                                                                                \
        (BIT(SPAWN_FAILS) | BIT(EXIT) | BIT(EXIT_LEAVING) | BIT(FAIL) | BIT(FAIL_LEAVING) | \
         BIT(DIE) | BIT(DIE_LEAVING) | BIT(EMPTIED))
#define FORKS (BIT(STARTER_GONE) | BIT(MAIN_FOUND))
#define HOOKS (BIT(HOOK_DONE) | BIT(HOOK_FAILS))
#define REPLACES (BIT(REPLACE) | BIT(REPLACE_BACK) | BIT(REMOVE) | BIT(ADD))
#define UPDATES (BIT(UPDATE) | BIT(UPDATE_BACK))
#define SPEAKS                                                                             \
        (BIT(SAYS_READY) | BIT(SAYS_NOT_READY) | BIT(SAYS_LEAVING) | BIT(SAYS_RELOADING) | \
         BIT(UNHEALTHY))
#define PLAIN (THE_LOOP | SHUTDOWNS | ORDERS | ENDS)

#define NO_TIMEOUT \
        { .fast_usec = TICK_USEC, .timeout_usec = USEC_INFINITY }
#define TIMEOUT \
        { .fast_usec = TICK_USEC, .timeout_usec = 3 * TICK_USEC }
#define DRAIN_AND_TIMEOUT \
        { .fast_usec = TICK_USEC, .drain_usec = TICK_USEC, .timeout_usec = 3 * TICK_USEC }
#define NO_TIME \
        { .fast_usec = 0, .timeout_usec = 0 }

/* Durations of one or two ticks, all different where both can run at once. */
static void plain(ProcessConfig *c, size_t process, unsigned variant) {
        c->settings->startsecs_usec = TICK_USEC;
        c->settings->stopwait_usec = 2 * TICK_USEC;
        c->settings->backoff_min_usec = TICK_USEC;
        c->settings->backoff_max_usec = 2 * TICK_USEC;
        c->settings->hook_timeout_usec = 2 * TICK_USEC;
        c->settings->readiness_timeout_usec = 2 * TICK_USEC;
        c->settings->startretries = 1;
        if (variant == 1) {
                c->settings->stopwait_usec = TICK_USEC;
                c->settings->autorestart = AUTORESTART_TRUE;
                c->settings->startretries = 0;
        }
}

static void brief(ProcessConfig *c, size_t process, unsigned variant) {
        plain(c, process, 0);
        c->settings->stopwait_usec = TICK_USEC;
        c->settings->startretries = 0;
}

static void keen(ProcessConfig *c, size_t process, unsigned variant) {
        plain(c, process, variant);
        c->settings->autorestart = variant == 0 ? AUTORESTART_TRUE : AUTORESTART_FALSE;
        c->settings->startretries = -1;
}

static void lax(ProcessConfig *c, size_t process, unsigned variant) {
        plain(c, process, variant);
        c->settings->autorestart = AUTORESTART_FALSE;
        c->settings->startsecs_usec = 0;
        c->settings->startretries = 0;
}

/* Up at once, and soon down again. */
static void hasty(ProcessConfig *c, size_t process, unsigned variant) {
        plain(c, process, 0);
        c->settings->startsecs_usec = 0;
        c->settings->startretries = 0;
        c->settings->stopwait_usec = TICK_USEC;
        c->settings->autorestart = variant == 0 ? AUTORESTART_TRUE : AUTORESTART_UNEXPECTED;
        c->settings->backoff_min_usec = variant == 0 ? 2 * TICK_USEC : TICK_USEC;
}

static void oneshot(ProcessConfig *c, size_t process, unsigned variant) {
        plain(c, process, variant);
        c->settings->type = PROCESS_TYPE_ONESHOT;
}

static void ladder(ProcessConfig *c, size_t process, unsigned variant) {
        plain(c, process, variant);
        c->settings->stop_ladder = (StopLadder){
                .steps = { { SIGQUIT, TICK_USEC }, { SIGINT, 0 }, { SIGTERM, STOP_WAIT_DEFAULT } },
                .n = variant == 0 ? 3 : 1,
        };
}

static void leader_only(ProcessConfig *c, size_t process, unsigned variant) {
        plain(c, process, variant);
        c->settings->kill_mode = KILL_MODE_PROCESS;
        c->settings->killasgroup = variant == 1;
}

static void spared(ProcessConfig *c, size_t process, unsigned variant) {
        plain(c, process, 0);
        c->settings->send_sigkill = variant == 1;
}

static void set_hook(CommandLine *hook) {
        char *why;

        if (command_parse("true", hook, &why) < 0)
                abort();
}

static void hooks(ProcessConfig *c, size_t process, unsigned variant) {
        brief(c, process, variant);
        c->settings->stopwait_usec = 2 * TICK_USEC;
        c->settings->hook_timeout_usec = TICK_USEC;
        set_hook(&c->settings->pre_start);
        set_hook(&c->settings->pre_stop);
        set_hook(&c->settings->post_stop);
}

static void hasty_hooks(ProcessConfig *c, size_t process, unsigned variant) {
        hooks(c, process, variant);
        c->settings->startsecs_usec = 0;
        c->settings->autorestart = AUTORESTART_TRUE;
        c->settings->backoff_min_usec = 2 * TICK_USEC;
}

static void stop_hooks(ProcessConfig *c, size_t process, unsigned variant) {
        brief(c, process, variant);
        c->settings->hook_timeout_usec = 2 * TICK_USEC;
        set_hook(&c->settings->pre_stop);
        if (variant == 0)
                set_hook(&c->settings->post_stop);
}

static void spared_hooks(ProcessConfig *c, size_t process, unsigned variant) {
        hooks(c, process, variant);
        c->settings->send_sigkill = variant == 1;
}

static void notify(ProcessConfig *c, size_t process, unsigned variant) {
        plain(c, process, variant);
        c->settings->readiness.kind = READINESS_NOTIFY;
}

static void hasty_notify(ProcessConfig *c, size_t process, unsigned variant) {
        hasty(c, process, variant);
        c->settings->readiness.kind = READINESS_NOTIFY;
}

static void watchdog(ProcessConfig *c, size_t process, unsigned variant) {
        brief(c, process, variant);
        c->settings->watchdog_usec = 2 * TICK_USEC;
        c->settings->watchdog_signal = SIGABRT;
}

static void forking(ProcessConfig *c, size_t process, unsigned variant) {
        plain(c, process, variant);
        c->settings->type = PROCESS_TYPE_FORKING;
}

static void depend(ProcessConfig *c, DependencyFailure failure) {
        char *why;

        if (dependencies_parse("a", &c->depends_on, &why) < 0)
                abort();
        c->settings->on_dependency_failure = failure;
}

static void two(ProcessConfig *c, size_t process, unsigned variant) {
        brief(c, process, variant);
        c->settings->autorestart = AUTORESTART_FALSE;
        if (process == 1)
                depend(c, DEPENDENCY_FAILURE_RESTART);
}

static void two_following(ProcessConfig *c, size_t process, unsigned variant) {
        two(c, process, variant);
        c->settings->startsecs_usec = 0;
        c->settings->autorestart = AUTORESTART_UNEXPECTED;
        if (process == 1)
                c->settings->on_dependency_failure = DEPENDENCY_FAILURE_STOP;
}

static void two_hasty(ProcessConfig *c, size_t process, unsigned variant) {
        two(c, process, variant);
        c->settings->startsecs_usec = 0;
        c->settings->autorestart = AUTORESTART_TRUE;
}

#define ROW(its_name, its_configure, n, its_rules, its_moves, ...)                    \
        {                                                                             \
                .name = (its_name), .configure = (its_configure), .n_processes = (n), \
                .rules = its_rules, .moves = (its_moves), ##__VA_ARGS__               \
        }

const Scenario scenarios[] = {
        ROW("plain", plain, 1, NO_TIMEOUT, PLAIN | REPLACES | UPDATES, .is_quick = true),
        ROW("keen", keen, 1, NO_TIMEOUT, PLAIN | REPLACES | UPDATES),
        ROW("lax", lax, 1, NO_TIMEOUT, PLAIN | REPLACES | UPDATES, .is_quick = true),
        ROW("hasty", hasty, 1, NO_TIMEOUT, PLAIN | REPLACES | UPDATES, .is_quick = true),
        ROW("oneshot", oneshot, 1, NO_TIMEOUT, PLAIN | REPLACES | UPDATES, .works = true),
        ROW("ladder", ladder, 1, NO_TIMEOUT, PLAIN | UPDATES | BIT(SAYS_EXTEND), .is_quick = true),
        ROW("leader-only",
            leader_only,
            1,
            NO_TIMEOUT,
            PLAIN | REPLACES | UPDATES,
            .is_quick = true),
        ROW("spared", spared, 1, NO_TIMEOUT, PLAIN | REPLACES | UPDATES, .waits = true),
        ROW("hooks", hooks, 1, NO_TIMEOUT, PLAIN | HOOKS, .is_quick = true),
        ROW("hasty-hooks", hasty_hooks, 1, NO_TIMEOUT, PLAIN | HOOKS),
        ROW("hooks-reload", hooks, 1, NO_TIMEOUT, PLAIN | HOOKS | REPLACES | UPDATES),
        ROW("stop-hooks",
            stop_hooks,
            1,
            NO_TIMEOUT,
            PLAIN | HOOKS | REPLACES | UPDATES | BIT(SAYS_EXTEND)),
        ROW("spared-hooks", spared_hooks, 1, NO_TIMEOUT, PLAIN | HOOKS | UPDATES, .waits = true),
        ROW("notify", notify, 1, NO_TIMEOUT, PLAIN | SPEAKS),
        ROW("hasty-notify", hasty_notify, 1, NO_TIMEOUT, PLAIN | SPEAKS | UPDATES),
        ROW("notify-extend",
            notify,
            1,
            NO_TIMEOUT,
            PLAIN | SPEAKS | REPLACES | UPDATES | BIT(SAYS_EXTEND)),
        ROW("watchdog",
            watchdog,
            1,
            NO_TIMEOUT,
            PLAIN | SPEAKS | BIT(SAYS_ALIVE),
            .is_quick = true),
        ROW("forking", forking, 1, NO_TIMEOUT, PLAIN | FORKS, .is_quick = true),
        ROW("forking-reload",
            forking,
            1,
            NO_TIMEOUT,
            PLAIN | FORKS | REPLACES | UPDATES | BIT(SAYS_EXTEND)),
        ROW("timeout", hooks, 1, DRAIN_AND_TIMEOUT, PLAIN | HOOKS | BIT(SAYS_EXTEND)),
        ROW("no-time", hooks, 1, NO_TIME, PLAIN | HOOKS),
        ROW("lazy", plain, 1, NO_TIMEOUT, PLAIN | REPLACES | UPDATES, .lazy = true),
        ROW("lazy-hasty", hasty, 1, NO_TIMEOUT, PLAIN | UPDATES, .lazy = true),
        ROW("lazy-hooks", hooks, 1, NO_TIMEOUT, PLAIN | HOOKS, .is_quick = true, .lazy = true),
        ROW("lazy-forking", forking, 1, NO_TIMEOUT, PLAIN | FORKS, .is_quick = true, .lazy = true),
        ROW("two",
            two,
            2,
            NO_TIMEOUT,
            THE_LOOP | SHUTDOWNS | BIT(EXIT) | BIT(DIE) | BIT(DIE_LEAVING) | BIT(EMPTIED) |
                    BIT(SPAWN_FAILS),
            .is_quick = true),
        ROW("two-following",
            two_following,
            2,
            NO_TIMEOUT,
            THE_LOOP | SHUTDOWNS | ORDERS | BIT(DIE) | BIT(EXIT) | BIT(SPAWN_FAILS)),
        ROW("two-hasty",
            two_hasty,
            2,
            NO_TIMEOUT,
            THE_LOOP | SHUTDOWNS | ORDERS | BIT(DIE) | BIT(EXIT) | BIT(SPAWN_FAILS)),
        ROW("two-timeout",
            two,
            2,
            TIMEOUT,
            THE_LOOP | SHUTDOWNS | BIT(EXIT) | BIT(DIE) | BIT(DIE_LEAVING) | BIT(EMPTIED)),
};
const size_t n_scenarios = ELEMENTSOF(scenarios);
