#include "fault/trace.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault/kinds.h"
#include "fault/marker.h"

#define TASKS_MAX 16
#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

typedef struct Task {
        pid_t tid;
        bool is_new;  /* its first stop is a SIGSTOP that nobody sent */
        bool skipped; /* the call that it is in does not happen */
} Task;

struct Trace {
        const TracePlan *plan;
        FILE *report;
        pid_t pid;
        bool began; /* the marker was seen */
        unsigned long n;
        volatile sig_atomic_t is_over;
        Task tasks[TASKS_MAX];
};

/* Not found where the task has gone meanwhile: killed, it is free to do so at any moment. */
static void check(long result, const char *what) {
        if (result >= 0 || errno == ESRCH)
                return;
        perror(what);
        exit(125);
}

/* ---------------------------------------------------------------- what depends on the processor */

#if defined(__x86_64__)
static void skip_call(pid_t tid) {
        check(ptrace(PTRACE_POKEUSER, tid, offsetof(struct user_regs_struct, orig_rax), -1L),
              "PTRACE_POKEUSER");
}

static void set_result(pid_t tid, long result) {
        check(ptrace(PTRACE_POKEUSER, tid, offsetof(struct user_regs_struct, rax), result),
              "PTRACE_POKEUSER");
}
#elif defined(__aarch64__)
static void skip_call(pid_t tid) {
        int number = -1;
        struct iovec v = { &number, sizeof(number) };

        check(ptrace(PTRACE_SETREGSET, tid, NT_ARM_SYSTEM_CALL, &v), "PTRACE_SETREGSET");
}

static void set_result(pid_t tid, long result) {
        struct user_regs_struct registers;
        struct iovec v = { &registers, sizeof(registers) };

        check(ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &v), "PTRACE_GETREGSET");
        registers.regs[0] = (unsigned long long)result;
        check(ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &v), "PTRACE_SETREGSET");
}
#else
#        error "How is a system call skipped here?"
#endif

/* ---------------------------------------------------------------- the report */

typedef struct Found { /* a call that is of a kind */
        char kind[32];
        char subject[256];
} Found;

/* Addresses are another process's, and what is read into is written by the kernel. */
/* NOLINTBEGIN(performance-no-int-to-ptr,readability-non-const-parameter) */
static void read_path(const Trace *t, uint64_t address, char *buffer, size_t size) {
        struct iovec here = { buffer, size - 1 };
        /* In two parts: behind the end of a page nothing may be mapped. */
        size_t first = 4096 - address % 4096;
        struct iovec there[] = { { (void *)(uintptr_t)address, first },
                                 { (void *)(uintptr_t)(address + first), size } };

        (void)process_vm_readv(t->pid, &here, 1, there, 2, 0); /* else it stays empty */
}

static void read_fd(const Trace *t, uint64_t fd, char *buffer, size_t size) {
        char link[64];

        (void)snprintf(link, sizeof(link), "/proc/%d/fd/%d", t->pid, (int)fd);
        (void)!readlink(link, buffer, size - 1); /* the same */
}

/* A child that does not tell its parent of its end only tries something out. */
static void name_clone(const Trace *t, Subject subject, uint64_t argument, Found *f) {
        struct clone_args args = { .flags = argument, .exit_signal = argument & CSIGNAL };
        struct iovec here = { &args, CLONE_ARGS_SIZE_VER0 };
        struct iovec there = { (void *)(uintptr_t)argument, CLONE_ARGS_SIZE_VER0 };

        if (subject == SUBJECT_CLONE_STRUCT)
                (void)process_vm_readv(t->pid, &here, 1, &there, 1, 0); /* else killed just now */
        (void)snprintf(f->subject, sizeof(f->subject), "%s",
                       args.flags & CLONE_THREAD ? "thread"
                       : args.exit_signal == 0   ? "probe"
                                                 : "process");
}
/* NOLINTEND(performance-no-int-to-ptr,readability-non-const-parameter) */

