/*
 *   chaos SUPERVISORD SUPERVISORCTL FOLDER SECONDS [SEED]
 *
 * Runs everything in FOLDER, which is empty, and prints what was done; the exit status says whether
 * all was right in the end. The environment has CHILD, the program of tests/scenario/child.c, and
 * WALLCLOCK, the library of wallclock.c. CHAOS_SEED's choices are repeated by the same seed; whom
 * they meet is not.
 */
#include "chaos.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "soak/drive.h"

#define SPARE_FDS_MAX 300 /* three for each child that can be between fork and exec */
#define ROUND_SEC 30      /* of chaos, then it has to come to rest */

/* A disk that is soon full, for us and what we start alone. False where that is not allowed. */
static bool mount_disk(const char *folder) {
        char path[128];

        (void)snprintf(path, sizeof(path), "%s/disk", folder);
        if (mkdir(path, 0700) < 0)
                drive_die("%s: %s", path, strerror(errno));
        return unshare(CLONE_NEWNS) == 0 &&
               mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
               mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "size=3m") == 0;
}

static bool join_cgroup(const char *folder) {
        char path[192];
        int fd;
        bool done;

        (void)snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        done = fd >= 0 && write(fd, "0", 1) == 1;
        if (fd >= 0)
                (void)close(fd);
        return done;
}

/* A cgroup below the root of the pids controller; "" where there can be none. */
static void make_cgroup(Victim *v, const char **ret_root) {
        static const char *const roots[] = { "/sys/fs/cgroup/pids", "/sys/fs/cgroup" };
        char limit[192];

        for (size_t i = 0; i < ELEMENTSOF(roots); i++) {
                *ret_root = roots[i];
                (void)snprintf(v->pids_cgroup, sizeof(v->pids_cgroup), "%s/%s", roots[i],
                               basename(v->folder));
                (void)snprintf(limit, sizeof(limit), "%s/pids.max", v->pids_cgroup);
                if (mkdir(v->pids_cgroup, 0700) == 0 && access(limit, W_OK) == 0)
                        return;
                (void)rmdir(v->pids_cgroup);
        }
        v->pids_cgroup[0] = '\0';
}

static void make_clock(Victim *v, const char *folder) {
        char path[128];
        void *page;
        int fd;

        (void)snprintf(path, sizeof(path), "%s/clock", folder);
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0 || ftruncate(fd, sizeof(int64_t)) < 0)
                drive_die("%s: %s", path, strerror(errno));
        page = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (page == MAP_FAILED)
                drive_die("%s: %s", path, strerror(errno));
        (void)close(fd);
        v->clock_sec = page;
        (void)setenv("CHAOS_CLOCK", path, 1);
        (void)setenv("LD_PRELOAD", getenv("WALLCLOCK") ?: "", 1);
}

static void start(Victim *v, const char *program) {
        const char *root = NULL;

        make_cgroup(v, &root);
        make_clock(v, v->folder);
        v->has_disk = mount_disk(v->folder);
        if (!v->has_disk)
                printf("no disk may be mounted here: it does not get full\n");
        if (!*v->pids_cgroup || !join_cgroup(v->pids_cgroup)) {
                printf("there is no pids controller here: processes are not limited\n");
                v->pids_cgroup[0] = '\0';
        }
        config_write(v->folder, NULL);
        v->daemon = drive_start(program, v->folder);
        if (*v->pids_cgroup && !join_cgroup(root))
                drive_die("cannot leave %s", v->pids_cgroup);
        (void)unsetenv("LD_PRELOAD");
        (void)unsetenv("CHAOS_CLOCK");
}

/*
 * In the first round buffers and the history of each process grow to their size; after that the
 * memory must not grow any more.
 */
static void compare(const Measure *before, const Measure *after, bool warm) {
        size_t limit_kb =
                before->memory_kb + before->memory_kb / (warm ? 8 : 2) + (warm ? 1024 : 4096);

        if (after->fds > before->fds)
                drive_die("%zu descriptors instead of %zu", after->fds, before->fds);
        if (after->spare_fds > SPARE_FDS_MAX)
                drive_die("%zu spare descriptors", after->spare_fds);
        if (after->memory_kb > limit_kb)
                drive_die("%zu KiB resident instead of %zu", after->memory_kb, before->memory_kb);
}

int main(int argc, char **argv) {
        Victim v = { 0 };
        Measure before, after;
        unsigned long seconds;
        uint64_t seed;
        Random random;

        if (argc < 5)
                drive_die("usage: chaos SUPERVISORD SUPERVISORCTL FOLDER SECONDS [SEED]");
        v.folder = argv[3];
        v.supervisorctl = argv[2];
        seconds = strtoul(argv[4], NULL, 10);
        seed = argc > 5 ? strtoull(argv[5], NULL, 10) : (uint64_t)getpid();
        printf("CHAOS_SEED=%llu\n", (unsigned long long)seed);
        (void)fflush(stdout);
        random = random_for(seed, 0);
        (void)signal(SIGPIPE, SIG_IGN);
        (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
        start(&v, argv[1]);
        before = judge_calm(&v);
        for (unsigned long done = 0; done < seconds; done += ROUND_SEC) {
                torment(&v, &random, MIN(seconds - done, (unsigned long)ROUND_SEC) * USEC_PER_SEC);
                torment_end(&v);
                after = judge_calm(&v);
                printf("%zu -> %zu descriptors (and %zu spare), %zu -> %zu KiB resident\n",
                       before.fds, after.fds, after.spare_fds, before.memory_kb, after.memory_kb);
                (void)fflush(stdout);
                compare(&before, &after, done > 0);
                if (done == 0)
                        before.memory_kb = after.memory_kb;
        }
        judge_end(&v);
        torment_print();
        if (*v.pids_cgroup)
                (void)rmdir(v.pids_cgroup);
        return 0;
}
