/*
 * What capturing children's output costs: megabytes per second and seconds of processor time per
 * GiB for one child at full speed, with rotation. Beside it the floor, a bare loop that copies from
 * the pipe to a file without rotation, and those of s6-log, svlogd, multilog and Python's
 * supervisord that are installed.
 *
 *         log [FOLDER]     where the logs are written (default: a new one in /tmp), removed at the
 *                          end; ROUNDS=N and ONLY="CONTESTANT …" in the environment
 */
#include <poll.h>
#include <time.h>

#include "bench.h"
#include "result.h"

#define MAX_ROUNDS 9
#define MAX_BYTES (50 * 1024 * 1024)
#define BACKUPS 3
#define LINE_SIZE 128

typedef struct Load {
        const char *name;
        size_t chunk;
        size_t total;
} Load;

static const Load loads[] = {
        { "128-byte lines", LINE_SIZE, 512UL * 1024 * 1024 },
        { "64 KiB writes", 65536, 2048UL * 1024 * 1024 },
};

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

/* The same without a copy in our memory. */
static Cost run_splice_floor(const Load *load) {
        off_t offset = 0;
        int ends[2], fd;
        ssize_t n;
        Cost before;

        must(pipe2(ends, O_CLOEXEC) >= 0, "pipe");
        (void)fcntl(ends[1], F_SETPIPE_SZ, 1024 * 1024);
        fd = open(path_of("floor"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        must(fd >= 0, "open");
        (void)start_writer(ends[1], load);
        safe_close(ends[1]);

        before = cost_now();
        while ((n = splice(ends[0], NULL, fd, &offset, 1024 * 1024, SPLICE_F_MOVE)) > 0) {
                if (offset >= (BACKUPS + 1) * MAX_BYTES) {
                        must(ftruncate(fd, 0) >= 0, "truncate");
                        offset = 0;
                }
        }
        must(n == 0, "splice");
        (void)wait(NULL);
        safe_close(fd);
        safe_close(ends[0]);
        return cost_since(before);
}

static int on_writer(sd_event_source *source, const siginfo_t *info, void *userdata) {
        return sd_event_exit(sd_event_source_get_event(source), 0);
}

static Cost run_ours(const Load *load) {
        ProcessConfig config;
        Output *output;
        int stdio[3];
        Cost before, cost;
        Loop loop;
        pid_t pid;

        loop_open(&loop);
        must(output_new(loop.outputs, loop_config(&config, "ours", MAX_BYTES, BACKUPS), NULL,
                        &output) >= 0 &&
                     output_open(output, stdio) >= 0,
             "output");
        pid = start_writer(stdio[1], load);
        output_started(output, pid);
        must(sd_event_add_child(loop.event, NULL, pid, WEXITED, on_writer, NULL) >= 0, "child");

        before = cost_now();
        (void)sd_event_loop(loop.event);
        output_drain(output);
        loop_finish(&loop);
        cost = cost_since(before);

        output_free(output);
        loop_close(&loop);
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
static Cost run_supervisor(const Load *load, const char *python) {
        _cleanup_(closep) int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        char config[200], self[200] = {};
        struct rusage usage;
        struct timespec pause = { .tv_nsec = 20000000 };
        uint64_t start, end;
        FILE *f;
        pid_t pid;

        must(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0, "readlink");
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

static Cost run_s6(const Load *load) {
        char size[40];

        (void)snprintf(size, sizeof(size), "s%d", MAX_BYTES);
        return run_logger(load,
                          (const char *const[]){ "s6-log", "n3", size, path_of("peer"), NULL });
}

static Cost run_multilog(const Load *load) {
        return run_logger(load, (const char *const[]){ "multilog", "n3", "s16777215",
                                                       path_of("peer"), NULL });
}

static Cost run_svlogd(const Load *load) {
        must(mkdir(path_of("peer"), 0700) >= 0, "mkdir");
        return run_logger(load,
                          (const char *const[]){ "svlogd", "-b", "65536", path_of("peer"), NULL });
}

static Cost run_python(const Load *load) {
        return run_supervisor(load, getenv("PYTHON_SUPERVISORD") ?: "/usr/bin/supervisord");
}

static const struct {
        const char *name;
        const char *program; /* left out where it is not installed */
        Cost (*run)(const Load *load);
} contestants[] = {
        { "floor", NULL, run_floor },
        { "splice floor", NULL, run_splice_floor },
        { "supervisord", NULL, run_ours },
        { "s6-log", "s6-log", run_s6 },
        { "svlogd", "svlogd", run_svlogd },
        { "multilog", "multilog", run_multilog },
        { "Python's", "${PYTHON_SUPERVISORD:-/usr/bin/supervisord}", run_python },
};

/* Is it named in $ONLY? All are without that. */
static bool is_wanted(const char *name) {
        const char *only = getenv("ONLY");

        return !only || strstr(only, name);
}

static int compare(const void *a, const void *b) {
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static void sort(double *values, size_t rounds) {
        qsort(values, rounds, sizeof(*values), compare);
}

/* All in turn, several times: what disturbs one round disturbs everybody. */
static void bench_load(const Load *load, size_t rounds) {
        double rate[ELEMENTSOF(contestants)][MAX_ROUNDS], cpu[ELEMENTSOF(contestants)][MAX_ROUNDS];
        double gib = (double)load->total / (1024.0 * 1024 * 1024);
        bool takes_part[ELEMENTSOF(contestants)];

        for (size_t i = 0; i < ELEMENTSOF(contestants); i++)
                takes_part[i] = is_wanted(contestants[i].name) &&
                                (!contestants[i].program || is_installed(contestants[i].program));

        for (size_t round = 0; round < rounds; round++) {
                for (size_t i = 0; i < ELEMENTSOF(contestants); i++) {
                        Cost cost;

                        if (!takes_part[i])
                                continue;
                        cost = contestants[i].run(load);
                        rate[i][round] = (double)load->total / 1e6 / cost.seconds;
                        cpu[i][round] = cost.cpu / gib;
                        empty_folder();
                }
        }

        for (size_t i = 0; i < ELEMENTSOF(contestants); i++) {
                if (!takes_part[i])
                        continue;
                sort(rate[i], rounds);
                sort(cpu[i], rounds);
                printf("%-14s  %-12s %6.0f MB/s (best %5.0f)  %6.2f s CPU per GiB (best "
                       "%.2f)\n",
                       load->name, contestants[i].name, rate[i][rounds / 2], rate[i][rounds - 1],
                       cpu[i][rounds / 2], cpu[i][0]);
                result_emit("capture_rate", load->name, contestants[i].name, "MB/s",
                            rate[i][rounds / 2]);
                result_emit("capture_cpu", load->name, contestants[i].name, "s/GiB",
                            cpu[i][rounds / 2]);
        }
        (void)fflush(stdout);
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

/* $ROUNDS, 3 without it. */
static size_t rounds_wanted(void) {
        const char *text = getenv("ROUNDS");
        size_t rounds = text ? strtoul(text, NULL, 10) : 3;

        return rounds < 1 ? 1 : rounds > MAX_ROUNDS ? MAX_ROUNDS : rounds;
}

int main(int argc, char **argv) {
        if (argc == 5 && strcmp(argv[1], "--write") == 0)
                return be_writer(argv);

        make_folder(argc > 1 ? argv[1] : NULL);
        for (size_t i = 0; i < ELEMENTSOF(loads); i++)
                bench_load(&loads[i], rounds_wanted());
        (void)rmdir(folder);
        return EXIT_SUCCESS;
}
