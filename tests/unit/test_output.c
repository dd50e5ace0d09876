#include <sys/wait.h>

#include "output-fixture.h"

TestSuite(output, .init = make_outputs, .fini = free_outputs, .timeout = 20);

/* Let the loop turn until the log of stdout has @size bytes. */
static void wait_for_size(off_t size) {
        struct pollfd p = { .fd = outputs_get_fd(outputs), .events = POLLIN };
        struct stat st = {};

        while (stat(in_folder("out"), &st) < 0 || st.st_size < size) {
                cr_assert_eq(poll(&p, 1, -1), 1);
                cr_assert_eq(outputs_dispatch(outputs), 0);
        }
}

Test(output, goes_to_the_files_as_it_is) {
        start();
        say(OUTPUT_STDOUT, "to stdout, no newline");
        say(OUTPUT_STDERR, "to stderr\n");
        output_drain(output);

        expect_file(in_folder("out"), "to stdout, no newline");
        expect_file(in_folder("err"), "to stderr\n");
        cr_expect_str_eq(output_get_path(output, OUTPUT_STDERR), in_folder("err"));
}

Test(output, is_written_by_the_loop) {
        start();
        say(OUTPUT_STDOUT, "one\n");
        cr_expect(is_readable());
        wait_for_size(4);
        say(OUTPUT_STDOUT, "two\n");
        wait_for_size(8);
        expect_file(in_folder("out"), "one\ntwo\n");
}

Test(output, wakes_nobody_while_nothing_is_written) {
        struct pollfd p = { .fd = -1, .events = POLLIN };

        start();
        say(OUTPUT_STDOUT, "one\n");
        p.fd = outputs_get_fd(outputs);

        /* The turn that reads, and the one that finds nothing after the rest. */
        for (int i = 0; i < 2; i++) {
                cr_assert_eq(poll(&p, 1, 1000), 1);
                cr_assert_eq(outputs_dispatch(outputs), 0);
        }
        cr_expect_eq(poll(&p, 1, 50), 0, "it is quiet from then on");

        close_child();
        cr_assert_eq(poll(&p, 1, 1000), 1);
        cr_assert_eq(outputs_dispatch(outputs), 0);
        cr_expect_eq(poll(&p, 1, 50), 0, "also after the end");
}

Test(output, of_stderr_follows_stdout_when_redirected) {
        config->settings->redirect_stderr = true;
        start();
        say(OUTPUT_STDOUT, "a\n");
        say(OUTPUT_STDERR, "b\n");
        say(OUTPUT_STDOUT, "c\n");
        output_drain(output);

        expect_file(in_folder("out"), "a\nb\nc\n");
        cr_expect_neq(access(in_folder("err"), F_OK), 0);
        cr_expect_str_eq(output_get_path(output, OUTPUT_STDERR), in_folder("out"));
}

Test(output, of_two_streams_with_one_path_is_rotated_by_one_owner) {
        replace_path(OUTPUT_STDERR, in_folder("out"));
        for (int i = 0; i < 2; i++) {
                config->log[i].max_bytes = 10;
                config->log[i].backups = 5;
        }
        start();
        for (int i = 0; i < 2; i++) {
                say(OUTPUT_STDOUT, "stdout\n");
                output_drain(output);
                say(OUTPUT_STDERR, "stderr\n");
                output_drain(output);
        }

        expect_file(in_folder("out.2"), "stdout\nstderr\n");
        expect_file(in_folder("out.1"), "stdout\nstderr\n");
        expect_file(in_folder("out"), "");
}

Test(output, of_an_auto_log_has_a_private_file) {
        struct stat st;
        const char *path;

        config->log[OUTPUT_STDOUT].kind = LOG_KIND_AUTO;
        start();
        say(OUTPUT_STDOUT, "x\n");
        output_drain(output);

        path = output_get_path(output, OUTPUT_STDOUT);
        expect_file(path, "x\n");
        cr_expect_not_null(strstr(path, "/web-stdout---test-"));
        cr_expect_str_eq(path + strlen(path) - 4, ".log");
        cr_assert_eq(stat(path, &st), 0);
        cr_expect_eq(st.st_mode & 0777, 0600);
}

