/* clang-format off */
/*
 * A program with manners to order, for the tests to supervise. Its arguments are steps, done one
 * after the other; after the last it waits for ever.
 *
 *   say=TEXT err=TEXT        a line to stdout or stderr
 *   newline=FD               a newline to that descriptor
 *   notify=TEXT              what sd_notify(3) would send; "|" parts lines
 *   main=FILE                what it would send to make the process in FILE the main process
 *   chat=MSEC                a line to stdout every so often, for ever
 *   beat=MSEC:N              WATCHDOG=1 every MSEC, N times
 *   tell=SIGNAL:MSEC:TEXT    at SIGNAL send TEXT ten times, every MSEC, then exit with status 0
 *   accept=FD                take one connection of that listening descriptor, send "PID\n" and close
 *   facts=FILE               what this process finds about itself (see write_facts), as one new file
 *   append=FILE              a line "PID\n" at the end of FILE
 *   pidfile=FILE             "PID\n", as one new file
 *   await=FILE               go on when FILE is there
 *   sleep=MSEC               let time pass
 *   ignore=SIGNAL            from now on
 *   on=SIGNAL:MSEC:STATUS    at SIGNAL work for MSEC, then exit with STATUS
 *   setsid                   leave the session and the process group
 *   fork ... end             a new process does the steps between and then waits; this one goes on
 *                            after the `end` that belongs to it
 *   exit=STATUS raise=SIGNAL the end
 *
 * SIGNAL is a number. It says nothing unless told to, and uses no library beyond libc.
 */
/* clang-format on */
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

typedef struct Reaction {
        long delay_msec;
        int status;
        const char *text; /* to be sent meanwhile, or NULL */
} Reaction;

static Reaction reactions[65]; /* for the signal handler, which gets nothing else passed */

static _Noreturn void fail(const char *what) {
        perror(what);
        exit(99);
}

static void pass_time(long msec) {
        struct timespec left = { .tv_sec = msec / 1000, .tv_nsec = msec % 1000 * 1000000 };

        while (nanosleep(&left, &left) < 0)
                ;
}

static void notify(const char *text) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        const char *path = getenv("NOTIFY_SOCKET");
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        char lines[4096];

        if (!path || fd < 0)
                fail("NOTIFY_SOCKET");
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        (void)snprintf(lines, sizeof(lines), "%s", text);
        for (char *bar = lines; (bar = strchr(bar, '|'));)
                *bar = '\n';
        if (sendto(fd, lines, strlen(lines), 0, (const struct sockaddr *)&address,
                   sizeof(address)) < 0)
                fail(path);
        (void)close(fd);
}

static void notify_main(const char *file) {
        FILE *f = fopen(file, "re");
        char text[64];
        int pid;

        if (!f || fscanf(f, "%d", &pid) != 1)
                fail(file);
        fclose(f);
        (void)snprintf(text, sizeof(text), "MAINPID=%d", pid);
        notify(text);
}

static void beat(const char *text) {
        long delay, n;

        if (sscanf(text, "%ld:%ld", &delay, &n) != 2)
                fail(text);
        for (; n > 0; n--) {
                notify("WATCHDOG=1");
                pass_time(delay);
        }
}

static void on_signal(int signo) {
        const Reaction *r = &reactions[signo];

        for (int i = 0; r->text && i < 10; i++) {
                notify(r->text);
                pass_time(r->delay_msec);
        }
        if (!r->text)
                pass_time(r->delay_msec);
        _exit(r->status);
}

static void catch_signal(int signo) {
        struct sigaction action = { .sa_handler = on_signal };

        (void)sigfillset(&action.sa_mask);
        if (sigaction(signo, &action, NULL) < 0)
                fail("sigaction");
}

static void react(const char *text) {
        int signo, status;
        long delay;

        if (sscanf(text, "%d:%ld:%d", &signo, &delay, &status) != 3 || signo < 1 || signo > 64)
                fail(text);
        reactions[signo] = (Reaction){ .delay_msec = delay, .status = status };
        catch_signal(signo);
}

static void react_telling(const char *text) {
        int signo, used = 0;
        long delay;

        if (sscanf(text, "%d:%ld:%n", &signo, &delay, &used) != 2 || used == 0 || signo < 1 ||
            signo > 64)
                fail(text);
        reactions[signo] = (Reaction){ .delay_msec = delay, .text = text + used };
        catch_signal(signo);
}

/* "fd N TARGET" for each open descriptor but the one that reads the directory. */
static void write_fds(FILE *f) {
        DIR *dir = opendir("/proc/self/fd");
        struct dirent *entry;

        if (!dir)
                fail("/proc/self/fd");
        while ((entry = readdir(dir))) {
                char target[4096];
                int fd = atoi(entry->d_name); /* "." and ".." give 0, which has its own entry too */
                ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

                if (n < 0 || fd == dirfd(dir) || fd == fileno(f))
                        continue;
                target[n] = '\0';
                fprintf(f, "fd %d %s\n", fd, target);
        }
        closedir(dir);
}

/* The lines of a file of /proc that tell of signals or of the cgroup, with @prefix before each. */
static void copy_lines(FILE *f, const char *path, const char *only, const char *prefix) {
        FILE *in = fopen(path, "re");
        char line[4096];

        if (!in)
                return; /* /proc/self/cgroup may be missing: then there is no such fact */
        while (fgets(line, sizeof(line), in))
                if (strncmp(line, only, strlen(only)) == 0)
                        fprintf(f, "%s%s", prefix, line);
        fclose(in);
}

