/* What programs write, on its way through the daemon. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(logs, .timeout = 120);

Test(logs, that_are_rotated_away_are_compressed) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *compressed = scenario_path(s, "out.1.gz");

        scenario_configure(
                s, "",
                "[program:a]\nstartsecs=0\nautorestart=false\nstdout_logfile=%(here)s/out\n"
                "stdout_logfile_maxbytes=1KB\nstdout_logfile_backups=2\nstdout_logfile_compress=gzip\n"
                "command=/bin/sh -c 'for i in 1 2 3 4 5 6 7 8 9; do printf \"%%0200d\\n\" 0; done; "
                "exec %(ENV_CHILD)s append=%(here)s/ready await=%(here)s/out.1.gz say=after exit=0'\n");
        scenario_start(s, NULL);
        scenario_await(s, "exited: a \\(exit status 0; expected\\)");
        scenario_stop(s);
        cr_expect_eq(access(compressed, F_OK), 0);
        cr_expect_eq(scenario_count(s, "cannot compress"), 0);
}

Test(logs, last_lines_are_told_after_a_crash) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\nstartsecs=0\nautorestart=false\nlast_output_lines=2\n"
                           "command=%(ENV_CHILD)s say=one say=two say=three err=bad exit=3\n");
        scenario_start(s, NULL);
        scenario_await(s, "exited: a \\(exit status 3; not expected\\)");
        scenario_await(s, "last stderr of a: bad");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "last stdout of a: "), 2);
        cr_expect_eq(scenario_count(s, "last stdout of a: three"), 1);
        cr_expect_eq(scenario_count(s, "last stdout of a: one"), 0);
}