Test(output, auto_files_of_earlier_runs_are_removed) {
        const OutputsOptions keep = { .childlogdir = folder,
                                      .identifier = "test",
                                      .keep_auto_files = true };
        const OutputsOptions clean = { .childlogdir = folder, .identifier = "test" };
        static const char *const ours[] = { "a-stdout---test-12345678.log",
                                            "a---b-stderr---test-abc.log.12" };
        static const char *const foreign[] = { "a-stdout---other-12345678.log", "test.log",
                                               "a-stdout---test-x.log.keep", "---test-x.log" };

        for (size_t i = 0; i < ELEMENTSOF(ours); i++)
                write_file(in_folder(ours[i]), "");
        for (size_t i = 0; i < ELEMENTSOF(foreign); i++)
                write_file(in_folder(foreign[i]), "");

        outputs = outputs_free(outputs);
        cr_assert_eq(outputs_new(&keep, &outputs), 0);
        cr_expect_eq(access(in_folder(ours[0]), F_OK), 0);

        outputs = outputs_free(outputs);
        cr_assert_eq(outputs_new(&clean, &outputs), 0);
        for (size_t i = 0; i < ELEMENTSOF(ours); i++)
                cr_expect_neq(access(in_folder(ours[i]), F_OK), 0, "%s", ours[i]);
        for (size_t i = 0; i < ELEMENTSOF(foreign); i++)
                cr_expect_eq(access(in_folder(foreign[i]), F_OK), 0, "%s", foreign[i]);
}

