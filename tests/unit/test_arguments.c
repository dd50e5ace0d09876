#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <getopt.h>

#include "main/arguments.h"

static void redirect(void) {
        cr_redirect_stderr();
        cr_redirect_stdout();
}

TestSuite(arguments, .timeout = 10, .init = redirect);

/* What arguments_parse() gives points into the arguments, so they last. */
static char *given[10];

static int parse(Arguments *o, char *const *list) {
        int n = 0;

        given[n++] = (char *)"supervisord";
        while (*list)
                given[n++] = *list++;
        given[n] = NULL;
        optind = 0;
        return arguments_parse(n, given, o);
}

#define PARSE(o, ...) parse(o, (char *[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

#define A(text) ((char *)text)

Test(arguments, none_means_to_run_with_a_configuration_to_be_found) {
        Arguments o;

        cr_assert_eq(PARSE(&o), 0);
        cr_expect_eq(o.verb, VERB_RUN);
        cr_expect_null(o.config_path);
        cr_expect_eq(o.n_overrides, 0);
}

Test(arguments, override_keys_in_their_short_and_long_forms) {
        Arguments o;

        cr_assert_eq(PARSE(&o, A("-n"), A("-edebug"), A("--pidfile=/p"), A("--conf"), A("/c")), 0);
        cr_expect_str_eq(o.config_path, "/c");
        cr_assert_eq(o.n_overrides, 3);
        cr_expect_str_eq(o.overrides[0].key, "nodaemon");
        cr_expect_str_eq(o.overrides[0].value, "true");
        cr_expect_str_eq(o.overrides[1].key, "loglevel");
        cr_expect_str_eq(o.overrides[1].value, "debug");
        cr_expect_str_eq(o.overrides[2].key, "pidfile");
        cr_expect_str_eq(o.overrides[2].value, "/p");
}

Test(arguments, given_twice_are_refused) {
        Arguments o;

        cr_expect_eq(PARSE(&o, A("-e"), A("info"), A("--loglevel=debug")), -EINVAL);
}

Test(arguments, that_do_not_exist_or_lack_an_argument_are_refused) {
        Arguments o;

        cr_expect_eq(PARSE(&o, A("-Z")), -EINVAL);
        cr_expect_eq(PARSE(&o, A("--no-such")), -EINVAL);
        cr_expect_eq(PARSE(&o, A("-c")), -EINVAL);
        cr_expect_eq(PARSE(&o, A("--dump-config=xml")), -EINVAL);
}

Test(arguments, do_not_mix_two_that_print_and_exit) {
        Arguments o;

        cr_expect_eq(PARSE(&o, A("-t"), A("--dump-config")), -EINVAL);
}

Test(arguments, name_a_unit_for_the_check_only) {
        Arguments o;

        cr_assert_eq(PARSE(&o, A("-t"), A("--unit=mine")), 0);
        cr_expect_str_eq(o.unit, "mine");
        cr_expect_eq(PARSE(&o, A("--unit=mine")), -EINVAL);
}

Test(arguments, choose_what_to_print) {
        Arguments o;

        cr_assert_eq(PARSE(&o, A("-t")), 0);
        cr_expect_eq(o.verb, VERB_CHECK);
        cr_assert_eq(PARSE(&o, A("--dump-config")), 0);
        cr_expect_eq(o.verb, VERB_DUMP_INI);
        cr_assert_eq(PARSE(&o, A("--dump-config=json"), A("--no-host-checks")), 0);
        cr_expect_eq(o.verb, VERB_DUMP_JSON);
        cr_expect(o.no_host_checks);
        cr_assert_eq(PARSE(&o, A("--help-config"), A("stopsignal")), 0);
        cr_expect_eq(o.verb, VERB_HELP_CONFIG);
        cr_expect_str_eq(o.topic, "stopsignal");
        cr_assert_eq(PARSE(&o, A("-?")), 0);
        cr_expect_eq(o.verb, VERB_HELP);
}

Test(arguments, take_a_command_only_after_two_dashes) {
        Arguments o;

        cr_expect_eq(PARSE(&o, A("sleep"), A("1")), -EINVAL);
        cr_assert_eq(PARSE(&o, A("--"), A("sleep"), A("-n")), 0);
        cr_expect_eq(o.verb, VERB_COMMAND);
        cr_expect_str_eq(o.command[0], "sleep");
        cr_expect_str_eq(o.command[1], "-n");
        cr_expect_null(o.command[2]);
        cr_expect_eq(PARSE(&o, A("-c"), A("x"), A("--"), A("sleep")), -EINVAL);
}