static const char *option_name(uint64_t option) {
        switch (option) {
        case SO_PEERCRED:
                return "SO_PEERCRED";
        case SO_PEERGROUPS:
                return "SO_PEERGROUPS";
        case SO_PEERSEC:
                return "SO_PEERSEC";
        case SO_PASSCRED:
                return "SO_PASSCRED";
        case SO_ACCEPTCONN:
                return "SO_ACCEPTCONN";
        case SO_SNDBUF:
        case SO_SNDBUFFORCE:
                return "SO_SNDBUF";
        case SO_RCVBUF:
        case SO_RCVBUFFORCE:
                return "SO_RCVBUF";
        default:
                return "another";
        }
}

static void name_option(const Trace *t, const uint64_t *args, Found *f) {
        char link[64] = "";

        read_fd(t, args[0], link, sizeof(link));
        (void)snprintf(f->subject, sizeof(f->subject), "%s %s", link,
                       args[1] == SOL_SOCKET ? option_name(args[2]) : "of-protocol");
}

static void name_mapping(const uint64_t *args, Found *f) {
        (void)snprintf(f->subject, sizeof(f->subject), "%s",
                       args[3] & MAP_STACK       ? "stack"
                       : args[3] & MAP_NORESERVE ? "arena"
                       : args[3] & MAP_ANONYMOUS ? "memory"
                                                 : "file");
}

static void find_subject(const Trace *t, Subject subject, const uint64_t *args, Found *f) {
        switch (subject) {
        case SUBJECT_FILE:
        case SUBJECT_FD:
                read_fd(t, args[0], f->subject, sizeof(f->subject));
                break;
        case SUBJECT_THIRD_FD:
                read_fd(t, args[2], f->subject, sizeof(f->subject));
                break;
        case SUBJECT_PATH:
                read_path(t, args[0], f->subject, sizeof(f->subject));
                break;
        case SUBJECT_PATH_BELOW:
                read_path(t, args[1], f->subject, sizeof(f->subject));
                if (!f->subject[0]) { /* AT_EMPTY_PATH */
                        memset(f->subject, 0, sizeof(f->subject));
                        read_fd(t, args[0], f->subject, sizeof(f->subject));
                }
                break;
        case SUBJECT_CLONE_FLAGS:
        case SUBJECT_CLONE_STRUCT:
                name_clone(t, subject, args[0], f);
                break;
        case SUBJECT_OPTION:
                name_option(t, args, f);
                break;
        case SUBJECT_MAPPING:
                name_mapping(args, f);
                break;
        case SUBJECT_THIRD_NUMBER:
                (void)snprintf(f->subject, sizeof(f->subject), "%lld", (long long)args[2]);
                break;
        case SUBJECT_NUMBER:
                (void)snprintf(f->subject, sizeof(f->subject), "%lld", (long long)args[0]);
                break;
        case SUBJECT_NONE:
                break;
        }
}

