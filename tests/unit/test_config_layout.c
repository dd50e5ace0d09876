/* From bytes to keys: what the reader makes of files. */
#include "config-fixture.h"

#include "base/strv.h"

TestSuite(config_layout, .init = make_folder, .fini = remove_folder, .timeout = 20);

static const char *command_of(const Loaded *l) {
        return l->config->processes[0]->command;
}

Test(config_layout, takes_an_empty_section_for_a_section) {
        LOAD(l, "[supervisord]");
        cr_expect_eq(l.config->n_processes, 0);
}

Test(config_layout, needs_the_main_section) {
        REFUSE("", "no [supervisord] section");
        REFUSE("[program:a]\ncommand=x\n", "no [supervisord] section");
        REFUSE("[Supervisord]\n", "no [supervisord] section");
}

Test(config_layout, joins_deeper_lines_whatever_they_hold) {
        LOAD(l, "[supervisord]\n[program:a]\ncommand=/bin/cat\n  a=b ; c\n\n  # gone\n  [x]\n\n");
        cr_expect_str_eq(command_of(&l), "/bin/cat\na=b\n\n[x]");
}

Test(config_layout, takes_equally_indented_lines_for_keys) {
        LOAD(l, "[supervisord]\n  [program:a]\n  command=x\n  priority=5\n");
        cr_expect_str_eq(command_of(&l), "x");
        cr_expect_eq(l.config->processes[0]->priority, 5);
}

Test(config_layout, counts_a_tab_as_one_column) {
        LOAD(l, "[supervisord]\n[program:a]\n command=x\n\tpriority=5\n");
        cr_expect_eq(l.config->processes[0]->priority, 5);
}

Test(config_layout, ends_lines_at_every_kind_of_line_end) {
        LOAD(l, "[supervisord]\r\n[program:a]\rcommand=x\r\n\rpriority=5");
        cr_expect_str_eq(command_of(&l), "x");
        cr_expect_eq(l.config->processes[0]->priority, 5);
}

Test(config_layout, merges_sections_and_lets_the_last_key_win) {
        LOAD(l, "[supervisord]\n[program:a]\ncommand=x\npriority=1\n[program:b]\ncommand=y\n"
                "[program:a]\npriority=2\nPRIORITY=3\n");
        cr_expect_eq(l.config->processes[0]->priority, 3);
        cr_expect(mentions(&l, "main.conf:7: [program:a]: continues the section"));
        cr_expect(mentions(&l, "main.conf:9: [program:a] priority: replaces the value"));
        cr_expect_eq(l.report.n_warnings, 0, "these are notes");
}

Test(config_layout, gives_defaults_to_every_section) {
        LOAD(l,
             "[DEFAULT]\nautostart=false\npriority=7\n[supervisord]\n[program:a]\ncommand=x\npriority=8\n");
        cr_expect(!l.config->processes[0]->settings->autostart);
        cr_expect_eq(l.config->processes[0]->priority, 8);
}

Test(config_layout, keeps_long_names_and_lines_whole) {
        _cleanup_(freep) char *text = NULL;
        char name[201], *long_line = calloc(1, 900001);

        memset(name, 'n', 200);
        name[200] = '\0';
        for (size_t i = 0; i < 900000; i++)
                long_line[i] = "word_;word#x"[i % 12];
        cr_assert_geq(asprintf(&text, "[supervisord]\n[program:%s]\ncommand=%s\n", name, long_line),
                      0);
        {
                LOAD(l, text);
                cr_expect_str_eq(l.config->processes[0]->name, name);
                cr_expect_str_eq(command_of(&l), long_line);
        }
        free(long_line);
}

Test(config_layout, keeps_what_inih_would_take_for_its_own) {
        LOAD(l,
             "[supervisord]\n[program:a]\ncommand=|x = [y] : ;z|\n\t;\n\t= |\n[program:b]\ncommand= x;;y\n");
        cr_expect_str_eq(command_of(&l), "|x = [y] :\n= |");
        cr_expect_str_eq(l.config->processes[1]->command, "x;;y");
}

Test(config_layout, skips_a_byte_order_mark) {
        LOAD(l, "\xef\xbb\xbf[supervisord]\n");
}

Test(config_layout, names_the_line_of_text_that_is_nothing) {
        REFUSE("[supervisord]\nnodaemon=true\n\nrubbish\n",
               "main.conf:4: [supervisord]: neither a section nor a key");
        REFUSE("[supervisord]\n= x\n", "main.conf:2: [supervisord]: a key is missing");
        REFUSE("\n\nx=y\n[supervisord]\n", "main.conf:3: text before the first section");
}

Test(config_layout, reports_text_before_the_first_section_once) {
        _cleanup_(loaded_done) Loaded l = load_text("a=1\nb=2\nc=3\n[supervisord]\n");

        cr_expect_eq(l.report.n_errors, 1);
}

