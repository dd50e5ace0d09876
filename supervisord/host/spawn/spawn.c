/*
 * The spawner: slots for children on their way to their programs. A slot holds what such a child
 * uses of our memory (its request, its stack, duplicates of its descriptors), so it is taken from
 * the start until the kernel says, through a futex, that the child has its program or has ended.
 * Only then its result is read. The child's own steps are in spawn-child.c; reaping is the
 * caller's.
 */
#include "host/spawn/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/clock.h"
#include "base/pidmap.h"
#include "host/spawn/spawn-child.h"

#define SLOTS_STEP 8
#define SLOTS_MAX 32
#define WAIT_USEC (50 * USEC_PER_MSEC)      /* for a free slot, in one call */
#define WAIT_SLICE_USEC (2 * USEC_PER_MSEC) /* after which the other slots are looked at again */
#define STUCK_USEC USEC_PER_SEC             /* a child this long on its way is not waited for */
#define GUARD_SIZE 4096
#define SIGNAL_LAST 64

/* Room for one child on its way to its program. */
typedef struct SpawnSlot {
        SpawnChild child;
        SpawnRequest *request; /* owned while the slot is taken, NULL when it is free */
        char *stack;           /* mapping of GUARD_SIZE + SPAWN_STACK_SIZE */
        pid_t pid;
        uint64_t started_usec;
} SpawnSlot;

struct Spawner {
        SpawnSlot *slots[SLOTS_MAX];
        size_t n_slots;
        PidMap *failures; /* pid to a packed SpawnFailure, until it is collected */
        SpawnMeans means;
        uint64_t mask;
        uint64_t ignored; /* signals that the daemon ignores and a child must not */
        int null_fd;
};

static bool slot_is_busy(const SpawnSlot *slot) {
        return slot->request && __atomic_load_n(&slot->child.busy, __ATOMIC_ACQUIRE) != 0;
}

/* A failure in the form of a map's value; never NULL, as a stage always tells one from nothing. */
static void *pack(SpawnFailure f) {
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): never followed */
        return (void *)(((uintptr_t)f.error << 16 | (uintptr_t)f.resource << 8 |
                         (uintptr_t)f.stage) +
                        1);
}

static SpawnFailure unpack(const void *value) {
        uintptr_t packed = (uintptr_t)value - 1;

        return (SpawnFailure){
                .stage = (SpawnStage)(packed & 0xff),
                .error = (int)(packed >> 16),
                .resource = (int)(packed >> 8 & 0xff),
        };
}

static SpawnSlot *slot_free(SpawnSlot *slot) {
        if (!slot)
                return NULL;

        spawn_request_free(slot->request);
        for (int i = 0; i < 3; i++)
                safe_close(slot->child.stdio[i]);
        for (size_t i = 0; i < slot->child.n_sockets; i++)
                safe_close(slot->child.sockets[i]);
        safe_close(slot->child.extra_fd);
        if (slot->stack)
                (void)munmap(slot->stack, GUARD_SIZE + SPAWN_STACK_SIZE); /* a mapping of ours */
        free(slot);
        return NULL;
}
DEFINE_CLEANUP(SpawnSlot, slot_free);

