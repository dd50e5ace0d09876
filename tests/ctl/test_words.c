/* Names, words, columns, the table of commands and the words for results. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "base/strv.h"
#include "ctl/command-table.h"
#include "ctl/session/outcomes.h"
#include "ctl/session/word-list.h"
#include "ctl/text/columns.h"
#include "ctl/text/namespec.h"
#include "ctl/text/outcome-text.h"

TestSuite(words, .timeout = 20);

static bool matches(const char *text, const char *group, const char *name) {
        Namespec spec;
        bool yes;

        cr_assert_eq(namespec_parse(text, &spec), 0);
        yes = namespec_matches(&spec, group, name);
        namespec_done(&spec);
        return yes;
}

Test(words, names_mean_processes_groups_and_patterns) {
        static const struct {
                const char *text, *group, *name;
                bool yes;
        } cases[] = {
                { "cat", "cat", "cat", true },
                { "cat", "g", "cat", false },
                { "cat:cat", "cat", "cat", true },
                { "web:web_00", "web", "web_00", true },
                { "web:web_00", "web", "web_01", false },
                { "web:*", "web", "web_01", true },
                { "web:", "web", "web_01", true },
                { "web:*", "webs", "web_01", false },
                { "web:web_0?", "web", "web_01", true },
                { "web:web_0[1-3]", "web", "web_04", false },
                { "w*", "web", "web_01", true },
                { "w*", "cat", "cat", false },
                { "c?t", "cat", "cat", true },
                { "cat:*", "cat", "cat", true },
                { "c*:*", "cat", "cat", true },
                { "*_01", "web", "web_01", true },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                cr_expect_eq(matches(cases[i].text, cases[i].group, cases[i].name), cases[i].yes,
                             "%s and %s:%s", cases[i].text, cases[i].group, cases[i].name);
}

Test(words, options_are_taken_out_wherever_they_stand) {
        char *words[] = { "a", "--flag", "b", "--n", "3", "--m=4", "c", NULL };
        const char *n = NULL, *m = NULL, *none = NULL;

        cr_assert(words_take_flag(words, "--flag"));
        cr_assert_not(words_take_flag(words, "--flag"));
        cr_assert_eq(words_take_value(words, "--n", &n), 1);
        cr_assert_eq(words_take_value(words, "--m", &m), 1);
        cr_assert_eq(words_take_value(words, "--o", &none), 0);
        cr_assert_str_eq(n, "3");
        cr_assert_str_eq(m, "4");
        cr_assert_eq(strv_length(words), 3);
        cr_assert_str_eq(words[2], "c");
}

Test(words, an_option_without_its_value_is_refused) {
        char *words[] = { "a", "--n", NULL };
        const char *n = NULL;

        cr_assert_eq(words_take_value(words, "--n", &n), -EINVAL);
}

Test(words, a_line_is_cut_at_blanks) {
        _cleanup_(strv_freep) char **words = NULL, **none = NULL;

        cr_assert_eq(words_split("  stop\ta  b ", &words), 0);
        cr_assert_eq(strv_length(words), 3);
        cr_assert_str_eq(words[1], "a");
        cr_assert_eq(words_split(" \t", &none), 0);
        cr_assert_eq(strv_length(none), 0);
}

/* ---------------------------------------------------------------- columns */

static char *columns(const char *const *names, size_t n, size_t width) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        cr_assert_not_null(f);
        columns_print(f, names, n, width);
        cr_assert_eq(fclose(f), 0);
        return text;
}

Test(words, columns_are_those_of_python) {
        static const char *const names[] = {
                "add",    "avail", "clear",  "exit",   "fg",     "maintail", "open",
                "pid",    "quit",  "reload", "remove", "reread", "restart",  "shutdown",
                "signal", "start", "status", "stop",   "tail",   "update",   "version",
        };
        _cleanup_(freep) char *text = columns(names, ELEMENTSOF(names), 79);

        cr_assert_str_eq(text, "add    exit      open  reload  restart   start   tail   \n"
                               "avail  fg        pid   remove  shutdown  status  update \n"
                               "clear  maintail  quit  reread  signal    stop    version\n");
}

Test(words, too_narrow_columns_are_one) {
        static const char *const names[] = { "aa", "b" };
        _cleanup_(freep) char *text = columns(names, 2, 2), *none = columns(names, 0, 2);

        cr_assert_str_eq(text, "aa\nb \n");
        cr_assert_str_eq(none, "");
}

/* ---------------------------------------------------------------- commands */

