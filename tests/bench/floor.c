/*
 * The least that a supervisor can do, in a plain loop: vfork and exec, wait, start again, and at
 * SIGTERM ask, kill after the grace and wait for all. No configuration, no checks, no state.
 *
 *   floor N GRACE_MSEC LOGDIR WORKER EVENTS MODE...
 *
 * LOGDIR is `-`, or where the output of each worker is copied to. Workers are called with their
 * number between EVENTS and MODE.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PIPE_SIZE (1024 * 1024)
#define MAX_FILE (50L * 1024 * 1024)

typedef struct Child {
        pid_t pid;  /* 0: none */
        int out;    /* its end of the pipe, kept over restarts; -1 without logs */
        int file;   /* where the output goes */
        long bytes; /* in the file */
} Child;

typedef struct Floor {
        Child *children;
        int *by_pid; /* number of the child + 1 */
        unsigned n, alive;
        char **argv; /* of the worker, number in argv[2] */
        int epoll_fd, signal_fd, grace_msec;
        sigset_t mask; /* for the children */
        bool stopping;
} Floor;

static void must(bool ok, const char *what) {
        if (ok)
                return;
        perror(what);
        exit(EXIT_FAILURE);
}

static void spawn(Floor *f, unsigned i) {
        Child *c = &f->children[i];
        char number[16];
        pid_t pid;

        (void)snprintf(number, sizeof(number), "%u", i);
        f->argv[2] = number;
        /* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork): the fastest way */
        pid = vfork();
        if (pid == 0) {
                /* NOLINTBEGIN(clang-analyzer-unix.Vfork): calls of the system only */
                (void)sigprocmask(SIG_SETMASK, &f->mask, NULL);
                if (c->out >= 0)
                        (void)dup2(c->out, STDOUT_FILENO);
                (void)execv(f->argv[0], f->argv);
                /* NOLINTEND(clang-analyzer-unix.Vfork) */
                _exit(127);
        }
        must(pid > 0, "vfork");
        c->pid = pid;
        f->by_pid[pid] = (int)i + 1;
        f->alive++;
}

static void watch(Floor *f, int fd, unsigned data) {
        struct epoll_event event = { .events = EPOLLIN, .data.u64 = (uint64_t)fd << 32 | data };

        must(epoll_ctl(f->epoll_fd, EPOLL_CTL_ADD, fd, &event) >= 0, "epoll_ctl");
}

static void open_log(Floor *f, unsigned i, const char *folder) {
        char path[4096];
        int ends[2];

        must(pipe2(ends, O_CLOEXEC) >= 0, "pipe");
        (void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE); /* at a limit, the usual size does */
        (void)snprintf(path, sizeof(path), "%s/%u.log", folder, i);
        f->children[i].out = ends[1];
        f->children[i].file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        must(f->children[i].file >= 0, path);
        watch(f, ends[0], i);
}

static void copy_log(Child *c, int fd) {
        static char buffer[65536];
        ssize_t n = read(fd, buffer, sizeof(buffer));

        must(n > 0 && write(c->file, buffer, (size_t)n) == n, "copy");
        c->bytes += n;
        if (c->bytes > MAX_FILE) { /* no more on the disk than the others have */
                must(ftruncate(c->file, 0) >= 0, "ftruncate");
                c->bytes = 0;
        }
}

static void reap(Floor *f) {
        pid_t pid;

        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
                unsigned i = (unsigned)f->by_pid[pid] - 1;

                f->children[i].pid = 0;
                f->alive--;
                if (!f->stopping)
                        spawn(f, i);
        }
}

static void signal_all(const Floor *f, int sig) {
        for (unsigned i = 0; i < f->n; i++)
                if (f->children[i].pid > 0)
                        (void)kill(f->children[i].pid, sig);
}

static void on_signal(Floor *f) {
        struct signalfd_siginfo info;

        must(read(f->signal_fd, &info, sizeof(info)) == sizeof(info), "signalfd");
        if (info.ssi_signo == SIGTERM) {
                f->stopping = true;
                signal_all(f, SIGTERM);
        }
        reap(f);
}

static long now_msec(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void loop(Floor *f) {
        struct epoll_event events[64];
        long deadline = 0;

        while (!f->stopping || f->alive > 0) {
                int wait = -1, n;

                if (f->stopping) {
                        deadline = deadline ? deadline : now_msec() + f->grace_msec;
                        wait = (int)(deadline - now_msec());
                        wait = wait < 0 ? 0 : wait;
                }
                n = epoll_wait(f->epoll_fd, events, 64, wait);
                for (int i = 0; i < n; i++) {
                        int fd = (int)(events[i].data.u64 >> 32);

                        if (fd == f->signal_fd)
                                on_signal(f);
                        else
                                copy_log(&f->children[(unsigned)events[i].data.u64], fd);
                }
                if (n == 0) {
                        signal_all(f, SIGKILL);
                        deadline = now_msec() + f->grace_msec;
                }
        }
}

static void open_signals(Floor *f) {
        sigset_t mask;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGCHLD);
        (void)sigaddset(&mask, SIGTERM);
        (void)sigprocmask(SIG_BLOCK, &mask, &f->mask);
        f->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC);
        f->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        must(f->signal_fd >= 0 && f->epoll_fd >= 0, "signalfd");
        watch(f, f->signal_fd, 0);
}

static long pid_max(void) {
        FILE *file = fopen("/proc/sys/kernel/pid_max", "re");
        long max = 0;

        must(file && fscanf(file, "%ld", &max) == 1, "pid_max"); /* NOLINT(cert-err34-c) */
        (void)fclose(file);
        return max;
}

int main(int argc, char **argv) {
        Floor f = {};

        if (argc < 7)
                return 2;
        f.n = (unsigned)strtoul(argv[1], NULL, 10);
        f.grace_msec = (int)strtol(argv[2], NULL, 10);
        f.children = calloc(f.n, sizeof(*f.children));
        f.by_pid = calloc((size_t)pid_max() + 1, sizeof(*f.by_pid));
        f.argv = calloc((size_t)argc, sizeof(*f.argv));
        must(f.children && f.by_pid && f.argv, "memory");
        f.argv[0] = argv[4];
        f.argv[1] = argv[5];
        memcpy(&f.argv[3], &argv[6], (size_t)(argc - 6) * sizeof(*argv));

        open_signals(&f);
        for (unsigned i = 0; i < f.n; i++) {
                f.children[i].out = -1;
                if (strcmp(argv[3], "-") != 0)
                        open_log(&f, i, argv[3]);
                spawn(&f, i);
        }
        loop(&f);
        return EXIT_SUCCESS;
}
