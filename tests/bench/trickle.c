/*
 * What capturing costs of children that say little: microseconds of processor time per line, beside
 * the floor, a bare loop of epoll, read and write.
 *
 *         trickle [FOLDER]     as for log
 */
#include "bench.h"
#include "result.h"

#define ROUNDS 3
#define CHILDREN 100
#define PAUSE_USEC 20000 /* 50 lines a second */
#define LINES 150

static void write_trickle(int fd, unsigned number) {
        static const char line[] =
                "a line of the usual length, as a program writes them now and then, "
                "with some values in it: 4711 0815 4242\n";
        struct timespec pause = { .tv_nsec = (long)(number * PAUSE_USEC / CHILDREN) * 1000 };

        (void)nanosleep(&pause, NULL);
        pause.tv_nsec = PAUSE_USEC * 1000;
        for (int i = 0; i < LINES; i++) {
                if (write(fd, line, sizeof(line) - 1) < 0)
                        _exit(1);
                (void)nanosleep(&pause, NULL);
        }
        _exit(0);
}

static pid_t start_trickler(int fd, unsigned number) {
        pid_t pid = fork();

        must(pid >= 0, "fork");
        if (pid == 0)
                write_trickle(fd, number);
        return pid;
}

static void show(const char *name, unsigned n, Cost cost) {
        char load[40];

        (void)snprintf(load, sizeof(load), "%u x 50 lines/s", n);
        result_emit("trickle_cpu", load, name, "us", cost.cpu * 1e6 / (double)(n * LINES));
        printf("%3u x 50 lines/s  %-12s %6.1f us CPU per line\n", n, name,
               cost.cpu * 1e6 / (double)(n * LINES));
        (void)fflush(stdout);
        empty_folder();
}

static void run_floor(unsigned n) {
        unsigned open_pipes = n;
        int epoll_fd = epoll_create1(EPOLL_CLOEXEC), files[CHILDREN];
        struct epoll_event events[64];
        char buffer[65536];
        Cost before;

        for (unsigned i = 0; i < n; i++) {
                struct epoll_event event = { .events = EPOLLIN };
                char name[32];
                int ends[2];

                must(pipe2(ends, O_CLOEXEC) >= 0, "pipe");
                (void)snprintf(name, sizeof(name), "floor%u", i);
                files[i] = open(path_of(name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
                event.data.u64 = (uint64_t)ends[0] << 32 | (unsigned)files[i];
                must(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, ends[0], &event) >= 0, "epoll");
                (void)start_trickler(ends[1], i);
                safe_close(ends[1]);
        }

        before = cost_now();
        while (open_pipes > 0) {
                int ready = epoll_wait(epoll_fd, events, ELEMENTSOF(events), -1);

                for (int i = 0; i < ready; i++) {
                        int fd = (int)(events[i].data.u64 >> 32);
                        ssize_t size = read(fd, buffer, sizeof(buffer));

                        if (size > 0) {
                                must(write((int)(unsigned)events[i].data.u64, buffer,
                                           (size_t)size) > 0,
                                     "write");
                                continue;
                        }
                        /* The children hold copies: closing ours would not end the watch. */
                        (void)epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
                        safe_close(fd);
                        open_pipes--;
                }
        }
        show("floor", n, cost_since(before));
        for (unsigned i = 0; i < n; i++)
                safe_close(files[i]);
        safe_close(epoll_fd);
        while (wait(NULL) > 0)
                continue;
}

static int on_trickler(sd_event_source *source, const siginfo_t *info, void *userdata) {
        unsigned *left = userdata;

        return --*left == 0 ? sd_event_exit(sd_event_source_get_event(source), 0) : 0;
}

static void run_ours(unsigned n) {
        static ProcessConfig configs[CHILDREN];
        static Output *output[CHILDREN];
        unsigned left = n;
        Loop loop;
        Cost before;

        loop_open(&loop);
        for (unsigned i = 0; i < n; i++) {
                char name[32];
                int stdio[3];
                pid_t pid;

                (void)snprintf(name, sizeof(name), "ours%u", i);
                must(output_new(loop.outputs, loop_config(&configs[i], name, 50 << 20, 3), NULL,
                                &output[i]) >= 0 &&
                             output_open(output[i], stdio) >= 0,
                     "output");
                pid = start_trickler(stdio[1], i);
                output_started(output[i], pid);
                must(sd_event_add_child(loop.event, NULL, pid, WEXITED, on_trickler, &left) >= 0,
                     "child");
        }

        before = cost_now();
        (void)sd_event_loop(loop.event);
        loop_finish(&loop);
        show("supervisord", n, cost_since(before));
        for (unsigned i = 0; i < n; i++)
                output_free(output[i]);
        loop_close(&loop);
}

int main(int argc, char **argv) {
        static const unsigned children[] = { CHILDREN, 1 };

        make_folder(argc > 1 ? argv[1] : NULL);
        for (size_t k = 0; k < ELEMENTSOF(children); k++) {
                for (int i = 0; i < ROUNDS; i++) {
                        run_floor(children[k]);
                        run_ours(children[k]);
                }
        }
        (void)rmdir(folder);
        return EXIT_SUCCESS;
}