static void write_facts(const char *path) {
        char temporary[4096], cwd[4096];
        gid_t groups[256];
        int n_groups;
        mode_t mask;
        FILE *f;

        snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid());
        f = fopen(temporary, "we");
        if (!f)
                fail(temporary);
        mask = umask(0);
        (void)umask(mask);
        fprintf(f, "pid %d\nppid %d\n", (int)getpid(), (int)getppid());
        fprintf(f, "pgid %d\nsid %d\n", (int)getpgid(0), (int)getsid(0));
        fprintf(f, "uid %d %d\ngid %d %d\n", (int)getuid(), (int)geteuid(), (int)getgid(),
                (int)getegid());
        fprintf(f, "groups");
        n_groups = getgroups(256, groups);
        for (int i = 0; i < n_groups; i++)
                fprintf(f, " %d", (int)groups[i]);
        fprintf(f, "\numask %04o\ncwd %s\n", (unsigned)mask, getcwd(cwd, sizeof(cwd)));
        copy_lines(f, "/proc/self/status", "Sig", "");
        copy_lines(f, "/proc/self/cgroup", "0:", "cgroup ");
        write_fds(f);
        for (char **e = environ; *e; e++)
                fprintf(f, "env %s\n", *e);
        if (fclose(f) != 0 || rename(temporary, path) < 0)
                fail(path);
}

static void write_pid(const char *path) {
        char temporary[4096];
        FILE *f;

        snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid());
        f = fopen(temporary, "we");
        if (!f || fprintf(f, "%d\n", (int)getpid()) < 0 || fclose(f) != 0 ||
            rename(temporary, path) < 0)
                fail(path);
}

static void append_pid(const char *path) {
        char line[32];
        int n = snprintf(line, sizeof(line), "%d\n", (int)getpid());
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

        if (fd < 0 || write(fd, line, n) != n)
                fail(path);
        close(fd);
}

static void write_line(int fd, const char *text) {
        char line[4096];
        int n = snprintf(line, sizeof(line), "%s\n", text);

        if (n < 0 || write(fd, line, n) != n)
                fail("write");
}

static void chat(const char *text) {
        long delay = strtol(text, NULL, 10);

        for (unsigned long i = 0;; i++) {
                (void)dprintf(STDOUT_FILENO, "%d says %lu, and is not done with talking\n",
                              (int)getpid(), i);
                pass_time(delay);
        }
}

static void await_file(const char *path) {
        while (access(path, F_OK) < 0)
                pass_time(5);
}

static void die_by(int signo) {
        (void)signal(signo, SIG_DFL); /* SIGKILL has no other, and needs none */
        (void)raise(signo);
}

static char **after_end(char **step) {
        int depth = 1;

        for (; *step; step++) {
                if (strcmp(*step, "fork") == 0)
                        depth++;
                if (strcmp(*step, "end") == 0 && --depth == 0)
                        return step + 1;
        }
        return step;
}

static char **fork_here(char **step) {
        pid_t pid = fork();

        if (pid < 0)
                fail("fork");
        if (pid > 0)
                return after_end(step);
        return step;
}

/* Steps with a value: "NAME=VALUE". Gives 0 if @name is none of them. */
static int step_with_value(const char *name, size_t len, const char *value) {
        static const struct {
                const char *name;
                void (*with_text)(const char *text);
        } steps[] = {
                { "facts", write_facts }, { "append", append_pid }, { "pidfile", write_pid },
                { "await", await_file },  { "on", react },          { "tell", react_telling },
                { "notify", notify },     { "main", notify_main },  { "beat", beat },
                { "chat", chat },
        };

        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
                if (strlen(steps[i].name) == len && memcmp(steps[i].name, name, len) == 0) {
                        steps[i].with_text(value);
                        return 1;
                }
        return 0;
}

static void answer_one(int listener) {
        char line[32];
        int n = snprintf(line, sizeof(line), "%d\n", (int)getpid());
        int fd = accept(listener, NULL, NULL);

        if (fd < 0 || write(fd, line, n) != n)
                fail("accept");
        close(fd);
}

static void do_step(char *step) {
        char *value = strchr(step, '=');
        size_t len = value ? (size_t)(value - step) : strlen(step);

        value = value ? value + 1 : step + len;
        if (strncmp(step, "say=", 4) == 0)
                write_line(STDOUT_FILENO, value);
        else if (strncmp(step, "err=", 4) == 0)
                write_line(STDERR_FILENO, value);
        else if (strncmp(step, "newline=", 8) == 0)
                write_line((int)strtol(value, NULL, 10), "");
        else if (strncmp(step, "accept=", 7) == 0)
                answer_one((int)strtol(value, NULL, 10));
        else if (strncmp(step, "sleep=", 6) == 0)
                pass_time(strtol(value, NULL, 10));
        else if (strncmp(step, "ignore=", 7) == 0)
                (void)signal((int)strtol(value, NULL, 10), SIG_IGN);
        else if (strncmp(step, "exit=", 5) == 0)
                exit((int)strtol(value, NULL, 10));
        else if (strncmp(step, "raise=", 6) == 0)
                die_by((int)strtol(value, NULL, 10));
        else if (strcmp(step, "setsid") == 0)
                (void)setsid(); /* a group's leader may not, and need not */
        else if (!step_with_value(step, len, value))
                fail(step);
}

int main(int argc, char **argv) {
        char **step = argv + 1;

        while (*step) {
                if (strcmp(*step, "end") == 0)
                        break; /* of the block that this process was forked for */
                if (strcmp(*step, "fork") == 0)
                        step = fork_here(step + 1);
                else
                        do_step(*step++);
        }
        for (;;)
                pause();
}
