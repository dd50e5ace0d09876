/* Many children at full speed while everything goes wrong: no line may vanish unaccounted. */
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "files.h"
#include "output/output.h"

#define CHILDREN 50U
#define LINES 30000U
#define LINES_PER_WRITE 10U

static ProcessSettings settings;
static ProcessConfig configs[CHILDREN];
static char paths[CHILDREN][128];
static Output *output[CHILDREN];
static Writers *writers;
static Outputs *outputs;
static uint64_t told_lines;

static void on_event(void *owner, const OutputEvent *event, void *userdata) {
        if (event->kind == OUTPUT_EVENT_RESUMED)
                told_lines += event->dropped_lines;
}

TestSuite(output_flood, .init = make_folder, .fini = remove_folder, .timeout = 120);

static void be_child(int fd) {
        char text[LINES_PER_WRITE * 32];

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody waiting */
        for (unsigned i = 0; i < LINES; i += LINES_PER_WRITE) {
                size_t size = 0;

                for (unsigned k = i; k < i + LINES_PER_WRITE; k++)
                        size += (size_t)snprintf(text + size, sizeof(text) - size,
                                                 "%u of the lines\n", k);
                if (write(fd, text, size) != (ssize_t)size)
                        _exit(1);
        }
        _exit(0);
}

static void start_child(unsigned i) {
        int stdio[3];
        pid_t pid;

        (void)snprintf(paths[i], sizeof(paths[i]), "%s/disk/log%u", folder, i);
        configs[i] = (ProcessConfig){
                .n_ref = 2, /* one is ours, for good */
                .settings = &settings,
                .log[OUTPUT_STDOUT] = { .kind = LOG_KIND_FILE,
                                        .path = paths[i],
                                        .max_bytes = i > 0 ? 50000 : 0,
                                        .backups = 90 },
                .log[OUTPUT_STDERR] = { .kind = LOG_KIND_NONE },
        };
        cr_assert_eq(output_new(outputs, &configs[i], NULL, &output[i]), 0);
        cr_assert_eq(output_open(output[i], stdio), 0);
        pid = fork();
        cr_assert_geq(pid, 0);
        if (pid == 0)
                be_child(stdio[1]);
        output_started(output[i], pid);
}

/* All of them together. */
static OutputStatus get_sum(void) {
        OutputStatus sum = {}, one;

        for (unsigned i = 0; i < CHILDREN; i++) {
                output_get_status(output[i], OUTPUT_STDOUT, &one);
                sum.bytes += one.bytes;
                sum.dropped_lines += one.dropped_lines;
                sum.error |= one.error;
        }

        return sum;
}

static void turn(void) {
        struct pollfd p[2] = { { .fd = outputs_get_fd(outputs), .events = POLLIN },
                               { .fd = writers_get_fd(writers), .events = POLLIN } };

        (void)poll(p, 2, 100);
        cr_assert_eq(outputs_dispatch(outputs), 0);
        writers_dispatch(writers);
        writers_kick(writers);
}

/* As logrotate does it: move, then have us told. */
static void move_and_reopen(void) {
        char moved[140];

        (void)snprintf(moved, sizeof(moved), "%s.1", paths[0]);
        while (rename(paths[0], moved) < 0) /* it is made by a thread */
                turn();
        outputs_reopen(outputs);
}

static unsigned reap(void) {
        unsigned n = 0;
        int status;

        while (waitpid(-1, &status, WNOHANG) > 0) {
                cr_expect_eq(status, 0);
                n++;
        }

        return n;
}

Test(output_flood, every_line_is_in_the_log_or_told_to_be_missing) {
        OutputsOptions options = { .childlogdir = folder,
                                   .identifier = "flood",
                                   .on_event = on_event };
        unsigned ended = 0, turns = 0;
        char name[32];

        mount_small("size=40m");
        cr_assert_eq(writers_new(8, &writers), 0);
        options.writers = writers;
        cr_assert_eq(outputs_new(&options, &outputs), 0);
        for (unsigned i = 0; i < CHILDREN; i++)
                start_child(i);

        while (get_sum().bytes < 4000000)
                turn();
        move_and_reopen();

        fill(in_folder("disk/ballast"));
        while (get_sum().dropped_lines == 0)
                turn();
        cr_assert_eq(unlink(in_folder("disk/ballast")), 0);

        while (ended < CHILDREN) {
                turn();
                ended += reap();
                if (++turns % 100 == 0)
                        outputs_reopen(outputs);
        }
        for (unsigned i = 0; i < CHILDREN; i++)
                output_drain(output[i]);
        while (writers_get_pending(writers) > 0 || get_sum().error != 0)
                turn();
        for (int i = 0; i < 3; i++)
                turn(); /* the last news */

        cr_expect_gt(get_sum().dropped_lines, 0);
        cr_expect_eq(get_sum().dropped_lines, told_lines);
        for (unsigned i = 0; i < CHILDREN; i++) {
                OutputStatus status;

                (void)snprintf(name, sizeof(name), "disk/log%u", i);
                output_get_status(output[i], OUTPUT_STDOUT, &status);
                /* Reopening follows the move at once, in the middle of a line perhaps. */
                cr_expect_eq(count_missing(name, LINES, i == 0), status.dropped_lines, "%s", name);
                output_free(output[i]);
        }
        outputs_free(outputs);
        cr_expect_eq(writers_wait(writers, USEC_PER_SEC), 0);
        writers_free(writers);
}
