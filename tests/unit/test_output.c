#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "files.h"
#include "host/output.h"

/* One process with its output; the test writes what the child would. */
static Outputs *outputs;
static Output *output;
static ProcessConfig *config;
static int child_fds[3] = { -1, -1, -1 };

/* What was told. */
static unsigned n_events[OUTPUT_EVENT_COMPRESS + 1];
static OutputEvent last_event;
static char data[4096];
static size_t data_size;
static OutputCompress compress_job;

static void on_event(void *owner, const OutputEvent *event, void *userdata) {
        cr_assert_eq(owner, &output);
        cr_assert_eq(userdata, &outputs);
        n_events[event->kind]++;
        last_event = *event;

        if (event->kind == OUTPUT_EVENT_DATA || event->kind == OUTPUT_EVENT_CAPTURED) {
                cr_assert_leq(data_size + event->size, sizeof(data));
                memcpy(data + data_size, event->data, event->size);
                data_size += event->size;
        }
        if (event->kind == OUTPUT_EVENT_COMPRESS) {
                compress_job = event->compress;
                compress_job.stdin_fd = fcntl(event->compress.stdin_fd, F_DUPFD_CLOEXEC, 3);
                compress_job.stdout_fd = fcntl(event->compress.stdout_fd, F_DUPFD_CLOEXEC, 3);
        }
}

static void make_outputs(void) {
        OutputsOptions options = { .identifier = "test",
                                   .on_event = on_event,
                                   .userdata = &outputs };

        make_folder();
        options.childlogdir = folder;
        cr_assert_eq(outputs_new(&options, &outputs), 0);

        config = calloc(1, sizeof(*config));
        cr_assert(config);
        config->n_ref = 1;
        config->name = strdup("web");
        config->group = strdup("site");
        config->log[OUTPUT_STDOUT].kind = LOG_KIND_FILE;
        config->log[OUTPUT_STDOUT].path = strdup(in_folder("out"));
        config->log[OUTPUT_STDERR].kind = LOG_KIND_FILE;
        config->log[OUTPUT_STDERR].path = strdup(in_folder("err"));
}

static void close_child(void) {
        for (size_t i = 0; i < ELEMENTSOF(child_fds); i++)
                child_fds[i] = safe_close(child_fds[i]);
}

static void free_outputs(void) {
        close_child();
        output = output_free(output);
        outputs = outputs_free(outputs);
        config = process_config_unref(config);
        remove_folder();
}

TestSuite(output, .init = make_outputs, .fini = free_outputs, .timeout = 20);

/* The child is spawned: it has its descriptors, and the daemon has closed them. */
static void start(void) {
        int stdio[3];

        if (!output)
                cr_assert_eq(output_new(outputs, config, &output, &output), 0);
        close_child();
        cr_assert_eq(output_open(output, stdio), 0);
        for (size_t i = 0; i < ELEMENTSOF(stdio); i++)
                child_fds[i] = fcntl(stdio[i], F_DUPFD_CLOEXEC, 100);
        output_started(output, 42);
}

static void say(OutputStream stream, const char *text) {
        size_t size = strlen(text);

        cr_assert_eq(write(child_fds[1 + (int)stream], text, size), (ssize_t)size);
}

static bool is_readable(void) {
        struct pollfd p = { .fd = outputs_get_fd(outputs), .events = POLLIN };

        return poll(&p, 1, 0) > 0;
}

/* Let the loop turn until the log of stdout has @size bytes. */
static void wait_for_size(off_t size) {
        struct pollfd p = { .fd = outputs_get_fd(outputs), .events = POLLIN };
        struct stat st = {};

        while (stat(in_folder("out"), &st) < 0 || st.st_size < size) {
                cr_assert_eq(poll(&p, 1, -1), 1);
                cr_assert_eq(outputs_dispatch(outputs), 0);
        }
}

