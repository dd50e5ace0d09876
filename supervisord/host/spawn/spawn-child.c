/*
 * What runs between the call that makes a child and its execve(2). All of it runs in the memory of
 * the daemon, beside the daemon: it may write to its SpawnChild and its stack and to nothing else,
 * allocates nothing, logs nothing, and makes its system calls itself (spawn-syscall.h), as errno
 * and the locks of libc are the daemon's. Each step notes its stage first, so that a failure can be
 * told by stage and error.
 */
#include "host/spawn/spawn-child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "host/spawn/spawn-syscall.h"

#define KERNEL_SIGSET_SIZE 8
#define SIGNAL_LAST 64

/* SIG_DFL with no flags, whatever the architecture's order of fields: larger than any of them. */
static const unsigned long default_action[8];

static const char procs_file[] = "cgroup.procs";
static const char fd_folder[] = "/proc/self/fd";
static const char oom_file[] = "/proc/self/oom_score_adj";

struct DirectoryEntry { /* as getdents64(2) gives it */
        uint64_t inode;
        int64_t offset;
        unsigned short size;
        unsigned char type;
        char name[];
};

SPAWN_CHILD_CODE _noreturn_ static void child_exit(int status) {
        for (;;)
                (void)spawn_syscall(SYS_exit_group, status, 0, 0, 0);
}

/* Go on only if step @stage, whose result is @r, worked. */
SPAWN_CHILD_CODE static void check(SpawnChild *c, long r) {
        if (r >= 0)
                return;

        c->error = (int)-r;
        child_exit(127);
}

/*
 * A table of our own without what we do not need. It must come first: until then closing or
 * replacing a descriptor would do the same to the daemon.
 */
SPAWN_CHILD_CODE static void own_files(SpawnChild *c) {
        int last = 2;

        c->stage = SPAWN_STAGE_FILES;
        if (!c->shares_files)
                return;

        for (int i = 0; i < 3; i++)
                last = MAX(last, c->stdio[i]);
        for (size_t i = 0; i < c->n_sockets; i++)
                last = MAX(last, c->sockets[i]);
        last = MAX(last, c->extra_fd);
        if (c->join_cgroup)
                last = MAX(last, c->request->cgroup_fd);
        check(c, spawn_syscall(SYS_close_range, last + 1, ~0U, CLOSE_RANGE_UNSHARE, 0));
}

SPAWN_CHILD_CODE static void join_cgroup(SpawnChild *c) {
        long fd;

        c->stage = SPAWN_STAGE_CGROUP;
        if (!c->join_cgroup)
                return;

        fd = spawn_syscall(SYS_openat, c->request->cgroup_fd, (long)procs_file,
                           O_WRONLY | O_CLOEXEC, 0);
        check(c, fd);
        check(c, spawn_syscall(SYS_write, fd, (long)"0", 1, 0));
}

SPAWN_CHILD_CODE static void reset_signals(SpawnChild *c) {
        c->stage = SPAWN_STAGE_SIGNALS;
        for (long signo = 1; signo <= SIGNAL_LAST; signo++)
                if (c->reset & (UINT64_C(1) << (signo - 1)))
                        check(c, spawn_syscall(SYS_rt_sigaction, signo, (long)default_action, 0,
                                               KERNEL_SIGSET_SIZE));
}

SPAWN_CHILD_CODE static void set_attributes(SpawnChild *c) {
        const SpawnRequest *q = c->request;

        c->stage = SPAWN_STAGE_GROUP;
        check(c, spawn_syscall(SYS_setpgid, 0, 0, 0, 0));

        c->stage = SPAWN_STAGE_UMASK;
        if (q->umask >= 0)
                (void)spawn_syscall(SYS_umask, q->umask, 0, 0,
                                    0); /* gives the old one: cannot fail */
}

/*
 * As long as we run on the daemon's memory the kernel would set the daemon's own value as well,
 * except while the daemon rests until we have our program: that is why it rests then.
 */
