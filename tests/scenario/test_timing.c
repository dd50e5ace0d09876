/*
 * How long the end of a large plan takes. The figures are printed; what is asserted is loose, as
 * the machine may be busy with other things.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(timing, .timeout = 180);

#define WAVES 6
#define PROGRAMS_PER_WAVE 10

/*
 * WAVES sections of PROGRAMS_PER_WAVE copies, each with a priority of its own and with @keys, where
 * %(process_num)d is 11 to 20. The caller frees them.
 */
static char *waves_of(const char *keys) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        cr_assert(f);
        for (int wave = 1; wave <= WAVES; wave++)
                fprintf(f,
                        "[program:w%d]\npriority=%d\nnumprocs=%d\nnumprocs_start=11\n"
                        "process_name=w%d_%%(process_num)d\nstartsecs=0\n"
                        "stdout_logfile=NONE\nstderr_logfile=NONE\n%s\n",
                        wave, wave, PROGRAMS_PER_WAVE, wave, keys);
        cr_assert_eq(fclose(f), 0);
        return text;
}

/* Stop the daemon and give the milliseconds until it is gone. */
static int64_t stop(Scenario *s) {
        int64_t begin = now_msec();

        scenario_stop(s);
        return now_msec() - begin;
}

/* 110 to 200 ms each: the longest of the waves make 1.2 s, all programs together 9.3 s. */
Test(timing, waves_stop_in_the_sum_of_their_longest) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *programs =
                waves_of("command=%(ENV_CHILD)s on=15:%(process_num)d0:0 append=%(here)s/ready");
        int64_t took;

        scenario_configure(s, "", programs);
        scenario_start(s, NULL);
        scenario_await_ready(s, (size_t)WAVES * PROGRAMS_PER_WAVE);
        took = stop(s);
        cr_log_info("60 programs in 6 waves of at most 200 ms: %jd ms", (intmax_t)took);
        cr_expect_geq(took, 1200);
        cr_expect_lt(took, 4000);
        cr_expect_eq(scenario_count(s, "stopped: w._.. \\(exit status 0\\)"),
                     WAVES * PROGRAMS_PER_WAVE);
}

/*
 * One of each wave ignores its signal and has a grace of 100 s, all others end at once: only the
 * deadline of the whole brings the waves to their ends.
 */
Test(timing, a_stubborn_program_in_each_wave_ends_at_the_deadline) {
        const char *seconds = getenv("DEADLINE_SECONDS");
        long deadline_msec = (seconds ? strtol(seconds, NULL, 10) : 4) * 1000;
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *key = NULL;
        _cleanup_(freep) char *programs =
                waves_of("command=sh -c 'test %(process_num)d = 20 && exec %(ENV_CHILD)s ignore=15"
                         " append=%(here)s/ready; exec %(ENV_CHILD)s append=%(here)s/ready'\n"
                         "stopwaitsecs=100");
        int64_t took;

        cr_assert_gt(asprintf(&key, "shutdown_timeout=%ldms\n", deadline_msec), 0);
        scenario_configure(s, key, programs);
        scenario_start(s, NULL);
        scenario_await_ready(s, (size_t)WAVES * PROGRAMS_PER_WAVE);
        took = stop(s);
        cr_log_info("60 programs, a stubborn one in each of 6 waves, shutdown_timeout %ld ms: "
                    "%+jd ms",
                    deadline_msec, (intmax_t)(took - deadline_msec));
        cr_expect_geq(took, deadline_msec - 50);
        cr_expect_lt(took, deadline_msec + 1500);
        cr_expect_eq(scenario_count(s, "killing '"), WAVES);
        cr_expect_eq(scenario_count(s, "stopped: "), WAVES * PROGRAMS_PER_WAVE);
}
