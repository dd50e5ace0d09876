/*
 * Run a program and let one of its system calls fail:
 *
 *   inject REPORT KIND:N:ERRNO PROGRAM ARGS...    the N-th call of that kind, counted from 1
 *   inject REPORT KIND:N+:ERRNO PROGRAM ARGS...   and all after it, until this process gets SIGUSR1
 *   inject REPORT list PROGRAM ARGS...            none; list all that could
 *   inject REPORT none PROGRAM ARGS...            none
 *
 * KIND is one of kinds.c, or several with commas between that are counted together; ERRNO is a
 * number. LIBRARY in the environment is preloaded in the program, and must be memory.c for anything
 * to be counted.
 *
 * The file REPORT gets a line "pid PID", what trace.h and memory.c say there, then "exited STATUS"
 * or "killed SIGNAL", and "orphan PID NAME" for each process that is left then, which is killed.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault/trace.h"

static Trace *trace; /* for the signal handler, which gets nothing else passed */

static _Noreturn void fail(const char *what) {
        perror(what);
        exit(125);
}

static void on_heal(int signo) {
        trace_heal(trace);
}

/* "KIND,KIND:N+:ERRNO"; @text is changed and must stay. */
static TracePlan parse_plan(char *text) {
        TracePlan plan = { .kinds = "" };
        char *n = strchr(text, ':'), *end, *kinds;

        if (strcmp(text, "none") == 0)
                return plan;
        if (strcmp(text, "list") == 0) {
                plan.mode = TRACE_LIST;
                return plan;
        }
        if (!n)
                fail(text);
        *n++ = '\0';
        plan.n = strtoul(n, &end, 10);
        plan.mode = *end == '+' ? TRACE_STICKY : TRACE_ONCE;
        end = strchr(n, ':');
        plan.error = end ? (int)strtol(end + 1, NULL, 10) : 0;
        if (plan.n == 0 || plan.error <= 0 || asprintf(&kinds, ",%s,", text) < 0)
                fail(n);
        plan.kinds = kinds;
        return plan;
}

static _Noreturn void run(char **argv, bool is_traced) {
        const char *library = getenv("LIBRARY");

        if (library)
                (void)setenv("LD_PRELOAD", library, 1);
        (void)unsetenv("LIBRARY");
        if (is_traced && (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0))
                fail("PTRACE_TRACEME");
        (void)execv(argv[0], argv);
        fail(argv[0]);
}

static void report_end(FILE *report, int status) {
        if (WIFEXITED(status))
                fprintf(report, "exited %d\n", WEXITSTATUS(status));
        else
                fprintf(report, "killed %d\n", WTERMSIG(status));
}

/* Has its last hour come already? */
static bool is_being_killed(int pid) {
        char path[64], line[128];
        unsigned long long pending = 0, set;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
        f = fopen(path, "re");
        while (f && fgets(line, sizeof(line), f))
                if (sscanf(line, "SigPnd: %llx", &set) == 1 ||
                    sscanf(line, "ShdPnd: %llx", &set) == 1)
                        pending |= set;
        if (f)
                fclose(f);
        return pending & 1ULL << (SIGKILL - 1);
}

/* Kill what is left, which is ours by now; in rounds, as each may leave children again. */
static void kill_orphans(FILE *report) {
        char path[64], name[64];
        int pid, status;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
        for (;;) {
                f = fopen(path, "re");
                while (f && fscanf(f, "%d", &pid) == 1) {
                        FILE *comm;

                        (void)snprintf(name, sizeof(name), "/proc/%d/comm", pid);
                        comm = fopen(name, "re");
                        if (!comm || fscanf(comm, "%63s", name) != 1)
                                name[0] = '\0';
                        if (comm)
                                fclose(comm);
                        /* One that has ended meanwhile, or is about to, was none. */
                        if (is_being_killed(pid) || waitpid(pid, &status, WNOHANG) != 0)
                                continue;
                        fprintf(report, "orphan %d %s\n", pid, name);
                        (void)kill(pid, SIGKILL);
                }
                if (f)
                        fclose(f);
                if (waitpid(-1, &status, __WALL) < 0 && errno == ECHILD)
                        return;
        }
}

int main(int argc, char **argv) {
        struct sigaction heal = { .sa_handler = on_heal, .sa_flags = SA_RESTART };
        TracePlan plan;
        FILE *report;
        int status;
        pid_t pid;

        if (argc < 4) {
                fputs("usage: inject REPORT PLAN PROGRAM ARGS...\n", stderr);
                return 125;
        }
        report = fopen(argv[1], "ae");
        if (!report || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
                fail(argv[1]);
        plan = parse_plan(argv[2]);

        pid = fork();
        if (pid < 0)
                fail("fork");
        if (pid == 0)
                run(argv + 3, plan.mode != TRACE_NONE);
        if (plan.mode != TRACE_NONE) {
                trace = trace_begin(pid, &plan, report);
                (void)sigaction(SIGUSR1, &heal, NULL);
        }
        fprintf(report, "pid %d\n", pid);
        fflush(report);

        for (;;) {
                pid_t tid = waitpid(-1, &status, __WALL);

                if (tid < 0)
                        fail("waitpid");
                if (trace && trace_stopped(trace, tid, status))
                        continue;
                if (tid == pid)
                        break;
        }
        report_end(report, status);
        kill_orphans(report);
        fclose(report);
        free(trace);
        return 0;
}