SPAWN_CHILD_CODE static void set_oom_score(SpawnChild *c) {
        char text[8];
        char *p = text + sizeof(text);
        long value, fd;

        c->stage = SPAWN_STAGE_OOM;
        if (!c->request->oom_score_adj.set)
                return;

        value = c->request->oom_score_adj.value;
        for (long rest = value < 0 ? -value : value; rest > 0 || p == text + sizeof(text);
             rest /= 10)
                *--p = (char)('0' + rest % 10);
        if (value < 0)
                *--p = '-';

        fd = spawn_syscall(SYS_openat, AT_FDCWD, (long)oom_file, O_WRONLY | O_CLOEXEC, 0);
        check(c, fd);
        check(c, spawn_syscall(SYS_write, fd, (long)p, text + sizeof(text) - p, 0));
}

SPAWN_CHILD_CODE static void set_nice(SpawnChild *c) {
        c->stage = SPAWN_STAGE_NICE;
        if (c->request->nice.set)
                check(c, spawn_syscall(SYS_setpriority, PRIO_PROCESS, 0,
                                       (long)c->request->nice.value, 0));
}

/* After the descriptors are in place, as a limit on these may be low. */
SPAWN_CHILD_CODE static void set_limits(SpawnChild *c) {
        const SpawnRequest *q = c->request;

        c->stage = SPAWN_STAGE_LIMITS;
        for (size_t i = 0; i < q->n_limits; i++) {
                c->resource = q->limits[i].resource;
                check(c, spawn_syscall(SYS_prlimit64, 0, q->limits[i].resource,
                                       (long)&q->limits[i].value, 0));
        }
}

SPAWN_CHILD_CODE static void set_descriptors(SpawnChild *c) {
        c->stage = SPAWN_STAGE_STDIO;
        for (long i = 0; i < 3; i++)
                check(c, spawn_syscall(SYS_dup3, c->stdio[i], i, 0, 0));
        for (size_t i = 0; i < c->n_sockets; i++)
                check(c, spawn_syscall(SYS_dup3, c->sockets[i], (long)(3 + i), 0, 0));

        if (c->extra_fd == c->request->extra_fd_number) /* which dup3 refuses */
                check(c, spawn_syscall(SYS_fcntl, c->extra_fd, F_SETFD, 0, 0));
        else if (c->extra_fd >= 0)
                check(c, spawn_syscall(SYS_dup3, c->extra_fd, c->request->extra_fd_number, 0, 0));
}

/* Fails closed: there is no way past a step that did not work. */
SPAWN_CHILD_CODE static void set_user(SpawnChild *c) {
        const SpawnRequest *q = c->request;

        c->stage = SPAWN_STAGE_GROUPS;
        if (c->set_groups)
                check(c, spawn_syscall(SYS_setgroups, (long)q->n_groups, (long)q->groups, 0, 0));

        c->stage = SPAWN_STAGE_GID;
        if (c->set_gid)
                check(c, spawn_syscall(SYS_setresgid, q->gid, q->gid, q->gid, 0));

        c->stage = SPAWN_STAGE_UID;
        if (c->set_uid)
                check(c, spawn_syscall(SYS_setresuid, q->uid, q->uid, q->uid, 0));

        c->stage = SPAWN_STAGE_PRIVILEGES;
        if (q->no_new_privileges)
                check(c, spawn_syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0));
}

/* The number that @name spells, or -1 for "." and "..". */
SPAWN_CHILD_CODE static long fd_of_name(const char *name) {
        long fd = 0;

        /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): the kernel wrote it */
        if (*name < '0' || *name > '9')
                return -1;
        for (; *name >= '0' && *name <= '9'; name++)
                fd = fd * 10 + (*name - '0');
        return fd;
}

