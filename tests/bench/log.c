/*
 * What capturing children's output costs: megabytes per second and seconds of processor time per
 * GiB for one child at full speed, with rotation, and microseconds per line for many that say
 * little. Beside it the floor, a bare loop that copies from the pipe to a file without rotation,
 * and those of s6-log, svlogd, multilog and Python's supervisord that are installed.
 *
 *         log [FOLDER]     where the logs are written (default: a new one in /tmp), removed at the
 * end
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "base/clock.h"
#include "base/macro.h"
#include "host/output.h"

#define MAX_BYTES (50 * 1024 * 1024)
#define BACKUPS 3
#define LINE_SIZE 128
#define TRICKLERS 100
#define TRICKLE_PAUSE_USEC 20000 /* 50 lines a second */
#define TRICKLE_LINES 150

typedef struct Load {
        const char *name;
        size_t chunk;
        size_t total;
} Load;

typedef struct Cost {
        double seconds;
        double cpu; /* seconds */
} Cost;

static const Load loads[] = {
        { "128-byte lines", LINE_SIZE, 512UL * 1024 * 1024 },
        { "64 KiB writes", 65536, 2048UL * 1024 * 1024 },
};

static char folder[100];

static void must(bool ok, const char *what) {
        if (ok)
                return;
        perror(what);
        exit(EXIT_FAILURE);
}