static bool same_file(int a, int b) {
        struct stat x, y;

        cr_assert_eq(fstat(a, &x), 0);
        cr_assert_eq(fstat(b, &y), 0);
        return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

Test(output, is_the_daemons_own_when_inherited) {
        int fd = open(in_folder("daemon"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

        cr_assert_geq(dup2(fd, STDOUT_FILENO), 0);
        config->log[OUTPUT_STDOUT].kind = LOG_KIND_INHERIT;
        replace_path(OUTPUT_STDERR, "/dev/stdout");
        start();
        cr_expect(same_file(child_fds[1], STDOUT_FILENO));
        cr_expect(same_file(child_fds[2], STDOUT_FILENO));
        safe_close(fd);
}

Test(output, of_none_goes_nowhere) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        config->log[OUTPUT_STDOUT].kind = LOG_KIND_NONE;
        start();
        cr_expect(same_file(child_fds[1], null));
        cr_expect_null(output_get_path(output, OUTPUT_STDOUT));
        cr_expect_eq(output_clear(output, OUTPUT_STDOUT), -ENOENT);
        safe_close(null);
}

Test(output, falls_back_where_there_is_no_journal) {
        if (access("/run/systemd/journal/stdout", F_OK) >= 0)
                cr_skip("there is a journal here");

        config->log[OUTPUT_STDOUT].kind = LOG_KIND_JOURNAL;
        start();
        cr_expect_eq(n_events[OUTPUT_EVENT_FALLBACK], 1);
        cr_expect_str_eq(last_event.target, "journal");
        cr_expect_eq(last_event.error, ENOENT);
        cr_expect(same_file(child_fds[1], STDOUT_FILENO));
}

Test(output, of_a_direct_log_is_the_file_itself) {
        config->log[OUTPUT_STDOUT].direct = true;
        write_file(in_folder("out"), "old\n");
        start();
        cr_expect(!(fcntl(child_fds[1], F_GETFL) & O_NONBLOCK));
        say(OUTPUT_STDOUT, "new\n");
        expect_file(in_folder("out"), "old\nnew\n");
}

Test(output, child_finds_an_open_stdin_and_blocking_pipes) {
        struct pollfd p = { .events = POLLIN };

        start();
        p.fd = child_fds[0];
        cr_expect_eq(poll(&p, 1, 0), 0, "neither data nor the end");
        cr_expect_eq(fcntl(child_fds[1], F_GETFL) & O_NONBLOCK, 0);
        cr_expect_neq(fcntl(child_fds[1], F_GETFD) & FD_CLOEXEC, 0);

        output_drain(output);
        cr_expect_eq(poll(&p, 1, 0), 1, "the end, once the child is gone");
}

Test(output, of_descendants_is_logged_after_a_restart) {
        int old;

        start();
        old = fcntl(child_fds[1], F_DUPFD_CLOEXEC, 3);
        say(OUTPUT_STDOUT, "first\n");
        output_drain(output);
        start();
        say(OUTPUT_STDOUT, "second\n");
        output_drain(output);
        cr_assert_eq(write(old, "descendant\n", 11), 11);
        output_drain(output);

        expect_file(in_folder("out"), "first\nsecond\ndescendant\n");
        safe_close(old);
}

Test(output, draining_ends_though_a_descendant_writes_for_ever) {
        pid_t pid;

        start();
        pid = fork();
        cr_assert_geq(pid, 0);
        if (pid == 0)
                for (;;)
                        if (write(child_fds[1], "yes\n", 4) < 0)
                                _exit(0);

        output_drain(output);
        cr_expect_eq(kill(pid, SIGKILL), 0);
        cr_expect_eq(waitpid(pid, NULL, 0), pid);
}

Test(output, notes_of_ours_stand_in_the_log) {
        start();
        output_write(output, OUTPUT_STDERR, "supervisor: couldn't exec x: ENOENT\n");
        expect_file(in_folder("err"), "supervisor: couldn't exec x: ENOENT\n");
}

Test(output, follows_a_moved_file_after_reopening) {
        start();
        say(OUTPUT_STDOUT, "one\n");
        output_drain(output);
        cr_assert_eq(rename(in_folder("out"), in_folder("moved")), 0);
        outputs_reopen(outputs);
        say(OUTPUT_STDOUT, "two\n");
        output_drain(output);

        expect_file(in_folder("moved"), "one\n");
        expect_file(in_folder("out"), "two\n");
}

Test(output, is_cleared_and_rotated_on_demand) {
        config->log[OUTPUT_STDOUT].backups = 3;
        start();
        say(OUTPUT_STDOUT, "one\n");
        output_drain(output);
        cr_expect_eq(output_clear(output, OUTPUT_STDOUT), 0);
        say(OUTPUT_STDOUT, "two\n");
        output_drain(output);
        cr_expect_eq(output_rotate(output, OUTPUT_STDOUT), 0);
        say(OUTPUT_STDOUT, "three\n");
        output_drain(output);

        expect_file(in_folder("out.1"), "two\n");
        expect_file(in_folder("out"), "three\n");
}

Test(output, last_lines_are_read_from_the_log) {
        _cleanup_(freep) char *lines = NULL;

        start();
        say(OUTPUT_STDOUT, "one\ntwo\nthree\n");
        output_drain(output);
        cr_expect_eq(output_last_lines(output, OUTPUT_STDOUT, 2, &lines), 2);
        cr_expect_str_eq(lines, "two\nthree");
}

Test(output, last_lines_are_remembered_where_there_is_no_log) {
        _cleanup_(freep) char *lines = NULL, *none = NULL;

        config->log[OUTPUT_STDOUT].kind = LOG_KIND_NONE;
        config->settings->last_output_lines = 2;
        start();
        say(OUTPUT_STDOUT, "one\ntwo\nthree\n");
        output_drain(output);
        cr_expect_eq(output_last_lines(output, OUTPUT_STDOUT, 2, &lines), 2);
        cr_expect_str_eq(lines, "two\nthree");

        start();
        cr_expect_eq(output_last_lines(output, OUTPUT_STDOUT, 2, &none), 0,
                     "a new child, a new story");
        cr_expect_str_eq(none, "");
}

Test(output, events_carry_what_was_logged) {
        config->log[OUTPUT_STDOUT].events_enabled = true;
        start();
        say(OUTPUT_STDOUT, "seen");
        say(OUTPUT_STDERR, "unseen");
        output_drain(output);

        cr_expect_eq(data_size, 4);
        cr_expect_eq(memcmp(data, "seen", 4), 0);
        outputs_set_echo(outputs, true);
        say(OUTPUT_STDERR, "now too");
        output_drain(output);
        cr_expect_eq(data_size, 11);
        cr_expect_eq(last_event.stream, OUTPUT_STDERR);
}

Test(output, captured_messages_are_not_logged) {
        config->log[OUTPUT_STDOUT].capture_max_bytes = 100;
        start();
        say(OUTPUT_STDOUT, "a<!--XSUPERVISOR:BEGIN-->message<!--XSUPERVISOR:END-->b\n");
        say(OUTPUT_STDOUT, "c<!--");
        close_child();
        output_drain(output);

        cr_expect_eq(n_events[OUTPUT_EVENT_CAPTURED], 1);
        cr_expect_eq(data_size, 7);
        cr_expect_eq(memcmp(data, "message", 7), 0);
        expect_file(in_folder("out"), "ab\nc<!--");
}

Test(output, loses_its_colours_when_told) {
        const OutputsOptions options = { .childlogdir = folder,
                                         .identifier = "t",
                                         .strip_ansi = true };

        outputs = outputs_free(outputs);
        cr_assert_eq(outputs_new(&options, &outputs), 0);
        start();
        say(OUTPUT_STDOUT, "\033[31mred\033[0m\n");
        output_drain(output);
        expect_file(in_folder("out"), "red\n");
}

Test(output, lines_bear_time_and_name_with_a_prefix) {
        _cleanup_(freep) char *text = NULL;

        config->settings->log_format = LOG_FORMAT_PREFIX;
        start();
        say(OUTPUT_STDOUT, "one\ntw");
        say(OUTPUT_STDOUT, "o\nend");
        close_child();
        output_drain(output);

        text = slurp(in_folder("out"));
        cr_assert(text);
        cr_expect_eq(strlen(text),
                     3 * strlen("2026-01-31 12:00:00,123 web: ") + strlen("one\ntwo\nend\n"));
        cr_expect_not_null(strstr(text, " web: two\n"));
        cr_expect_not_null(strstr(text, " web: end\n"));
}

Test(output, lines_are_objects_in_json) {
        _cleanup_(freep) char *text = NULL;

        config->settings->log_format = LOG_FORMAT_JSON;
        start();
        say(OUTPUT_STDERR, "say \"hi\"\n");
        output_drain(output);

        text = slurp(in_folder("err"));
        cr_assert(text);
        cr_expect_not_null(strstr(text,
                                  "\"process\":\"web\",\"group\":\"site\",\"stream\":\"stderr\","
                                  "\"pid\":42,\"message\":\"say \\\"hi\\\"\"}\n"),
                           "%s", text);
}

/* execvp() changes nothing of it, but does not say so. */
static void run_tool(const char *const *argv) {
        char *const *words;

        memcpy(&words, &argv, sizeof(words));
        execvp(argv[0], words);
        _exit(127);
}

/* Run the tool as the daemon would; gives whether it succeeded. */
static bool run_job(const OutputCompress *job) {
        int status;
        pid_t pid = fork();

        cr_assert_geq(pid, 0);
        if (pid == 0) {
                (void)dup2(job->stdin_fd, 0);
                (void)dup2(job->stdout_fd, 1);
                run_tool(job->argv);
        }

        cr_assert_eq(waitpid(pid, &status, 0), pid);
        safe_close(job->stdin_fd);
        safe_close(job->stdout_fd);
        return status == 0;
}

static void expect_unpacked(const char *name, const char *expected) {
        char command[200], text[100] = {};
        FILE *f;

        (void)snprintf(command, sizeof(command), "gzip -dc %s", in_folder(name));
        f = popen(command, "re");
        cr_assert(f);
        cr_expect_eq(fread(text, 1, sizeof(text) - 1, f), strlen(expected), "%s", name);
        (void)pclose(f);
        cr_expect_str_eq(text, expected, "%s", name);
}

Test(output, rotated_files_are_compressed_while_others_follow) {
        config->log[OUTPUT_STDOUT].max_bytes = 4;
        config->log[OUTPUT_STDOUT].backups = 5;
        config->log[OUTPUT_STDOUT].compress = LOG_COMPRESS_GZIP;
        start();
        say(OUTPUT_STDOUT, "one\n");
        output_drain(output);
        cr_assert_eq(n_events[OUTPUT_EVENT_COMPRESS], 1);

        say(OUTPUT_STDOUT, "two\n"); /* moves the one that is being compressed */
        output_drain(output);
        cr_expect_eq(n_events[OUTPUT_EVENT_COMPRESS], 1, "one at a time");

        if (!run_job(&compress_job))
                cr_skip("gzip is not installed");
        outputs_compressed(outputs, compress_job.id, true);
        expect_unpacked("out.2.gz", "one\n");
        cr_expect_neq(access(in_folder("out.2"), F_OK), 0);
        cr_assert_eq(n_events[OUTPUT_EVENT_COMPRESS], 2, "then the next");

        cr_expect(run_job(&compress_job));
        outputs_compressed(outputs, compress_job.id, true);
        expect_unpacked("out.1.gz", "two\n");
        cr_expect_eq(n_events[OUTPUT_EVENT_COMPRESS], 2);

        say(OUTPUT_STDOUT, "three\n");
        output_drain(output);
        expect_file(in_folder("out.1"), "three\n");
        expect_unpacked("out.2.gz", "two\n");
        expect_unpacked("out.3.gz", "one\n");
}

Test(output, a_file_stays_as_it_is_when_compressing_fails) {
        config->log[OUTPUT_STDOUT].max_bytes = 4;
        config->log[OUTPUT_STDOUT].backups = 5;
        config->log[OUTPUT_STDOUT].compress = LOG_COMPRESS_GZIP;
        start();
        say(OUTPUT_STDOUT, "one\n");
        output_drain(output);
        outputs_compressed(outputs, compress_job.id, false);
        outputs_compressed(outputs, compress_job.id + 1, true);

        expect_file(in_folder("out.1"), "one\n");
        cr_expect_neq(access(in_folder("out.1.gz"), F_OK), 0);
        cr_expect_neq(access(in_folder("out.gz.new"), F_OK), 0);
}
