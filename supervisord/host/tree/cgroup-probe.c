/*
 * The trial: a child that shares our memory while we rest, enters the leaf, and exits with the
 * error as its status. It has no exit signal, so nobody who waits for ordinary children meets it.
 */
#include "host/tree/cgroup-probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/macro.h"
#include "host/spawn/spawn-syscall.h"

typedef struct LeafProbe {
        int leaf_fd;
        bool join;
} LeafProbe;

static const char procs_file[] = "cgroup.procs";

/* Shares our memory while we rest in the call: its result is its exit status. */
SPAWN_CHILD_CODE _noreturn_ static void probe_main(void *data) {
        const LeafProbe *p = data;
        long r = 0;

        if (p->join) {
                r = spawn_syscall(SYS_openat, p->leaf_fd, (long)procs_file, O_WRONLY | O_CLOEXEC,
                                  0);
                if (r >= 0)
                        r = spawn_syscall(SYS_write, r, (long)"0", 1, 0);
        }
        for (;;)
                (void)spawn_syscall(SYS_exit_group, r < 0 ? -r : 0, 0, 0, 0);
}

#if SPAWN_HAVE_CLONE
/* No exit signal: nobody who waits for ordinary children hears of this one. */
static pid_t start_probe(LeafProbe *p) {
        _Alignas(16) char stack[4096];
        struct clone_args args = {
                .flags = CLONE_VM | CLONE_VFORK | CLONE_INTO_CGROUP,
                .stack = (uint64_t)(uintptr_t)stack,
                .stack_size = sizeof(stack),
                .cgroup = (uint64_t)p->leaf_fd,
        };
        SpawnClone into = {
                .number = SYS_clone3,
                .arguments = { (long)&args, sizeof(args) },
        };
        SpawnClone plain = {
                .number = SYS_clone,
                .arguments = { CLONE_VM | CLONE_VFORK, (long)(stack + sizeof(stack)) },
        };

        return (pid_t)spawn_clone(p->join ? &plain : &into, probe_main, p);
}
#else
static pid_t start_probe(LeafProbe *p) {
        pid_t pid;

        if (!p->join)
                return -ENOSYS;
        pid = fork();
        if (pid == 0)
                probe_main(p);
        return pid < 0 ? -errno : pid;
}
#endif

int cgroup_probe(int leaf_fd, bool join) {
        LeafProbe p = { .leaf_fd = leaf_fd, .join = join };
        int status, r;
        pid_t pid;

        pid = start_probe(&p);
        if (pid < 0)
                return pid;

        do
                r = waitpid(pid, &status, __WALL);
        while (r < 0 && errno == EINTR);
        if (r < 0)
                return -errno;

        if (!WIFEXITED(status))
                return -EIO;
        return -WEXITSTATUS(status);
}
