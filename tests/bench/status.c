/*
 * How long `supervisorctl status` takes with many processes, from its start to its end, beside a
 * program that does nothing. The daemon and supervisorctl are those of the same build folder.
 *
 *   status [N]
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/macro.h"
#include "bench/result.h"

#define RUNS 51

typedef struct Place {
        char dir[64];
        char config[96];
        char supervisord[4096];
        char supervisorctl[4096];
} Place;

static void die(const char *what) {
        (void)fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(1);
}

/* The programs beside this one: BUILD/tests/bench/status. */
static void find_programs(Place *p) {
        char self[2048];
        ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

        if (n < 0)
                die("/proc/self/exe");
        self[n] = '\0';
        for (int i = 0; i < 3; i++) {
                char *slash = strrchr(self, '/');

                if (slash)
                        *slash = '\0';
        }
        (void)snprintf(p->supervisord, sizeof(p->supervisord), "%s/supervisord", self);
        (void)snprintf(p->supervisorctl, sizeof(p->supervisorctl), "%s/supervisorctl", self);
}

static void write_config(Place *p, int n) {
        FILE *f;

        (void)snprintf(p->dir, sizeof(p->dir), "/tmp/bench-status-XXXXXX");
        if (!mkdtemp(p->dir))
                die(p->dir);
        (void)snprintf(p->config, sizeof(p->config), "%s/supervisord.conf", p->dir);
        f = fopen(p->config, "we");
        if (!f)
                die(p->config);
        (void)fprintf(f,
                      "[supervisord]\nlogfile=%s/log\npidfile=%s/pid\nminfds=4096\nminprocs=1\n"
                      "control_socket=%s/control\n"
                      "[program:many]\ncommand=/bin/sleep 1000\nnumprocs=%d\nstartsecs=0\n"
                      "process_name=many_%%(process_num)04d\nstdout_logfile=NONE\n"
                      "stderr_logfile=NONE\nstopsignal=KILL\n",
                      p->dir, p->dir, p->dir, n);
        if (fclose(f) != 0)
                die(p->config);
}

/* Start @argv with its output going to @output (or nowhere). */
static pid_t start(char *const *argv, const char *output) {
        posix_spawn_file_actions_t actions;
        pid_t pid;

        (void)posix_spawn_file_actions_init(&actions);
        (void)posix_spawn_file_actions_addopen(&actions, 1, output ?: "/dev/null",
                                               O_WRONLY | O_CREAT | O_TRUNC, 0600);
        errno = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
        if (errno != 0)
                die(argv[0]);
        (void)posix_spawn_file_actions_destroy(&actions);
        return pid;
}

static int finish(pid_t pid) {
        int status;

        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        die("waitpid");
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* All up: exit status 0 of status, and a line each. */
static void await_all(Place *p, char *const *argv, int n) {
        char output[128];
        struct timespec pause = { .tv_nsec = 50000000 };

        (void)snprintf(output, sizeof(output), "%s/output", p->dir);
        for (;;) {
                int lines = 0, c;
                FILE *f;

                if (finish(start(argv, output)) == 0 && (f = fopen(output, "re"))) {
                        while ((c = getc(f)) != EOF)
                                lines += c == '\n';
                        (void)fclose(f);
                }
                if (lines == n)
                        break;
                (void)nanosleep(&pause, NULL);
        }
        (void)unlink(output);
}

static int compare(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return x < y ? -1 : x > y;
}

static void measure(const char *name, char *const *argv) {
        const size_t middle = RUNS / 2;
        uint64_t usec[RUNS];

        for (size_t i = 0; i < RUNS; i++) {
                uint64_t begin = now_usec();

                (void)finish(start(argv, NULL));
                usec[i] = now_usec() - begin;
        }
        qsort(usec, RUNS, sizeof(usec[0]), compare);
        printf("%-28s median %6.2f ms, best %6.2f ms\n", name, (double)usec[middle] / 1000,
               (double)usec[0] / 1000);
        result_emit("status", "start to end", name, "ms", (double)usec[middle] / 1000);
}

static void clean(const Place *p) {
        static const char *const names[] = { "supervisord.conf", "log", "pid", "control",
                                             "control.lock" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                char path[128];

                (void)snprintf(path, sizeof(path), "%s/%s", p->dir, names[i]);
                (void)unlink(path);
        }
        (void)rmdir(p->dir);
}

int main(int argc, char **argv) {
        static char nodaemon[] = "-n", config[] = "-c", status[] = "status", true_[] = "/bin/true";
        int n = argc > 1 ? atoi(argv[1]) : 1000; /* NOLINT(cert-err34-c): a mistake measures 0 */
        static Place p;
        char *const nothing[] = { true_, NULL };
        char *const daemon[] = { p.supervisord, nodaemon, config, p.config, NULL };
        char *const client[] = { p.supervisorctl, config, p.config, status, NULL };
        char name[64];
        pid_t pid;

        find_programs(&p);
        write_config(&p, n);
        pid = start(daemon, NULL);
        await_all(&p, client, n);
        measure("/bin/true", nothing);
        (void)snprintf(name, sizeof(name), "status of %d processes", n);
        measure(name, client);
        (void)kill(pid, SIGTERM);
        (void)finish(pid);
        clean(&p);
        return 0;
}
