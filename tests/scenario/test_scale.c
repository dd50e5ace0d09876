/* A thousand children: none is lost, and while nothing happens nothing wakes up. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(scale, .timeout = 300);

#define CHILDREN 1000
#define PROGRAMS_OF_A_THOUSAND                                                       \
        "[program:many]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n" \
        "numprocs=1000\nprocess_name=many_%(process_num)d\n"                         \
        "stdout_logfile=NONE\nstderr_logfile=NONE\n"

/* How often the process was scheduled in all: a process that sleeps does not come to more. */
static unsigned long wake_ups(pid_t pid) {
        char path[64], line[256];
        unsigned long sum = 0, n;
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        f = fopen(path, "re");
        cr_assert(f);
        while (fgets(line, sizeof(line), f))
                if (sscanf(line, "voluntary_ctxt_switches: %lu", &n) == 1 ||
                    sscanf(line, "nonvoluntary_ctxt_switches: %lu", &n) == 1)
                        sum += n;
        fclose(f);
        return sum;
}

/* Wait until the daemon has done all that followed from its start. */
static void await_quiet(pid_t pid) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;
        unsigned long before, after = wake_ups(pid);

        do {
                before = after;
                (void)poll(NULL, 0, 300);
                after = wake_ups(pid);
                cr_assert(now_msec() < deadline, "it never comes to rest");
        } while (after != before);
}

Test(scale, a_thousand_start_restart_and_stop) {
        _scenario_ s = scenario_new();
        int64_t began = now_msec(), up, down;

        scenario_configure(s, "", PROGRAMS_OF_A_THOUSAND);
        scenario_start(s, NULL);
        scenario_await_count(s, CHILDREN, "INFO spawned: 'many_");
        scenario_await_count(s, CHILDREN, "success: many_");
        scenario_await_ready(s, CHILDREN);
        up = now_msec() - began;

        /* Every one is replaced when its configuration changes. */
        scenario_mark(s);
        scenario_configure(s, "", PROGRAMS_OF_A_THOUSAND "umask=077\n");
        scenario_signal(s, SIGHUP);
        scenario_await_count(s, CHILDREN, "stopped: many_");
        scenario_await_count(s, CHILDREN, "success: many_");
        scenario_await_ready(s, (size_t)CHILDREN * 2);
        cr_assert_eq(scenario_count(s, "spawned: 'many_"), CHILDREN);

        scenario_mark(s);
        down = now_msec();
        scenario_stop(s);
        down = now_msec() - down;
        cr_assert_eq(scenario_count(s, "stopped: many_"), CHILDREN);
        cr_assert_eq(scenario_count(s, "killing"), 0);
        cr_log_info("1,000 children: up in %jd ms, down in %jd ms", (intmax_t)up, (intmax_t)down);
}

Test(scale, a_thousand_at_rest_wake_nobody) {
        _scenario_ s = scenario_new();
        const char *seconds = getenv("IDLE_SECONDS");
        long duration = seconds ? strtol(seconds, NULL, 10) : 3;
        unsigned long before = 0, after = 0;

        scenario_configure(s, "", PROGRAMS_OF_A_THOUSAND);
        scenario_start(s, NULL);
        scenario_await_ready(s, CHILDREN);
        /* One last look at what was spawned comes the later the longer the start took. */
        for (int attempt = 0; attempt < 3; attempt++) {
                await_quiet(s->daemon);
                before = wake_ups(s->daemon);
                (void)poll(NULL, 0, (int)duration * 1000); /* nothing is to happen meanwhile */
                after = wake_ups(s->daemon);
                if (after == before)
                        break;
        }
        cr_assert_eq(after, before, "%lu wake-ups in %ld s", after - before, duration);
        scenario_stop(s);
}
