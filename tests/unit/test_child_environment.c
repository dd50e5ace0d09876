#include <criterion/criterion.h>

#include "base/strv.h"
#include "host/environment.h"

TestSuite(child_environment, .timeout = 10);

static char *names[] = { "A=1", "B=program", "SUPERVISOR_PROCESS_NAME=mine", NULL };

static ProcessConfig config = {
        .name = (char *)"web",
        .group = (char *)"tier",
        .serverurl = (char *)"unix:///run/s.sock",
        .environment = names,
};

static char **build(char *const *inherited) {
        char **env = NULL;

        cr_assert_eq(environment_build(inherited, &config, &env), 0);
        return env;
}

Test(child_environment, keeps_what_the_daemon_inherited) {
        _cleanup_(strv_freep) char **env =
                build((char *[]){ (char *)"PATH=/bin", (char *)"X=", NULL });

        cr_expect_str_eq(strv_env_get(env, "PATH"), "/bin");
        cr_expect_str_eq(strv_env_get(env, "X"), "");
}

Test(child_environment, lets_the_program_s_own_variables_win) {
        _cleanup_(strv_freep) char **env =
                build((char *[]){ (char *)"A=0", (char *)"B=daemon", NULL });

        cr_expect_str_eq(strv_env_get(env, "A"), "1");
        cr_expect_str_eq(strv_env_get(env, "B"), "program");
        cr_expect_str_eq(strv_env_get(env, "SUPERVISOR_PROCESS_NAME"), "mine");
        cr_expect_eq(strv_length(env), 6);
}

Test(child_environment, says_by_whom_it_is_supervised) {
        _cleanup_(strv_freep) char **env = build(NULL);

        cr_expect_str_eq(strv_env_get(env, "SUPERVISOR_ENABLED"), "1");
        cr_expect_str_eq(strv_env_get(env, "SUPERVISOR_GROUP_NAME"), "tier");
        cr_expect_str_eq(strv_env_get(env, "SUPERVISOR_SERVER_URL"), "unix:///run/s.sock");
}

Test(child_environment, hides_what_the_service_manager_meant_for_us) {
        _cleanup_(strv_freep) char **env = build((char *[]){
                (char *)"NOTIFY_SOCKET=/run/n", (char *)"WATCHDOG_USEC=1", (char *)"WATCHDOG_PID=1",
                (char *)"LISTEN_FDS=1", (char *)"LISTEN_PID=1", (char *)"LISTEN_FDNAMES=a",
                (char *)"FDSTORE=1", (char *)"INVOCATION_ID=1", (char *)"LISTEN_FDSX=kept", NULL });

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