Test(config_layout, refuses_what_is_no_text) {
        REFUSE("[supervisord]\n# \xff\n",
               "main.conf:2: [supervisord]: the line is not valid UTF-8");
}

static Loaded load_bytes(const char *bytes, size_t n) {
        Loaded l = { 0 };
        FILE *f = fopen(in_folder("main.conf"), "we");

        cr_assert(f);
        cr_assert_eq(fwrite(bytes, 1, n, f), n);
        cr_assert_eq(fclose(f), 0);
        l.result = config_load(in_folder("main.conf"), NULL, &l.config, &l.report);
        return l;
}

Test(config_layout, refuses_nul_bytes_with_one_message) {
        static const char bytes[] = "[supervisord]\nlogfile=a\0b\nrubbish\n";
        _cleanup_(loaded_done) Loaded l = load_bytes(bytes, sizeof(bytes) - 1);

        cr_expect_eq(l.result, -EINVAL);
        cr_expect(mentions(&l, "main.conf:2: [supervisord]: the line holds a NUL byte"));
        cr_expect_eq(l.report.n_errors, 1);
}

Test(config_layout, refuses_a_line_of_100_mb_without_reading_it_all) {
        _cleanup_(loaded_done) Loaded l = { 0 };

        write_text("main.conf", "[supervisord]\nx=");
        cr_assert_eq(truncate(in_folder("main.conf"), 100 << 20), 0);
        l.result = config_load(in_folder("main.conf"), NULL, &l.config, &l.report);
        cr_expect_eq(l.result, -EINVAL);
        cr_expect(mentions(&l, "main.conf:2: [supervisord]: the line is longer than 1 MiB"));
}

Test(config_layout, refuses_what_is_no_regular_file_without_waiting) {
        _cleanup_(config_report_done) ConfigReport report = { 0 };
        Config *c = NULL;

        cr_assert_eq(mkfifo(in_folder("fifo"), 0600), 0);
        cr_expect_eq(config_load(in_folder("fifo"), NULL, &c, &report), -EINVAL);
        cr_expect_eq(config_load(in_folder("."), NULL, &c, &report), -EINVAL);
        cr_expect_eq(config_load("/dev/zero", NULL, &c, &report), -EINVAL);
        cr_expect_eq(config_load(in_folder("missing"), NULL, &c, &report), -EINVAL);
        cr_expect_eq(report.n_errors, 4);
        cr_expect_null(c);
}

Test(config_layout, includes_files_in_order_of_their_names) {
        write_text("2.conf", "[program:two]\ncommand=%(here)s/x\n");
        write_text("1.conf", "[program:two]\ncommand=first\n[program:one]\ncommand=y\n");
        write_text(".hidden.conf", "[program:hidden]\ncommand=z\n");
        LOAD(l, "[supervisord]\n[include]\nfiles = [0-9].conf %(here)s/nothing*.conf\n  *.none\n");
        cr_expect_eq(l.config->n_processes, 2);
        cr_expect_str_eq(l.config->processes[1]->command, in_folder("x"));
        cr_expect_eq(strv_length(l.config->included), 2);
        cr_expect(mentions(&l, "main.conf:3: [include] files: no file matches"));
}

Test(config_layout, takes_a_file_that_includes_itself) {
        LOAD(l, "[supervisord]\n[include]\nfiles = main.conf main.conf\n[program:a]\ncommand=x\n");
        cr_expect_eq(l.config->n_processes, 1);
}

Test(config_layout, warns_of_includes_that_do_not_count) {
        write_text("1.inc", "[include]\nfiles = 2.inc\n");
        write_text("2.inc", "[program:b]\ncommand=x\n");
        LOAD(l, "[supervisord]\n[include]\nfiles = 1.inc\n");
        cr_expect_eq(l.config->n_processes, 0);
        cr_expect(mentions(&l, "1.inc:2: [include] files: [include] counts in the main file only"));
}

Test(config_layout, skips_included_directories_and_fifos_with_a_warning) {
        cr_assert_eq(mkdir(in_folder("a.d"), 0700), 0);
        cr_assert_eq(mkfifo(in_folder("b.d"), 0600), 0);
        LOAD(l, "[supervisord]\n[include]\nfiles = *.d\n");
        cr_expect(mentions(&l, "a.d is a directory"));
        cr_expect(mentions(&l, "b.d is no regular file"));
}

Test(config_layout, refuses_errors_in_an_included_file_by_its_name) {
        write_text("1.inc", "[program:b]\ncommand=x\nrubbish\n");
        REFUSE("[supervisord]\n[include]\nfiles = 1.inc\n", "1.inc:3: [program:b]: neither");
}

Test(config_layout, needs_files_in_include) {
        REFUSE("[supervisord]\n[include]\n", "files is missing");
}