/* For kernels and filters without close_range(2). */
SPAWN_CHILD_CODE static void close_one_by_one(SpawnChild *c, long first, long keep) {
        _Alignas(struct DirectoryEntry) char buffer[1024];
        long dir, n;

        dir = spawn_syscall(SYS_openat, AT_FDCWD, (long)fd_folder, O_RDONLY | O_DIRECTORY, 0);
        check(c, dir);

        while ((n = spawn_syscall(SYS_getdents64, dir, (long)buffer, sizeof(buffer), 0)) > 0)
                for (long i = 0; i < n;) {
                        const struct DirectoryEntry *e = (const void *)(buffer + i);
                        long fd = fd_of_name(e->name);

                        if (fd >= first && fd != dir && fd != keep)
                                (void)spawn_syscall(SYS_close, fd, 0, 0, 0); /* is gone anyway */
                        i += e->size;
                }
        check(c, n);
        (void)spawn_syscall(SYS_close, dir, 0, 0, 0);
}

SPAWN_CHILD_CODE static void close_files(SpawnChild *c) {
        long first = 3 + (long)c->n_sockets;
        /* The last of the others where there is no other to keep: the range before it is empty. */
        long keep = c->extra_fd >= 0 ? c->request->extra_fd_number : first - 1;
        long r = 0;

        c->stage = SPAWN_STAGE_CLOSE;
        if (keep > first)
                r = spawn_syscall(SYS_close_range, first, keep - 1, 0, 0);
        if (r >= 0)
                r = spawn_syscall(SYS_close_range, keep + 1, ~0U, 0, 0);
        if (r < 0)
                close_one_by_one(c, first, keep);
}

/* Its own pid, where its environment has room for one. */
SPAWN_CHILD_CODE static void set_pid_values(const SpawnChild *c) {
        const SpawnRequest *q = c->request;
        long pid;

        if (q->n_pid_values == 0)
                return;
        pid = spawn_syscall(SYS_getpid, 0, 0, 0, 0);
        for (size_t i = 0; i < q->n_pid_values; i++) {
                size_t n = 0;

                for (long rest = pid; rest > 0; rest /= 10)
                        n++;
                q->pid_values[i][n] = '\0';
                for (long rest = pid; rest > 0; rest /= 10)
                        q->pid_values[i][--n] = (char)('0' + rest % 10);
        }
}

SPAWN_CHILD_CODE _noreturn_ static void child_main(void *data) {
        SpawnChild *c = data;
        const SpawnRequest *q = c->request;

        own_files(c);
        join_cgroup(c);
        reset_signals(c);
        set_attributes(c);
        set_oom_score(c);
        set_nice(c);
        set_descriptors(c);
        set_limits(c);
        set_user(c);
        set_pid_values(c);

        c->stage = SPAWN_STAGE_CHDIR;
        if (q->directory)
                check(c, spawn_syscall(SYS_chdir, (long)q->directory, 0, 0, 0));

        close_files(c);

        c->stage = SPAWN_STAGE_MASK;
        check(c,
              spawn_syscall(SYS_rt_sigprocmask, SIG_SETMASK, (long)c->mask, 0, KERNEL_SIGSET_SIZE));

        c->stage = SPAWN_STAGE_EXEC;
        check(c, spawn_syscall(SYS_execve, (long)q->path, (long)q->argv, (long)q->envp, 0));
        child_exit(127);
}

static SpawnMethod detect_method(bool has_close_range) {
        if (!SPAWN_HAVE_CLONE)
                return SPAWN_METHOD_VFORK;
        /*
         * A clone3 that is there refuses the null arguments with EINVAL, a filter says ENOSYS or
         * EPERM. One beside close_range (5.9) knows all the flags used here (the last came
         * with 5.7).
         */
        if (has_close_range && spawn_syscall(SYS_clone3, 0, 0, 0, 0) == -EINVAL)
                return SPAWN_METHOD_CLONE3;
        return SPAWN_METHOD_CLONE;
}