static bool begins_with(const char *text, const char *prefix) {
        return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Calls whose other forms give no error that the daemon has not caused itself. */
static bool can_fail(const struct __ptrace_syscall_info *info) {
        uint64_t operation = info->entry.args[1];

        switch (info->entry.nr) {
        case SYS_clone3:
                return info->entry.args[0] != 0; /* else a trial whether it is there */
        case SYS_fcntl:
                return operation == F_DUPFD || operation == F_DUPFD_CLOEXEC;
        case SYS_epoll_ctl:
                return operation == EPOLL_CTL_ADD;
        case SYS_prlimit64:
                return info->entry.args[2] != 0; /* a new limit */
        case SYS_signalfd4:
                return (int)info->entry.args[0] == -1; /* a new descriptor */
        default:
                return true;
        }
}

static bool find_call(const Trace *t, const struct __ptrace_syscall_info *info, Found *ret) {
        const Call *call = call_find((long)info->entry.nr);
        const char *suffix = "";

        if (!call || !can_fail(info))
                return false;
        *ret = (Found){ .kind = "" };
        find_subject(t, call->subject, (const uint64_t *)info->entry.args, ret);
        if (call->subject == SUBJECT_FILE && begins_with(ret->subject, "anon_inode:"))
                suffix = "-event";
        else if (call->subject == SUBJECT_FILE && ret->subject[0] != '/')
                suffix = "-pipe";
        (void)snprintf(ret->kind, sizeof(ret->kind), "%s%s", call->kind, suffix);
        return true;
}

static void report(const Trace *t, const char *event, const Found *call) {
        fprintf(t->report, "%s %s %s\n", event, call->kind, call->subject);
        fflush(t->report);
}

/* ---------------------------------------------------------------- stops */

static bool is_planned(const TracePlan *plan, const Found *call) {
        char word[64];

        (void)snprintf(word, sizeof(word), ",%s,", call->kind);
        return strstr(plan->kinds, word) != NULL;
}

static bool is_to_fail(Trace *t, const Found *call) {
        if (t->plan->mode < TRACE_ONCE || !is_planned(t->plan, call))
                return false;
        t->n++;
        return t->n == t->plan->n || (t->n > t->plan->n && t->plan->mode == TRACE_STICKY);
}

static void on_entry(Trace *t, Task *task, const struct __ptrace_syscall_info *info) {
        Found call;

        if (!t->began) {
                t->began = info->entry.nr == SYS_prctl && info->entry.args[0] == FAULT_MARKER;
                return;
        }
        if (!find_call(t, info, &call))
                return;
        if (t->plan->mode == TRACE_LIST)
                report(t, "call", &call);
        if (!is_to_fail(t, &call))
                return;
        report(t, "failed", &call);
        skip_call(task->tid);
        task->skipped = true;
}

static void on_exit_of_call(Trace *t, Task *task) {
        if (!task->skipped)
                return;
        task->skipped = false;
        set_result(task->tid, -t->plan->error);
        if (t->plan->mode == TRACE_ONCE)
                t->is_over = 1;
}

static void on_call(Trace *t, Task *task) {
        struct __ptrace_syscall_info info = { 0 };

        if (ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, sizeof(info), &info) <= 0)
                return; /* it is gone */
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
                on_entry(t, task, &info);
        else
                on_exit_of_call(t, task);
}

static Task *find_task(Trace *t, pid_t tid) {
        for (size_t i = 0; i < TASKS_MAX; i++)
                if (t->tasks[i].tid == tid)
                        return &t->tasks[i];
        return NULL;
}

static Task *get_task(Trace *t, pid_t tid) {
        Task *task = find_task(t, tid);

        if (task)
                return task;
        task = find_task(t, 0);
        if (!task) {
                fputs("more threads than expected\n", stderr);
                exit(125);
        }
        *task = (Task){ .tid = tid, .is_new = tid != t->pid };
        return task;
}

bool trace_stopped(Trace *t, pid_t tid, int status) {
        int signo = 0;
        Task *task;

        if (!WIFSTOPPED(status)) {
                task = find_task(t, tid);
                if (task)
                        task->tid = 0;
                return false;
        }

        task = get_task(t, tid);
        if (WSTOPSIG(status) == SYSCALL_STOP)
                on_call(t, task);
        else if (WSTOPSIG(status) == SIGSTOP && task->is_new)
                task->is_new = false;
        else if (status >> 16 == 0) /* no event of the trace itself */
                signo = WSTOPSIG(status);

        if (t->is_over && !task->skipped && !task->is_new)
                check(ptrace(PTRACE_DETACH, tid, NULL, (long)signo), "PTRACE_DETACH");
        else
                check(ptrace(PTRACE_SYSCALL, tid, NULL, (long)signo), "PTRACE_SYSCALL");
        return true;
}

void trace_heal(Trace *t) {
        t->is_over = 1;
}

Trace *trace_begin(pid_t pid, const TracePlan *plan, FILE *report_file) {
        Trace *t = calloc(1, sizeof(*t));
        int status;

        if (!t || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) {
                perror("cannot trace");
                exit(125);
        }
        *t = (Trace){ .plan = plan, .report = report_file, .pid = pid };
        (void)get_task(t, pid);
        /*
         * New threads are followed (TRACECLONE is what the kernel tells of a clone without
         * SIGCHLD), new processes not: for these it has events of other names. TRACEEXEC only has
         * an exec be one more event, not a SIGTRAP.
         */
        check(ptrace(PTRACE_SETOPTIONS, pid, NULL,
                     PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
                             PTRACE_O_EXITKILL),
              "PTRACE_SETOPTIONS");
        check(ptrace(PTRACE_SYSCALL, pid, NULL, 0L), "PTRACE_SYSCALL");
        return t;
}
