/*
 * A disk that hangs, as a dead file server's does: write() to files named "hung…" blocks until the
 * test lets it go. This program is linked with --wrap=write.
 */
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "files.h"
#include "log/log.h"
#include "output/output.h"

#define LINES 200000U
#define LINES_PER_WRITE 10U

ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);

static pthread_mutex_t gate_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_opened = PTHREAD_COND_INITIALIZER;
static bool is_hung;
static pthread_t loop;
static bool loop_has_hung; /* it has asked the disk itself, and would still be waiting */

static bool is_on_hung_disk(int fd) {
        char link[64], path[PATH_MAX];
        ssize_t n;

        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, path, sizeof(path) - 1);
        if (n < 0)
                return false;
        path[n] = '\0';
        return strstr(path, "/hung");
}

ssize_t __wrap_write(int fd, const void *data, size_t size) {
        (void)pthread_mutex_lock(&gate_mutex);
        while (is_hung && is_on_hung_disk(fd)) {
                if (pthread_equal(pthread_self(), loop)) {
                        loop_has_hung = true;
                        break;
                }
                (void)pthread_cond_wait(&gate_opened, &gate_mutex);
        }
        (void)pthread_mutex_unlock(&gate_mutex);
        return __real_write(fd, data, size);
}

static void hang(bool hung) {
        (void)pthread_mutex_lock(&gate_mutex);
        is_hung = hung;
        (void)pthread_cond_broadcast(&gate_opened);
        (void)pthread_mutex_unlock(&gate_mutex);
}

static Writers *writers;
static Outputs *outputs;

typedef struct Program {
        ProcessConfig config;
        Output *output;
        char path[128];
        pid_t pid;
        bool has_ended;

        int failing_error;
        unsigned n_resumed;
        uint64_t told_lines;
} Program;

static void on_event(void *owner, const OutputEvent *event, void *userdata) {
        Program *p = owner;

        if (event->kind == OUTPUT_EVENT_FAILING)
                p->failing_error = event->error;
        if (event->kind == OUTPUT_EVENT_RESUMED) {
                p->n_resumed++;
                p->told_lines += event->dropped_lines;
        }
}