Test(words, every_command_is_there_once_and_explained_by_its_name) {
        for (const Command *const *c = commands; *c; c++) {
                cr_expect_eq(command_find((*c)->name), *c, "%s", (*c)->name);
                cr_expect_eq(strncmp((*c)->help, (*c)->name, strlen((*c)->name)), 0, "%s",
                             (*c)->name);
                cr_expect_not_null((*c)->run, "%s", (*c)->name);
        }
        cr_assert_null(command_find("star"));
}

/* @path is from the top of the source. */
static char *read_file(const char *path) {
        char *text = calloc(1, 200000);
        FILE *f = fopen(path, "re");

        cr_assert_not_null(f, "%s", path);
        cr_assert_not_null(text);
        cr_assert_gt(fread(text, 1, 199999, f), 0);
        (void)fclose(f);
        return text;
}

Test(words, every_command_is_in_the_manual) {
        _cleanup_(freep) char *page = read_file("man/supervisorctl.1");

        for (const Command *const *c = commands; *c; c++) {
                char item[64];

                (void)snprintf(item, sizeof(item), ".It Cm %s", (*c)->name);
                cr_expect_not_null(strstr(page, item), "%s", (*c)->name);
        }
}

Test(words, every_command_is_completed_by_every_shell) {
        static const char *const files[] = {
                "packaging/completions/supervisorctl.bash",
                "packaging/completions/supervisorctl.zsh",
                "packaging/completions/supervisorctl.fish",
        };

        for (size_t k = 0; k < ELEMENTSOF(files); k++) {
                _cleanup_(freep) char *text = read_file(files[k]);

                for (const Command *const *c = commands; *c; c++)
                        cr_expect_not_null(strstr(text, (*c)->name), "%s in %s", (*c)->name,
                                           files[k]);
        }
}

/* ---------------------------------------------------------------- results */

Test(words, results_are_told_in_pythons_words) {
        static const struct {
                Outcome result;
                const char *text;
        } cases[] = {
                { { "x", "x", "started", FAULT_NONE, "" }, "x: started" },
                { { "g", "x", "stopped", FAULT_NONE, "" }, "g:x: stopped" },
                { { "x", "x", "", FAULT_NO_SUCH_PROCESS, "" }, "x: ERROR (no such process)" },
                { { "g", "", "", FAULT_NO_SUCH_GROUP, "" }, "g: ERROR (no such group)" },
                { { "x", "x", "", FAULT_NO_FILE, "can't find" }, "x: ERROR (no such file)" },
                { { "x", "x", "", FAULT_NOT_EXECUTABLE, "" }, "x: ERROR (file is not executable)" },
                { { "x", "x", "", FAULT_ALREADY_STARTED, "" }, "x: ERROR (already started)" },
                { { "x", "x", "", FAULT_SPAWN_ERROR, "" }, "x: ERROR (spawn error)" },
                { { "x", "x", "", FAULT_ABNORMAL_TERMINATION, "" },
                  "x: ERROR (abnormal termination)" },
                { { "x", "x", "", FAULT_NOT_RUNNING, "" }, "x: ERROR (not running)" },
                { { "x", "x", "", FAULT_BAD_SIGNAL, "" }, "x: ERROR (bad signal name)" },
                { { "x", "x", "", FAULT_FAILED, "disk full" }, "x: ERROR (disk full)" },
                { { "x", "x", "", FAULT_OTHER, "" }, "x: ERROR (failed)" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(freep) char *text = NULL;

                cr_assert_eq(outcome_describe(&cases[i].result, NULL, &text), 0);
                cr_expect_str_eq(text, cases[i].text);
        }
}

Test(words, faults_have_the_exit_codes_of_python) {
        cr_assert_eq(fault_status(FAULT_NONE), 0);
        cr_assert_eq(fault_status(FAULT_SPAWN_ERROR), 7);
        cr_assert_eq(fault_status(FAULT_ABNORMAL_TERMINATION), 7);
        cr_assert_eq(fault_status(FAULT_NOT_RUNNING), 7);
        cr_assert_eq(fault_status(FAULT_NO_SUCH_PROCESS), 1);
        cr_assert_eq(fault_status(FAULT_TIMEOUT), 1);
}

Test(words, faults_are_known_with_and_without_their_prefix) {
        cr_assert_eq(fault_from_name(""), FAULT_NONE);
        cr_assert_eq(fault_from_name("NotRunning"), FAULT_NOT_RUNNING);
        cr_assert_eq(fault_from_name("org.supervisord.Error.CantReread"), FAULT_CANNOT_REREAD);
        cr_assert_eq(fault_from_name("org.freedesktop.DBus.Error.AccessDenied"),
                     FAULT_ACCESS_DENIED);
        cr_assert_eq(fault_from_name("org.example.Other"), FAULT_OTHER);
}
