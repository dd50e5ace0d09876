/* Environment files in the dialect of systemd. */
#include <sys/stat.h>

#include "base/strv.h"
#include "files.h"
#include "host/spawn/envfile.h"

TestSuite(envfile, .init = make_folder, .fini = remove_folder, .timeout = 20);

static char **parsed(const char *text) {
        const char *why = NULL;
        char **env = NULL;
        unsigned line = 0;

        cr_assert_eq(envfile_parse(text, &env, &line, &why), 0, "line %u: %s", line, why);
        return env;
}

static void expect_value(const char *text, const char *name, const char *expected) {
        _cleanup_(strv_freep) char **env = parsed(text);
        const char *value = strv_env_get(env, name);

        cr_assert_not_null(value, "%s", text);
        cr_expect_str_eq(value, expected, "'%s' from: %s", value, text);
}

static void expect_refusal(const char *text, unsigned expected_line, const char *expected) {
        _cleanup_(strv_freep) char **env = NULL;
        const char *why = NULL;
        unsigned line = 0;

        cr_assert_eq(envfile_parse(text, &env, &line, &why), -EINVAL, "%s", text);
        cr_expect_eq(line, expected_line, "line %u of: %s", line, text);
        cr_expect(strstr(why, expected), "%s", why);
}

Test(envfile, sets_one_variable_per_line) {
        _cleanup_(strv_freep) char **env = parsed("A=1\nB = two words \t\r\n\n  C=\nD=x=y");

        cr_expect_eq(strv_length(env), 4);
        cr_expect_str_eq(strv_env_get(env, "A"), "1");
        cr_expect_str_eq(strv_env_get(env, "B"), "two words");
        cr_expect_str_eq(strv_env_get(env, "C"), "");
        cr_expect_str_eq(strv_env_get(env, "D"), "x=y");
}

Test(envfile, passes_over_comments_and_lines_without_an_assignment) {
        _cleanup_(strv_freep) char **env = parsed("# A=1\n ;B=2\nnothing here\nC=3 # kept\n\n");

        cr_expect_eq(strv_length(env), 1);
        cr_expect_str_eq(strv_env_get(env, "C"), "3 # kept");
}

Test(envfile, lets_the_last_assignment_win) {
        expect_value("A=1\nA=2\n", "A", "2");
}

Test(envfile, takes_quotes_away_at_the_start_of_a_part) {
        expect_value("A=\"x  y \"", "A", "x  y ");
        expect_value("A='x \"y\" \\n'", "A", "x \"y\" \\n");
        expect_value("A=\"a\"'b' c", "A", "abc");
        expect_value("A=it's", "A", "it's");
        expect_value("A=\"\"", "A", "");
}

Test(envfile, lets_quotes_go_over_lines) {
        expect_value("A='x\ny'\n", "A", "x\ny");
        expect_value("A=\"x\ny\"\nB=1", "B", "1");
}

Test(envfile, treats_backslashes_as_systemd_does) {
        expect_value("A=a\\b\\\\c", "A", "ab\\c");
        expect_value("A=x\\\ny", "A", "xy");
        expect_value("A=x\\\r\ny", "A", "xy");
        expect_value("A=x\\ ", "A", "x ");
        expect_value("A=\"\\\"\\$\\n\\`\"", "A", "\"$\\n`");
        expect_value("A=\"x\\\ny\"", "A", "xy");
        expect_value("A=x\\", "A", "x");
}

Test(envfile, refuses_what_it_cannot_understand_with_its_line) {
        expect_refusal("A=1\n\nexport B=2\n", 3, "no name of a variable");
        expect_refusal("1A=x", 1, "no name of a variable");
        expect_refusal("=x", 1, "no name of a variable");
        expect_refusal("A='x\ny'\nB=\"z\n\n", 3, "a quote is not closed");
}

static void expect_message(const char *path, int error, const char *expected) {
        _cleanup_(strv_freep) char **env = NULL;
        _cleanup_(freep) char *message = NULL;

        cr_expect_eq(envfile_read(path, &env, &message), error);
        cr_assert_not_null(message);
        cr_expect(strstr(message, path) && strstr(message, expected), "%s", message);
}

Test(envfile, reads_a_file_over_what_is_there) {
        _cleanup_(strv_freep) char **env = parsed("A=0\nZ=0");
        _cleanup_(freep) char *message = NULL;

        write_file(in_folder("env"), "A=1\nB=2");
        cr_assert_eq(envfile_read(in_folder("env"), &env, &message), 0);
        cr_expect_null(message);
        cr_expect_str_eq(strv_env_get(env, "A"), "1");
        cr_expect_str_eq(strv_env_get(env, "B"), "2");
        cr_expect_str_eq(strv_env_get(env, "Z"), "0");
}

Test(envfile, says_why_a_file_cannot_be_read) {
        _cleanup_(fclosep) FILE *large = fopen(in_folder("large"), "we");

        expect_message(in_folder("missing"), -ENOENT, "No such file or directory");
        expect_message(folder, -EINVAL, "no regular file");
        cr_assert_eq(mkfifo(in_folder("fifo"), 0600), 0);
        expect_message(in_folder("fifo"), -EINVAL, "no regular file");
        write_file(in_folder("bad"), "A=1\nB='");
        expect_message(in_folder("bad"), -EINVAL, "line 2: a quote is not closed");
        cr_assert_not_null(large);
        for (size_t i = 0; i <= ENVFILE_SIZE_MAX; i++)
                (void)fputc('#', large);
        cr_assert_eq(fflush(large), 0);
        expect_message(in_folder("large"), -EINVAL, "too large");
        cr_assert_eq(ftruncate(fileno(large), 0), 0);
        cr_assert_eq(ftruncate(fileno(large), 1), 0);
        expect_message(in_folder("large"), -EINVAL, "NUL byte");
}
