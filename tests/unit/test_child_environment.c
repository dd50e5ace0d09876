#include <criterion/criterion.h>
#include <errno.h>

#include "base/strv.h"
#include "host/spawn/child-environment.h"

TestSuite(child_environment, .timeout = 10);

static char name[] = "web", group[] = "tier", url[] = "unix:///run/s.sock", a[] = "A=1",
            b[] = "B=program", mine[] = "SUPERVISOR_PROCESS_NAME=mine";
static char *names[] = { a, b, mine, NULL };

static ProcessSettings settings = { .serverurl = url };

static ProcessConfig config = {
        .name = name,
        .group = group,
        .settings = &settings,
        .environment = names,
};

/* What a child gets from a daemon that has @inherited, which ends with NULL. */
static char **build(const char *const *inherited) {
        _cleanup_(strv_freep) char **own = NULL;
        char **env = NULL;

        for (size_t i = 0; inherited[i]; i++)
                cr_assert_eq(strv_extend(&own, inherited[i]), 0);
        cr_assert_eq(environment_build(own, &config, &env), 0);
        return env;
}

#define INHERITED(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

Test(child_environment, keeps_what_the_daemon_inherited) {
        _cleanup_(strv_freep) char **env = build(INHERITED("PATH=/bin", "X="));

        cr_expect_str_eq(strv_env_get(env, "PATH"), "/bin");
        cr_expect_str_eq(strv_env_get(env, "X"), "");
}

Test(child_environment, lets_the_program_s_own_variables_win) {
        _cleanup_(strv_freep) char **env = build(INHERITED("A=0", "B=daemon"));

        cr_expect_str_eq(strv_env_get(env, "A"), "1");
        cr_expect_str_eq(strv_env_get(env, "B"), "program");
        cr_expect_str_eq(strv_env_get(env, "SUPERVISOR_PROCESS_NAME"), "mine");
        cr_expect_eq(strv_length(env), 6);
}

Test(child_environment, says_by_whom_it_is_supervised) {
        _cleanup_(strv_freep) char **env = build(INHERITED());

        cr_expect_str_eq(strv_env_get(env, "SUPERVISOR_ENABLED"), "1");
        cr_expect_str_eq(strv_env_get(env, "SUPERVISOR_GROUP_NAME"), "tier");
        cr_expect_str_eq(strv_env_get(env, "SUPERVISOR_SERVER_URL"), "unix:///run/s.sock");
}

Test(child_environment, hides_what_the_service_manager_meant_for_us) {
        _cleanup_(strv_freep) char **env =
                build(INHERITED("NOTIFY_SOCKET=/run/n", "WATCHDOG_USEC=1", "WATCHDOG_PID=1",
                                "LISTEN_FDS=1", "LISTEN_PID=1", "LISTEN_FDNAMES=a", "FDSTORE=1",
                                "INVOCATION_ID=1", "LISTEN_FDSX=kept"));

        cr_expect_null(strv_env_get(env, "NOTIFY_SOCKET"));
        cr_expect_null(strv_env_get(env, "WATCHDOG_USEC"));
        cr_expect_null(strv_env_get(env, "WATCHDOG_PID"));
        cr_expect_null(strv_env_get(env, "LISTEN_FDS"));
        cr_expect_null(strv_env_get(env, "LISTEN_PID"));
        cr_expect_null(strv_env_get(env, "LISTEN_FDNAMES"));
        cr_expect_null(strv_env_get(env, "FDSTORE"));
        cr_expect_null(strv_env_get(env, "INVOCATION_ID"));
        cr_expect_str_eq(strv_env_get(env, "LISTEN_FDSX"), "kept");
}

Test(child_environment, lets_the_login_win_over_all_but_the_program_s_own) {
        static char *login[] = { (char *)"HOME=/home/x", (char *)"USER=x", (char *)"B=login",
                                 NULL };
        ProcessSettings own = { .login = login };
        ProcessConfig c = config;
        _cleanup_(strv_freep) char **env = NULL;

        c.settings = &own;
        c.own_environment = names;
        cr_assert_eq(environment_build((char *[]){ (char *)"HOME=/root", NULL }, &c, &env), 0);
        cr_expect_str_eq(strv_env_get(env, "HOME"), "/home/x");
        cr_expect_str_eq(strv_env_get(env, "USER"), "x");
        cr_expect_str_eq(strv_env_get(env, "B"), "program");
}

Test(child_environment, lets_the_program_s_own_variables_win_over_its_files) {
        static char *own[] = { (char *)"A=own", NULL };
        char path[] = "/tmp/supervisord-env-XXXXXX";
        char *files[] = { (char *)"-/no/such/file", path, NULL };
        _cleanup_(freep) char *message = NULL;
        _cleanup_(strv_freep) char **env = NULL;
        ProcessSettings with_files = { .environment_files = files };
        ProcessConfig c = config;
        int fd = mkstemp(path);

        cr_assert_geq(fd, 0);
        cr_assert_eq(write(fd, "A=file\nB=file\n", 14), 14);
        safe_close(fd);
        c.own_environment = own;
        c.settings = &with_files;
        env = build((const char *const[]){ NULL });
        cr_assert_eq(environment_add_files(&c, &env, &message), 0);
        cr_expect_null(message);
        cr_expect_str_eq(strv_env_get(env, "A"), "own");
        cr_expect_str_eq(strv_env_get(env, "B"), "file", "over the daemon's");

        files[0] = (char *)"/no/such/file";
        cr_expect_eq(environment_add_files(&c, &env, &message), -ENOENT);
        cr_expect_str_eq(message, "couldn't read environment file '/no/such/file': "
                                  "No such file or directory");
        cr_assert_eq(unlink(path), 0);
}