static void replace_path(OutputStream stream, const char *path) {
        free(config->log[stream].path);
        config->log[stream].path = strdup(path);
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
        config->redirect_stderr = true;
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
        config->last_output_lines = 2;
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

        config->log_format = LOG_FORMAT_PREFIX;
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

        config->log_format = LOG_FORMAT_JSON;
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

Test(output, memory_stays_flat_whatever_a_line_is_long) {
        static char block[65536];
        OutputStatus status;
        struct stat st;

        memset(block, 'x', sizeof(block));
        config->log_format = LOG_FORMAT_PREFIX;
        config->log[OUTPUT_STDOUT].capture_max_bytes = 1000;
        start();
        for (int i = 0; i < 1000; i++) {
                cr_assert_eq(write(child_fds[1], block, sizeof(block)), (ssize_t)sizeof(block));
                output_drain(output);
        }
        close_child();
        output_drain(output);

        output_get_status(output, OUTPUT_STDOUT, &status);
        cr_expect_eq(status.bytes, 1000 * sizeof(block));
        cr_expect_eq(status.dropped_bytes, 0);
        cr_assert_eq(stat(in_folder("out"), &st), 0);
        cr_expect_eq(st.st_size, 4000 * (16384 + 29 + 1));
}

/* What a FIFO takes, and a child's pipe. */
static char block[65536];

/* Write so much that the pipe is left alone; returns the FIFO's reader. */
static int outrun_a_reader(void) {
        int pending = 0, reader;

        cr_assert_eq(mkfifo(in_folder("out"), 0600), 0);
        reader = open(in_folder("out"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        memset(block, 'x', sizeof(block));
        start();

        /* Twice what the FIFO takes: the rest waits with us and in the child's pipe. */
        for (int i = 0; i < 2; i++) {
                cr_assert_eq(write(child_fds[1], block, sizeof(block)), (ssize_t)sizeof(block));
                do {
                        cr_assert_eq(outputs_dispatch(outputs), 0);
                        cr_assert_eq(ioctl(child_fds[1], FIONREAD, &pending), 0);
                } while (pending > 0);
        }
        cr_assert_eq(write(child_fds[1], block, 100), 100);
        cr_assert_eq(outputs_dispatch(outputs), 0); /* the writers may have had news */
        return reader;
}

static void read_all(int reader) {
        for (size_t total = 0; total < 2 * sizeof(block) + 100;) {
                ssize_t n = read(reader, block, sizeof(block));

                if (n > 0)
                        total += (size_t)n;
                cr_assert_eq(outputs_dispatch(outputs), 0);
        }
}

Test(output, waits_for_a_reader_that_is_slow) {
        _cleanup_(closep) int reader = outrun_a_reader();
        OutputStatus status;
        int pending = 0;

        cr_expect_not(is_readable(), "the pipe is left alone");
        cr_assert_eq(ioctl(child_fds[1], FIONREAD, &pending), 0);
        cr_expect_eq(pending, 100);

        read_all(reader);
        output_get_status(output, OUTPUT_STDOUT, &status);
        cr_expect_eq(status.dropped_bytes, 0);
        cr_expect_eq(n_events[OUTPUT_EVENT_FAILING], 0);
}

/* This program is linked with --wrap=epoll_ctl. */
int __real_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event);

static int n_refused; /* pipes that are not to be watched */

int __wrap_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event) {
        char link[64], target[PATH_MAX] = "";

        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        if (n_refused > 0 && operation == EPOLL_CTL_ADD &&
            readlink(link, target, sizeof(target) - 1) > 0 && strncmp(target, "pipe:", 5) == 0) {
                n_refused--;
                errno = ENOSPC;
                return -1;
        }
        return __real_epoll_ctl(epoll_fd, operation, fd, event);
}

Test(output, goes_on_after_a_pipe_could_not_be_watched_again) {
        _cleanup_(closep) int reader = outrun_a_reader();

        n_refused = 1;
        read_all(reader);
        cr_expect_eq(n_refused, 0);
}

Test(output, does_not_wait_for_a_reader_that_is_stuck) {
        struct pollfd p = { .events = POLLIN };
        _cleanup_(closep) int reader = -1;
        OutputStatus status = {};
        bool resumed = false;

        cr_assert_eq(mkfifo(in_folder("out"), 0600), 0);
        reader = open(in_folder("out"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        memset(block, 'x', sizeof(block));
        for (size_t i = 63; i < sizeof(block); i += 64)
                block[i] = '\n';
        start();
        p.fd = outputs_get_fd(outputs);

        (void)fcntl(child_fds[1], F_SETFL, O_NONBLOCK);
        while (status.dropped_lines == 0) {
                (void)!write(child_fds[1], block,
                             sizeof(block)); /* full at times: that is the test */
                cr_assert_eq(poll(&p, 1, 5000), 1);
                cr_assert_eq(outputs_dispatch(outputs), 0);
                output_get_status(output, OUTPUT_STDOUT, &status);
        }
        cr_expect_eq(n_events[OUTPUT_EVENT_FAILING], 1);
        cr_expect_eq(last_event.error, EAGAIN);

        while (!resumed) {
                (void)!read(reader, block, sizeof(block));
                cr_assert_eq(poll(&p, 1, 5000), 1);
                cr_assert_eq(outputs_dispatch(outputs), 0);
                resumed = n_events[OUTPUT_EVENT_RESUMED] > 0;
        }
        output_get_status(output, OUTPUT_STDOUT, &status);
        cr_expect_eq(last_event.dropped_lines, status.dropped_lines);
        cr_expect_eq(last_event.dropped_bytes, status.dropped_bytes);
        cr_expect_eq(status.error, 0);
}

Test(output, tells_of_a_failing_log_and_resumes_by_itself) {
        struct pollfd p = { .events = POLLIN };

        replace_path(OUTPUT_STDOUT, in_folder("later/out"));
        start();
        cr_expect_eq(n_events[OUTPUT_EVENT_FAILING], 1);
        cr_expect_eq(last_event.error, ENOENT);
        cr_expect_str_eq(last_event.target, in_folder("later/out"));
        say(OUTPUT_STDOUT, "kept\n");
        output_drain(output);

        cr_assert_eq(mkdir(in_folder("later"), 0755), 0);
        p.fd = outputs_get_fd(outputs);
        while (n_events[OUTPUT_EVENT_RESUMED] == 0) {
                cr_assert_eq(poll(&p, 1, -1), 1);
                cr_assert_eq(outputs_dispatch(outputs), 0);
        }
        cr_expect_eq(last_event.dropped_bytes, 0);
        expect_file(in_folder("later/out"), "kept\n");
}

Test(output, of_many_does_not_starve_behind_a_noisy_one) {
        enum {
                N = 40
        };
        static Output *others[N];
        static ProcessConfig configs[N];
        static char paths[N][100];
        struct stat st = {};
        int stdio[3];
        pid_t pid;

        start();
        pid = fork();
        cr_assert_geq(pid, 0);
        if (pid == 0) {
                while (write(child_fds[1], block, sizeof(block)) > 0)
                        continue;
                _exit(0);
        }

        for (int i = 0; i < N; i++) {
                configs[i] = *config;
                configs[i].n_ref = 1;
                configs[i].log[OUTPUT_STDERR].kind = LOG_KIND_NONE;
                (void)snprintf(paths[i], sizeof(paths[i]), "%s/other.%d", folder, i);
                configs[i].log[OUTPUT_STDOUT].path = paths[i];
                cr_assert_eq(output_new(outputs, &configs[i], &output, &others[i]), 0);
                cr_assert_eq(output_open(others[i], stdio), 0);
                cr_assert_eq(write(stdio[1], "here\n", 5), 5);
                output_started(others[i], 1);
        }

        for (int turn = 0; turn < 20; turn++) {
                struct pollfd p = { .fd = outputs_get_fd(outputs), .events = POLLIN };

                cr_assert_eq(poll(&p, 1, 1000), 1);
                cr_assert_eq(outputs_dispatch(outputs), 0);
        }
        for (int i = 0; i < N; i++) {
                cr_assert_eq(stat(paths[i], &st), 0);
                cr_expect_eq(st.st_size, 5, "%d", i);
                output_free(others[i]);
        }
        cr_expect_eq(kill(pid, SIGKILL), 0);
        cr_expect_eq(waitpid(pid, NULL, 0), pid);
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