/*
 * Before 5.16 a process that dumps core takes all with it that share its memory. A child can come
 * to that in the moment between its signal mask and its program; what stops it then is mostly us,
 * so we rest for so long. futex_waitv came with the same release, and tells also where a vendor's
 * kernel has an older number.
 */
static bool dumps_alone(void) {
        long r = spawn_syscall(SYS_futex_waitv, 0, 0, 0, 0);

        return r != -ENOSYS && r != -EPERM;
}

SpawnMeans spawn_detect_means(void) {
        /* An empty range above all descriptors: no effect where the call exists. */
        bool has_close_range = spawn_syscall(SYS_close_range, ~0U, ~0U, 0, 0) == 0;

        return (SpawnMeans){
                .method = detect_method(has_close_range),
                .share_files = has_close_range,
                .wait_exec = !dumps_alone(),
        };
}

#if SPAWN_HAVE_CLONE
static pid_t start_by_clone3(SpawnChild *c, uint64_t flags) {
        struct clone_args args = {
                .flags = flags | CLONE_CLEAR_SIGHAND,
                .child_tid = (uint64_t)(uintptr_t)&c->busy,
                .exit_signal = SIGCHLD,
                .stack = (uint64_t)(uintptr_t)c->stack_top - SPAWN_STACK_SIZE,
                .stack_size = SPAWN_STACK_SIZE,
        };
        SpawnClone call = {
                .number = SYS_clone3,
                .arguments = { (long)&args, sizeof(args) },
        };

        if (c->request->cgroup_fd >= 0 && !c->join_cgroup) {
                args.flags |= CLONE_INTO_CGROUP;
                args.cgroup = (uint64_t)c->request->cgroup_fd;
        }
        return (pid_t)spawn_clone(&call, child_main, c);
}

static pid_t start_by_clone(SpawnChild *c, uint64_t flags) {
        SpawnClone call = {
                .number = SYS_clone,
                .arguments = { (long)flags | SIGCHLD, (long)c->stack_top },
        };

#        if defined(__x86_64__)
        call.arguments[3] = (long)&c->busy;
#        else
        call.arguments[4] = (long)&c->busy; /* here the thread pointer comes before it */
#        endif
        return (pid_t)spawn_clone(&call, child_main, c);
}
#endif

/* Not inlined: the child leaves nothing on this frame, which the parent returns through. */
__attribute__((noinline)) SPAWN_CHILD_CODE static pid_t start_by_vfork(SpawnChild *c) {
        pid_t pid;

        /* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork): a method of last resort */
        pid = vfork();
        if (pid == 0)
                child_main(c); /* NOLINT(clang-analyzer-unix.Vfork): made for running so */
        if (pid < 0)
                return -errno;

        c->busy = 0; /* the parent rested until exec or exit */
        return pid;
}

pid_t spawn_child_start(SpawnChild *c, const SpawnMeans *means) {
        c->stage = SPAWN_STAGE_NONE;
        c->error = c->resource = 0;
        c->busy = 1;
        c->shares_files = means->share_files && means->method != SPAWN_METHOD_VFORK;
        c->join_cgroup = c->request->cgroup_fd >= 0 &&
                         (c->request->cgroup_join || means->method != SPAWN_METHOD_CLONE3);
        if (means->method != SPAWN_METHOD_CLONE3) /* handlers are not yet reset for the child */
                c->reset = ~(UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1));

#if SPAWN_HAVE_CLONE
        uint64_t flags = CLONE_VM | CLONE_CHILD_CLEARTID;

        if (c->shares_files)
                flags |= CLONE_FILES;
        if (means->wait_exec || c->request->wait_exec || c->request->oom_score_adj.set)
                flags |= CLONE_VFORK;
        if (means->method == SPAWN_METHOD_CLONE3)
                return start_by_clone3(c, flags);
        if (means->method == SPAWN_METHOD_CLONE)
                return start_by_clone(c, flags);
#endif
        return start_by_vfork(c);
}