static int slot_map_stack(SpawnSlot *slot) {
        void *mapping;

        mapping = mmap(NULL, GUARD_SIZE + SPAWN_STACK_SIZE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
        if (mapping == MAP_FAILED)
                return -errno;

        slot->stack = mapping;
        slot->child.stack_top = slot->stack + GUARD_SIZE + SPAWN_STACK_SIZE;
        if (mprotect(slot->stack + GUARD_SIZE, SPAWN_STACK_SIZE, PROT_READ | PROT_WRITE) < 0)
                return -errno;
        return 0;
}

static int slot_reserve_stdio(SpawnSlot *slot, int null_fd) {
        for (int i = 0; i < 3; i++) {
                slot->child.stdio[i] = fcntl(null_fd, F_DUPFD_CLOEXEC, 3);
                if (slot->child.stdio[i] < 0)
                        return -errno;
        }
        return 0;
}

static int slot_new(Spawner *s, SpawnSlot **ret) {
        _cleanup_(slot_freep) SpawnSlot *slot = NULL;
        int r;

        slot = calloc(1, sizeof(*slot));
        if (!slot)
                return -ENOMEM;
        slot->child.stdio[0] = slot->child.stdio[1] = slot->child.stdio[2] = -1;
        slot->child.extra_fd = -1;
        slot->child.mask = &s->mask;

        r = slot_map_stack(slot);
        if (r < 0)
                return r;
        r = slot_reserve_stdio(slot, s->null_fd);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(slot);
        return 0;
}

static int add_slots(Spawner *s) {
        int r;

        for (int i = 0; i < SLOTS_STEP && s->n_slots < SLOTS_MAX; i++) {
                r = slot_new(s, &s->slots[s->n_slots]);
                if (r < 0)
                        return r;
                s->n_slots++;
        }
        return 0;
}

/*
 * The two real-time signals that libc keeps to itself it does not tell about: a daemon that
 * posix_spawn(3) started may have them ignored.
 */
static uint64_t find_ignored_signals(void) {
        struct sigaction action = { .sa_handler = SIG_DFL };
        uint64_t set = 0;

        for (int signo = 1; signo <= SIGNAL_LAST; signo++) {
                bool hidden =
                        sigaction(signo, NULL, &action) < 0 && signo != SIGKILL && signo != SIGSTOP;

                if (hidden || action.sa_handler == SIG_IGN)
                        set |= UINT64_C(1) << (signo - 1);
        }
        return set;
}

static uint64_t mask_of(const sigset_t *set) {
        uint64_t mask = 0;

        for (int signo = 1; signo <= SIGNAL_LAST; signo++)
                if (sigismember(set, signo) == 1)
                        mask |= UINT64_C(1) << (signo - 1);
        return mask;
}

int spawn_reserve_descriptors(size_t n_descriptors) {
        _cleanup_(closep) int any = -1, last = -1;

        if (n_descriptors == 0 || n_descriptors > INT_MAX)
                return -EINVAL;

        any = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (any < 0)
                return -errno;
        last = fcntl(any, F_DUPFD_CLOEXEC, (int)n_descriptors - 1);
        return last < 0 ? -errno : 0;
}

int spawner_new(const sigset_t *original_mask, Spawner **ret) {
        _cleanup_(spawner_freep) Spawner *s = NULL;
        _cleanup_(closep) int null_fd = -1;
        int r;

        null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null_fd < 0)
                return -errno;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->mask = mask_of(original_mask);
        s->ignored = find_ignored_signals();
        s->means = spawn_detect_means();

        s->null_fd = TAKE_FD(null_fd);
        r = pidmap_new(&s->failures);
        if (r < 0)
                return r;

        r = add_slots(s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

Spawner *spawner_free(Spawner *s) {
        bool busy = false;

        if (!s)
                return NULL;

        for (size_t i = 0; i < s->n_slots; i++) {
                if (slot_is_busy(s->slots[i]))
                        busy = true; /* its child still runs on this memory */
                else
                        slot_free(s->slots[i]);
        }
        safe_close(s->null_fd);
        pidmap_free(s->failures);
        if (!busy) /* else a child may yet read its signal mask */
                free(s);
        return NULL;
}

/* Did the child of @slot, which is through, miss its program? */
static bool slot_failed(const SpawnSlot *slot, SpawnFailure *ret) {
        const SpawnChild *c = &slot->child;

        if (c->stage == SPAWN_STAGE_EXEC && c->error == 0)
                return false;

        *ret = (SpawnFailure){ .stage = c->stage, .error = c->error, .resource = c->resource };
        return true;
}

static void unstage(const Spawner *s, SpawnSlot *slot) {
        for (int i = 0; i < 3; i++)
                /* Replaces one open descriptor by another: nothing in that can fail. */
                (void)dup3(s->null_fd, slot->child.stdio[i], O_CLOEXEC);
        while (slot->child.n_sockets > 0)
                safe_close(slot->child.sockets[--slot->child.n_sockets]);
        slot->child.extra_fd = safe_close(slot->child.extra_fd);
}

static void slot_release(const Spawner *s, SpawnSlot *slot) {
        unstage(s, slot);
        slot->request = spawn_request_free(slot->request);
        slot->pid = 0;
}

/* Free the slot of a child that is through and keep its failure, or without memory leave both. */
static void slot_harvest(Spawner *s, SpawnSlot *slot) {
        SpawnFailure failure;

        if (slot_failed(slot, &failure) && pidmap_put(s->failures, slot->pid, pack(failure)) < 0)
                return;
        slot_release(s, slot);
}

unsigned spawner_sweep(Spawner *s) {
        unsigned n_busy = 0;

        for (size_t i = 0; i < s->n_slots; i++) {
                SpawnSlot *slot = s->slots[i];

                if (slot_is_busy(slot))
                        n_busy++;
                else if (slot->request)
                        slot_harvest(s, slot);
        }
        return n_busy;
}

static SpawnSlot *find_free(Spawner *s) {
        for (size_t i = 0; i < s->n_slots; i++)
                if (!s->slots[i]->request)
                        return s->slots[i];
        return NULL;
}

/* The child that is longest on its way, leaving out those that seem to hang. */
static SpawnSlot *find_oldest(Spawner *s, uint64_t now) {
        SpawnSlot *oldest = NULL;

        for (size_t i = 0; i < s->n_slots; i++) {
                SpawnSlot *slot = s->slots[i];

                if (!slot_is_busy(slot) || slot->started_usec + STUCK_USEC < now)
                        continue;
                if (!oldest || slot->started_usec < oldest->started_usec)
                        oldest = slot;
        }
        return oldest;
}

/* Wait until @slot's child is through, but no longer than a slice. */
static void wait_slice(SpawnSlot *slot) {
        const struct timespec slice = {
                .tv_nsec = (long)(WAIT_SLICE_USEC * NSEC_PER_USEC),
        };

        /*
         * Not a private futex: the kernel's wake-up of CLONE_CHILD_CLEARTID is not one. Whether it
         * was woken, interrupted or timed out, the caller looks at the slots again.
         */
        (void)syscall(SYS_futex, &slot->child.busy, FUTEX_WAIT, 1, &slice, NULL, 0);
}

static int take_slot(Spawner *s, SpawnSlot **ret) {
        uint64_t start = 0, now;
        SpawnSlot *slot;
        int r;

        for (;;) {
                spawner_sweep(s);
                slot = find_free(s);
                if (slot)
                        break;

                now = now_usec();
                if (start == 0)
                        start = now;
                slot = find_oldest(s, now);
                if (slot && now < start + WAIT_USEC) {
                        wait_slice(slot);
                        continue;
                }

                if (s->n_slots >= SLOTS_MAX)
                        return -EAGAIN;
                r = add_slots(s);
                if (r < 0 && !find_free(s))
                        return r;
        }

        *ret = slot;
        return 0;
}

/*
 * Duplicates of what the child is to have: the caller may close its own while they are in use. None
 * of those for 3 and up has such a number itself, so that none replaces another.
 */
static int stage(SpawnSlot *slot, const SpawnRequest *request) {
        int free_number = 3 + (int)request->n_sockets;
        SpawnChild *c = &slot->child;

        for (int i = 0; i < 3; i++)
                if (request->stdio[i] >= 0 && dup3(request->stdio[i], c->stdio[i], O_CLOEXEC) < 0)
                        return -errno;

        for (size_t i = 0; i < request->n_sockets; i++) {
                c->sockets[i] = fcntl(request->sockets[i], F_DUPFD_CLOEXEC, free_number);
                if (c->sockets[i] < 0)
                        return -errno;
                c->n_sockets++;
        }

        if (request->extra_fd < 0)
                return 0;
        if (request->extra_fd_number < free_number)
                return -EINVAL;
        c->extra_fd = fcntl(request->extra_fd, F_DUPFD_CLOEXEC, free_number);
        return c->extra_fd < 0 ? -errno : 0;
}

static int start_child(const Spawner *s, SpawnSlot *slot) {
        sigset_t all, old;
        pid_t pid;
        int r;

        (void)sigfillset(&all);
        r = pthread_sigmask(SIG_SETMASK, &all, &old);
        if (r > 0)
                return -r;

        pid = spawn_child_start(&slot->child, &s->means);
        (void)pthread_sigmask(SIG_SETMASK, &old, NULL); /* a mask that was in force before */
        if (pid < 0)
                return pid;

        /*
         * The child does it too. Whoever comes first, the group is there when we return, so that it
         * can be signalled. Fails once the child has its program: then it was faster.
         */
        (void)setpgid(pid, pid);
        slot->pid = pid;
        return 0;
}

static void choose_identity(SpawnChild *c) {
        const SpawnRequest *q = c->request;
        bool switches = q->has_user && q->uid != getuid();

        c->set_groups = switches || q->has_groups;
        c->set_gid = switches || q->has_gid;
        c->set_uid = switches;
}

int spawner_spawn(Spawner *s, SpawnRequest **request, pid_t *ret_pid) {
        SpawnSlot *slot;
        int r;

        r = take_slot(s, &slot);
        if (r < 0)
                return r;

        slot->child.request = *request;
        slot->child.reset = s->ignored;
        choose_identity(&slot->child);
        slot->started_usec = now_usec();
        r = stage(slot, *request);
        if (r == 0)
                r = start_child(s, slot);
        if (r < 0) {
                unstage(s, slot);
                return r;
        }

        slot->request = TAKE_PTR(*request);
        /* The kernel has placed the child; one that joins by itself needs it still. */
        if (!slot->child.join_cgroup)
                slot->request->cgroup_fd = safe_close(slot->request->cgroup_fd);
        (void)pidmap_remove(s->failures, slot->pid); /* an older bearer that nobody collected */
        *ret_pid = slot->pid;
        return 0;
}

/* The failure of reaped child @pid that a slot still holds. */
static bool collect_from_slots(Spawner *s, pid_t pid, SpawnFailure *ret) {
        for (size_t i = 0; i < s->n_slots; i++) {
                SpawnSlot *slot = s->slots[i];
                bool failed;

                if (!slot->request || slot->pid != pid)
                        continue;
                failed = slot_failed(slot, ret);
                slot_release(s, slot);
                return failed;
        }
        return false;
}

int spawner_collect(Spawner *s, pid_t pid, SpawnFailure *ret) {
        void *value;
        bool found;

        found = collect_from_slots(s, pid, ret);
        spawner_sweep(s);
        if (found)
                return 1;

        value = pidmap_remove(s->failures, pid);
        if (!value)
                return 0;

        *ret = unpack(value);
        return 1;
}