static void open_all(void) {
        OutputsOptions options = { .identifier = "test", .on_event = on_event };

        /* The disk of those that do not hang is to be healthy, whoever else keeps /tmp busy. */
        make_folder_in(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        loop = pthread_self();
        cr_assert_eq(writers_new(8, &writers), 0);
        options.childlogdir = folder;
        options.writers = writers;
        cr_assert_eq(outputs_new(&options, &outputs), 0);
}

static void close_all(void) {
        cr_expect_not(loop_has_hung);
        hang(false);
        outputs = outputs_free(outputs);
        cr_expect_eq(writers_wait(writers, 10 * USEC_PER_SEC), 0);
        writers = writers_free(writers);
        remove_folder();
}

TestSuite(output_hung, .init = open_all, .fini = close_all, .timeout = 60);

static void be_child(int fd, unsigned n) {
        char text[LINES_PER_WRITE * 32];

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody waiting */
        for (unsigned i = 0; i < n; i += LINES_PER_WRITE) {
                size_t size = 0;

                for (unsigned k = i; k < i + LINES_PER_WRITE; k++)
                        size += (size_t)snprintf(text + size, sizeof(text) - size,
                                                 "%u of the lines\n", k);
                if (__real_write(fd, text, size) != (ssize_t)size)
                        _exit(1);
        }
        _exit(0);
}

static ProcessSettings settings;

static void start_program(Program *p, const char *name, unsigned n_lines) {
        int stdio[3];

        (void)snprintf(p->path, sizeof(p->path), "%s/%s", folder, name);
        p->config = (ProcessConfig){
                .n_ref = 2, /* one is ours, for good */
                .settings = &settings,
                .log[OUTPUT_STDOUT] = { .kind = LOG_KIND_FILE,
                                        .path = p->path,
                                        .max_bytes = 1000000,
                                        .backups = 90 },
                .log[OUTPUT_STDERR] = { .kind = LOG_KIND_NONE },
        };
        cr_assert_eq(output_new(outputs, &p->config, p, &p->output), 0);
        cr_assert_eq(output_open(p->output, stdio), 0);
        p->pid = fork();
        cr_assert_geq(p->pid, 0);
        if (p->pid == 0)
                be_child(stdio[1], n_lines);
        output_started(p->output, p->pid);
}

static void turn(void) {
        struct pollfd p[2] = { { .fd = outputs_get_fd(outputs), .events = POLLIN },
                               { .fd = writers_get_fd(writers), .events = POLLIN } };

        (void)poll(p, 2, 100);
        cr_assert_eq(outputs_dispatch(outputs), 0);
        writers_dispatch(writers);
        writers_kick(writers);
}

/* Reaps it once. */
static bool has_ended(Program *p) {
        int status;

        if (!p->has_ended && waitpid(p->pid, &status, WNOHANG) == p->pid) {
                cr_expect_eq(status, 0);
                p->has_ended = true;
                output_drain(p->output);
        }
        return p->has_ended;
}

static OutputStatus get_status(const Program *p) {
        OutputStatus status;

        output_get_status(p->output, OUTPUT_STDOUT, &status);
        return status;
}

/* Of @p nothing has reached the disk: is it alone in that? */
static bool is_all_else_written(const Program *p) {
        OutputStatus status = get_status(p);

        return writers_get_pending(writers) <= status.bytes - status.dropped_bytes;
}

Test(output_hung, neither_the_child_nor_anybody_else_waits_and_every_line_is_accounted_for) {
        Program a = {}, b = {};
        struct mallinfo2 before, after;

        start_program(&b, "healthy", LINES);
        while (get_status(&b).bytes < 1000000)
                turn();
        before = mallinfo2();
        hang(true);
        start_program(&a, "hung", LINES);

        while (!has_ended(&a) || !has_ended(&b))
                turn();
        cr_expect_eq(a.failing_error, ETIMEDOUT);
        cr_expect_eq(get_status(&a).error, ETIMEDOUT);
        cr_expect_gt(get_status(&a).dropped_lines, LINES / 2);
        while (!is_all_else_written(&a))
                turn();
        after = mallinfo2();
        cr_expect_lt(after.uordblks + after.hblkhd, before.uordblks + before.hblkhd + (4U << 20));

        output_free(b.output);
        cr_expect_eq(count_missing("healthy", LINES, false), 0);
        cr_expect_eq(b.failing_error, 0);

        hang(false);
        while (a.n_resumed == 0)
                turn();
        cr_expect_eq(get_status(&a).error, 0);
        cr_expect_eq(a.told_lines, get_status(&a).dropped_lines);
        output_free(a.output);
        cr_expect_eq(writers_wait(writers, 10 * USEC_PER_SEC), 0);
        cr_expect_eq(count_missing("hung", LINES, false), a.told_lines);
}

Test(output_hung, a_line_now_and_then_survives) {
        Program a = {}, b = {};

        hang(true);
        start_program(&a, "hung", 50);
        while (get_status(&a).bytes == 0)
                turn();
        /* Comes behind it, and so wants to write while it hangs: else nobody would look. */
        start_program(&b, "healthy", 50);
        while (a.failing_error == 0 || !has_ended(&a) || !has_ended(&b))
                turn();

        hang(false);
        while (a.n_resumed == 0)
                turn();
        output_free(a.output);
        output_free(b.output);
        cr_expect_eq(writers_wait(writers, 10 * USEC_PER_SEC), 0);
        cr_expect_eq(a.told_lines, 0);
        cr_expect_eq(count_missing("hung", 50, false), 0);
        cr_expect_eq(count_missing("healthy", 50, false), 0);
}

Test(output_hung, many_files_hang_at_once_and_the_others_go_on) {
        static Program hung[6];
        Program b = {};
        char name[32];

        hang(true);
        for (size_t i = 0; i < ELEMENTSOF(hung); i++) {
                (void)snprintf(name, sizeof(name), "hung%zu", i);
                start_program(&hung[i], name, LINES / 10);
        }
        for (size_t i = 0; i < ELEMENTSOF(hung); i++)
                while (!has_ended(&hung[i]))
                        turn();
        start_program(&b, "healthy", LINES);
        while (!has_ended(&b))
                turn();
        cr_expect_eq(get_status(&b).dropped_lines, 0);

        hang(false);
        output_free(b.output);
        for (size_t i = 0; i < ELEMENTSOF(hung); i++) {
                while (get_status(&hung[i]).error != 0)
                        turn();
                (void)snprintf(name, sizeof(name), "hung%zu", i);
                output_free(hung[i].output);
                cr_expect_eq(writers_wait(writers, 10 * USEC_PER_SEC), 0);
                cr_expect_eq(count_missing(name, LINES / 10, false), hung[i].told_lines);
        }
        cr_expect_eq(count_missing("healthy", LINES, false), 0);
}

Test(output_hung, the_end_does_not_wait_for_ever) {
        Program a = {};

        hang(true);
        start_program(&a, "hung", 50);
        while (!has_ended(&a))
                turn();
        output_free(a.output);

        cr_expect_eq(writers_wait(writers, USEC_PER_SEC), -ETIMEDOUT);
        cr_expect_gt(writers_get_pending(writers), 0);
}

Test(output_hung, the_daemons_own_log_holds_nobody_up) {
        LogOptions options = { .level = LOG_LEVEL_INFO, .file = in_folder("hung.log") };
        _cleanup_(freep) char *text = NULL;

        cr_assert_eq(log_open(&options), 0);
        log_use_writers(writers);
        hang(true);
        for (int i = 0; i < 1000; i++)
                log_info("message %d", i);
        writers_kick(writers);

        hang(false);
        log_close();
        cr_expect_eq(writers_wait(writers, 10 * USEC_PER_SEC), 0);
        text = slurp(in_folder("hung.log"));
        cr_assert(text);
        cr_expect(strstr(text, "INFO message 0\n"));
        cr_expect(strstr(text, "INFO message 999\n"));
}
