/* Much at once, readers and disks that are slow or gone. */
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "output-fixture.h"

TestSuite(output_pressure, .init = make_outputs, .fini = free_outputs, .timeout = 20);

Test(output_pressure, memory_stays_flat_whatever_a_line_is_long) {
        static char block[65536];
        OutputStatus status;
        struct stat st;

        memset(block, 'x', sizeof(block));
        config->settings->log_format = LOG_FORMAT_PREFIX;
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

Test(output_pressure, waits_for_a_reader_that_is_slow) {
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

Test(output_pressure, goes_on_after_a_pipe_could_not_be_watched_again) {
        _cleanup_(closep) int reader = outrun_a_reader();

        n_refused = 1;
        read_all(reader);
        cr_expect_eq(n_refused, 0);
}

Test(output_pressure, does_not_wait_for_a_reader_that_is_stuck) {
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

Test(output_pressure, tells_of_a_failing_log_and_resumes_by_itself) {
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

Test(output_pressure, of_many_does_not_starve_behind_a_noisy_one) {
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

/* ---------------------------------------------------------------- busy pipes */

/* Is there an epoll of ours that watches the pipe of stdout? Each write of the child would go
 * through it. */
static bool is_polled(void) {
        struct stat st;
        char wanted[64], name[64], line[200];
        bool found = false;

        cr_assert_eq(fstat(child_fds[1], &st), 0);
        (void)snprintf(wanted, sizeof(wanted), "ino:%lx ", (unsigned long)st.st_ino);
        for (int fd = 3; fd < 100 && !found; fd++) {
                FILE *f;

                (void)snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
                f = fopen(name, "re");
                while (f && fgets(line, sizeof(line), f))
                        found |= strncmp(line, "tfd:", 4) == 0 && strstr(line, wanted);
                if (f)
                        (void)fclose(f);
        }
        return found;
}

static void expect_size(const char *path, size_t size) {
        struct stat st = {};

        cr_assert_eq(stat(path, &st), 0);
        cr_expect_eq(st.st_size, (off_t)size);
}

static void turn(void) {
        struct pollfd p = { .fd = outputs_get_fd(outputs), .events = POLLIN };

        cr_assert_eq(poll(&p, 1, 5000), 1);
        cr_assert_eq(outputs_dispatch(outputs), 0);
}

/* The child writes so much at once that its pipe is busy. */
static void be_busy(void) {
        memset(block, 'x', sizeof(block));
        cr_assert_eq(write(child_fds[1], block, sizeof(block)), (ssize_t)sizeof(block));
        while (is_polled())
                turn();
}

Test(output_pressure, a_busy_pipe_is_not_polled_until_it_is_calm) {
        struct pollfd p = { .events = POLLIN };

        start();
        cr_expect(is_polled());
        be_busy();
        while (!is_polled())
                turn();
        p.fd = outputs_get_fd(outputs);
        while (poll(&p, 1, 50) > 0)
                cr_assert_eq(outputs_dispatch(outputs), 0);

        say(OUTPUT_STDOUT, "one\n");
        turn();
        expect_size(in_folder("out"), sizeof(block) + 4);
        cr_expect(is_polled());
}

Test(output_pressure, the_end_of_a_busy_pipe_is_seen) {
        struct pollfd p = { .events = POLLIN };

        start();
        be_busy();
        close_child();
        p.fd = outputs_get_fd(outputs);
        while (poll(&p, 1, 50) > 0)
                cr_assert_eq(outputs_dispatch(outputs), 0);
        expect_size(in_folder("out"), sizeof(block));
}

Test(output_pressure, the_last_of_a_busy_pipe_is_read_when_its_child_has_ended) {
        start();
        be_busy();
        say(OUTPUT_STDOUT, "last words");
        close_child();
        output_drain(output);
        expect_size(in_folder("out"), sizeof(block) + 10);
}

Test(output_pressure, a_busy_pipe_stays_so_where_it_cannot_be_polled) {
        start();
        be_busy();
        n_refused = 1;
        while (n_refused > 0)
                turn();
        say(OUTPUT_STDOUT, "one\n");
        while (!is_polled())
                turn();
        expect_size(in_folder("out"), sizeof(block) + 4);
}
