/* Commands that the daemon runs for itself. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/spawn/tool.h"

TestSuite(tool, .timeout = 20);

static void on_ended(void *userdata, unsigned id, const ProcessExit *exit) {
        cr_assert_fail("nobody is told any more");
}

Test(tool, does_not_outlive_who_has_started_it) {
        static const char *const argv[] = { "sleep", "1000", NULL };
        Spawner *spawner;
        Tools *tools;
        sigset_t none;
        int status = 0;

        (void)sigemptyset(&none);
        cr_assert_eq(spawner_new(&none, &spawner), 0);
        cr_assert_eq(tools_new(spawner, environ, on_ended, NULL, &tools), 0);
        cr_assert_eq(tools_start(tools, argv, -1, -1, 1), 0);
        tools = tools_free(tools);
        cr_assert_gt(waitpid(-1, &status, 0), 0);
        cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%#x", (unsigned)status);
        spawner = spawner_free(spawner);
}