static double cpu_of(const struct rusage *usage) {
        return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
               (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static Cost cost_now(void) {
        struct rusage usage;

        (void)getrusage(RUSAGE_SELF, &usage);
        return (Cost){ (double)now_usec() / 1e6, cpu_of(&usage) };
}

static Cost cost_since(Cost before) {
        Cost now = cost_now();

        return (Cost){ now.seconds - before.seconds, now.cpu - before.cpu };
}

static const char *path_of(const char *name) {
        static char path[200];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
        return path;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        return remove(path);
}

static void empty_folder(void) {
        (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        must(mkdir(folder, 0700) >= 0, "mkdir");
}

/* The child: lines, as many to a write as @load says. */
static void write_load(int fd, const Load *load) {
        static char block[65536];

        memset(block, 'x', sizeof(block));
        for (size_t i = LINE_SIZE - 1; i < sizeof(block); i += LINE_SIZE)
                block[i] = '\n';
        for (size_t i = 0; i < load->total; i += load->chunk)
                if (write(fd, block, load->chunk) != (ssize_t)load->chunk)
                        _exit(1);
        _exit(0);
}

static pid_t start_writer(int fd, const Load *load) {
        pid_t pid = fork();

        must(pid >= 0, "fork");
        if (pid == 0) {
                (void)dup2(fd, STDOUT_FILENO);
                (void)close_range(3, ~0U, 0);
                write_load(STDOUT_FILENO, load);
        }
        return pid;
}

static Cost run_floor(const Load *load) {
        static char buffer[65536];
        int ends[2], fd;
        ssize_t n, size = 0;
        Cost before;

        must(pipe2(ends, O_CLOEXEC) >= 0, "pipe");
        (void)fcntl(ends[1], F_SETPIPE_SZ, 1024 * 1024);
        fd = open(path_of("floor"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        must(fd >= 0, "open");
        (void)start_writer(ends[1], load);
        safe_close(ends[1]);

        before = cost_now();
        while ((n = read(ends[0], buffer, sizeof(buffer))) > 0) {
                must(write(fd, buffer, (size_t)n) == n, "write");
                size += n;
                if (size >=
                    (BACKUPS + 1) * MAX_BYTES) { /* no more on the disk than the others have */
                        must(ftruncate(fd, 0) >= 0, "truncate");
                        size = 0;
                }
        }
        (void)wait(NULL);
        safe_close(fd);
        safe_close(ends[0]);
        return cost_since(before);
}

static int on_outputs(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        return outputs_dispatch(userdata);
}

static int on_writer(sd_event_source *source, const siginfo_t *info, void *userdata) {
        return sd_event_exit(sd_event_source_get_event(source), 0);
}

static ProcessConfig *bench_config(ProcessConfig *config, const char *name) {
        *config = (ProcessConfig){
                .n_ref = 1000,
                .name = strdup(name),
                .group = strdup(name),
                .log = { { .kind = LOG_KIND_FILE,
                           .path = strdup(path_of(name)),
                           .max_bytes = MAX_BYTES,
                           .backups = BACKUPS },
                         { .kind = LOG_KIND_NONE } },
        };
        return config;
}

static sd_event *new_loop(Outputs **ret) {
        const OutputsOptions options = { .childlogdir = folder, .identifier = "bench" };
        sd_event *event = NULL;

        must(outputs_new(&options, ret) >= 0 && sd_event_new(&event) >= 0 &&
                     sd_event_add_io(event, NULL, outputs_get_fd(*ret), EPOLLIN, on_outputs,
                                     *ret) >= 0,
             "loop");
        return event;
}

static Cost run_ours(const Load *load) {
        ProcessConfig config;
        Outputs *outputs;
        Output *output;
        sd_event *event = new_loop(&outputs);
        int stdio[3];
        Cost before, cost;
        pid_t pid;

        must(output_new(outputs, bench_config(&config, "ours"), NULL, &output) >= 0 &&
                     output_open(output, stdio) >= 0,
             "output");
        pid = start_writer(stdio[1], load);
        output_started(output, pid);
        must(sd_event_add_child(event, NULL, pid, WEXITED, on_writer, NULL) >= 0, "child");

        before = cost_now();
        (void)sd_event_loop(event);
        output_drain(output);
        cost = cost_since(before);

        output_free(output);
        outputs_free(outputs);
        sd_event_unref(event);
        return cost;
}

/* execvp() changes nothing of it, but does not say so. */
static void run_tool(const char *const *argv) {
        char *const *words;

        memcpy(&words, &argv, sizeof(words));
        execvp(argv[0], words);
        _exit(127);
}

/* A logger that reads its standard input. */
static Cost run_logger(const Load *load, const char *const *argv) {
        struct rusage usage;
        uint64_t start;
        int ends[2];
        pid_t pid;

        must(pipe2(ends, O_CLOEXEC) >= 0, "pipe");
        pid = fork();
        must(pid >= 0, "fork");
        if (pid == 0) {
                (void)dup2(ends[0], STDIN_FILENO);
                run_tool(argv);
        }
        safe_close(ends[0]);
        start = now_usec();
        (void)start_writer(ends[1], load);
        safe_close(ends[1]);
        must(wait4(pid, NULL, 0, &usage) == pid, "wait");
        while (wait(NULL) > 0)
                continue;
        return (Cost){ (double)(now_usec() - start) / 1e6, cpu_of(&usage) };
}

/* Python's supervisord does not end with its program: the program's end is seen by its lock. */
static Cost run_python(const Load *load, const char *self, const char *python) {
        _cleanup_(closep) int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        char config[200];
        struct rusage usage;
        struct timespec pause = { .tv_nsec = 20000000 };
        uint64_t start, end;
        FILE *f;
        pid_t pid;

        (void)snprintf(config, sizeof(config), "%s", path_of("python.conf"));
        f = fopen(config, "we");
        must(f != NULL, "config");
        (void)fprintf(f,
                      "[supervisord]\nlogfile=%s/d.log\npidfile=%s/d.pid\n[program:w]\n"
                      "command=%s --write %zu %s/begin %s/end\nstartsecs=0\nautorestart=false\n"
                      "stdout_logfile=%s/python\nstdout_logfile_backups=%d\n",
                      folder, folder, self, load->chunk, folder, folder, folder, BACKUPS);
        (void)fclose(f);

        pid = fork();
        must(pid >= 0, "fork");
        if (pid == 0) {
                (void)dup2(null, STDOUT_FILENO);
                (void)dup2(null, STDERR_FILENO);
                execl(python, python, "-n", "-c", config, NULL);
                _exit(127);
        }
        while (access(path_of("begin"), F_OK) < 0)
                (void)nanosleep(&pause, NULL);
        start = now_usec();
        while (access(path_of("end"), F_OK) < 0)
                (void)nanosleep(&pause, NULL);
        end = now_usec();
        (void)kill(pid, SIGTERM);
        must(wait4(pid, NULL, 0, &usage) == pid, "wait");
        return (Cost){ (double)(end - start) / 1e6, cpu_of(&usage) };
}

static bool is_installed(const char *program) {
        char command[200];

        (void)snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", program);
        return system(command) == 0;
}

static void show(const Load *load, const char *name, Cost cost) {
        double gib = (double)load->total / (1024.0 * 1024 * 1024);

        printf("%-14s  %-12s %6.0f MB/s  %6.2f s CPU per GiB\n", load->name, name,
               (double)load->total / 1e6 / cost.seconds, cost.cpu / gib);
        (void)fflush(stdout);
        empty_folder();
}

static void bench_load(const Load *load, const char *self) {
        char size[40], directory[120];

        (void)snprintf(directory, sizeof(directory), "%s/peer", folder);
        show(load, "floor", run_floor(load));
        show(load, "supervisord", run_ours(load));
        show(load, "floor", run_floor(load));
        show(load, "supervisord", run_ours(load));

        (void)snprintf(size, sizeof(size), "s%d", MAX_BYTES);
        if (is_installed("s6-log"))
                show(load, "s6-log",
                     run_logger(load,
                                (const char *const[]){ "s6-log", "n3", size, directory, NULL }));
        if (is_installed("multilog"))
                show(load, "multilog",
                     run_logger(load, (const char *const[]){ "multilog", "n3", "s16777215",
                                                             directory, NULL }));
        if (is_installed("svlogd")) {
                must(mkdir(directory, 0700) >= 0, "mkdir");
                show(load, "svlogd",
                     run_logger(load,
                                (const char *const[]){ "svlogd", "-b", "65536", directory, NULL }));
        }
        if (access("/usr/bin/supervisord", X_OK) >= 0)
                show(load, "Python's", run_python(load, self, "/usr/bin/supervisord"));
}

static void write_trickle(int fd, unsigned number) {
        static const char line[] =
                "a line of the usual length, as a program writes them now and then, "
                "with some values in it: 4711 0815 4242\n";
        struct timespec pause = { .tv_nsec =
                                          (long)(number * TRICKLE_PAUSE_USEC / TRICKLERS) * 1000 };

        (void)nanosleep(&pause, NULL);
        pause.tv_nsec = TRICKLE_PAUSE_USEC * 1000;
        for (int i = 0; i < TRICKLE_LINES; i++) {
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

static void show_trickle(const char *name, Cost cost) {
        printf("%d x 50 lines/s  %-12s %6.1f us CPU per line\n", TRICKLERS, name,
               cost.cpu * 1e6 / (TRICKLERS * TRICKLE_LINES));
}

static void trickle_floor(void) {
        int epoll_fd = epoll_create1(EPOLL_CLOEXEC), open_pipes = TRICKLERS, files[TRICKLERS];
        struct epoll_event events[64];
        char buffer[65536];
        Cost before;

        for (int i = 0; i < TRICKLERS; i++) {
                struct epoll_event event = { .events = EPOLLIN };
                char name[32];
                int ends[2];

                must(pipe2(ends, O_CLOEXEC) >= 0, "pipe");
                (void)snprintf(name, sizeof(name), "floor%d", i);
                files[i] = open(path_of(name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
                event.data.u64 = (uint64_t)ends[0] << 32 | (unsigned)files[i];
                must(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, ends[0], &event) >= 0, "epoll");
                (void)start_trickler(ends[1], (unsigned)i);
                safe_close(ends[1]);
        }

        before = cost_now();
        while (open_pipes > 0) {
                int n = epoll_wait(epoll_fd, events, ELEMENTSOF(events), -1);

                for (int i = 0; i < n; i++) {
                        int fd = (int)(events[i].data.u64 >> 32);
                        ssize_t size = read(fd, buffer, sizeof(buffer));

                        if (size > 0) {
                                must(write((int)(unsigned)events[i].data.u64, buffer,
                                           (size_t)size) > 0,
                                     "write");
                                continue;
                        }
                        safe_close(fd);
                        open_pipes--;
                }
        }
        show_trickle("floor", cost_since(before));
        for (int i = 0; i < TRICKLERS; i++)
                safe_close(files[i]);
        safe_close(epoll_fd);
        empty_folder();
}

static int on_trickler(sd_event_source *source, const siginfo_t *info, void *userdata) {
        int *left = userdata;

        return --*left == 0 ? sd_event_exit(sd_event_source_get_event(source), 0) : 0;
}

static void trickle_ours(void) {
        static ProcessConfig configs[TRICKLERS];
        static Output *output[TRICKLERS];
        int left = TRICKLERS;
        Outputs *outputs;
        sd_event *event = new_loop(&outputs);
        Cost before;

        for (int i = 0; i < TRICKLERS; i++) {
                char name[32];
                int stdio[3];
                pid_t pid;

                (void)snprintf(name, sizeof(name), "ours%d", i);
                must(output_new(outputs, bench_config(&configs[i], name), NULL, &output[i]) >= 0 &&
                             output_open(output[i], stdio) >= 0,
                     "output");
                pid = start_trickler(stdio[1], (unsigned)i);
                output_started(output[i], pid);
                must(sd_event_add_child(event, NULL, pid, WEXITED, on_trickler, &left) >= 0,
                     "child");
        }

        before = cost_now();
        (void)sd_event_loop(event);
        show_trickle("supervisord", cost_since(before));
        for (int i = 0; i < TRICKLERS; i++)
                output_free(output[i]);
        outputs_free(outputs);
        sd_event_unref(event);
        empty_folder();
}

static void touch(const char *path) {
        safe_close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* As a program of Python's supervisord: --write CHUNK BEGIN END */
static int be_writer(char **argv) {
        size_t chunk = strtoul(argv[2], NULL, 10);
        pid_t pid;

        touch(argv[3]);
        for (size_t i = 0; i < ELEMENTSOF(loads); i++) {
                if (loads[i].chunk != chunk)
                        continue;
                pid = start_writer(STDOUT_FILENO, &loads[i]);
                (void)waitpid(pid, NULL, 0);
        }
        touch(argv[4]);
        return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
        char self[200] = {};
        sigset_t mask;

        if (argc == 5 && strcmp(argv[1], "--write") == 0)
                return be_writer(argv);

        must(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0, "readlink");
        (void)snprintf(folder, sizeof(folder), "%s",
                       argc > 1 ? argv[1] : "/tmp/supervisord-bench-XXXXXX");
        must(argc > 1 ? mkdir(folder, 0700) >= 0 : mkdtemp(folder) != NULL, "folder");
        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGCHLD);
        (void)sigprocmask(SIG_BLOCK, &mask, NULL);

        for (size_t i = 0; i < ELEMENTSOF(loads); i++)
                bench_load(&loads[i], self);
        for (int i = 0; i < 2; i++) {
                trickle_floor();
                trickle_ours();
        }
        (void)rmdir(folder);
        return EXIT_SUCCESS;
}
