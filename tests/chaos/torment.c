#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chaos.h"
#include "soak/drive.h"

#define N_HELPERS 8 /* burners and clients at once */
#define ORDER_USEC (500 * USEC_PER_MSEC)
#define YEAR_SEC (365 * INT64_C(86400))

static const struct rlimit files = { 20000, 20000 };

uint64_t now_usec(void) {
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * USEC_PER_SEC + (uint64_t)t.tv_nsec / 1000;
}

/* ---------------------------------------------------------------- processes and time */

static void hit_a_process(Victim *v, Random *random) {
        static const int signals[] = { SIGKILL, SIGKILL, SIGSTOP, SIGSTOP, SIGCONT,
                                       SIGCONT, SIGTERM, SIGTERM, SIGSEGV };
        Census c = census_take(v->daemon, false);
        pid_t pid = census_pick(&c, random_below(random, 10000));

        if (pid > 0)
                (void)kill(pid, RANDOM_PICK(random, signals)); /* it may just have gone */
        census_done(&c);
}

/* Many at once, as when the kernel runs out of memory. */
static void hit_many(Victim *v, Random *random) {
        int signo = random_one_in(random, 2) ? SIGKILL : SIGSTOP;
        Census c = census_take(v->daemon, false);

        for (size_t i = 0; i < c.n; i++)
                if (c.persons[i].is_descendant && random_one_in(random, 4))
                        (void)kill(c.persons[i].pid, signo); /* likewise */
        census_done(&c);
}

static void continue_all(const Victim *v) {
        Census c = census_take(v->daemon, false);

        for (size_t i = 0; i < c.n; i++)
                if (c.persons[i].is_descendant)
                        (void)kill(c.persons[i].pid, SIGCONT); /* likewise */
        census_done(&c);
}

static void let_go_on(Victim *v, Random *random) {
        continue_all(v);
}

static void freeze_the_daemon(Victim *v, Random *random) {
        (void)kill(v->daemon, SIGSTOP);
        (void)usleep(20000 + random_below(random, 400000));
        (void)kill(v->daemon, SIGCONT);
}

static void set_the_clock(Victim *v, Random *random) {
        static const int64_t ranges[] = { 10, 7200, 20 * YEAR_SEC };
        int64_t range = RANDOM_PICK(random, ranges);

        *v->clock_sec = (int64_t)(random_next(random) % (uint64_t)(2 * range)) - range;
}

/* ---------------------------------------------------------------- what is short */

static size_t count_files(pid_t pid) {
        char path[64];
        size_t n = 0;
        DIR *dir;

        (void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
        dir = opendir(path);
        while (dir && readdir(dir))
                n++;
        if (dir)
                (void)closedir(dir);
        return n;
}

static void limit_files(Victim *v, Random *random) {
        struct rlimit few = files;

        if (random_one_in(random, 2))
                few.rlim_cur = random_one_in(random, 4)
                                       ? 30
                                       : count_files(v->daemon) + random_below(random, 10);
        if (prlimit(v->daemon, RLIMIT_NOFILE, &few, NULL) < 0)
                drive_die("prlimit: %s", strerror(errno));
}

static void write_pids_max(const Victim *v, const char *text) {
        char path[160];
        int fd;

        (void)snprintf(path, sizeof(path), "%s/pids.max", v->pids_cgroup);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, text, strlen(text)) < 0)
                drive_die("%s: %s", path, strerror(errno));
        (void)close(fd);
}

static void limit_pids(Victim *v, Random *random) {
        char path[160], text[32] = "max";
        unsigned long current = 0;
        FILE *f;

        if (!*v->pids_cgroup)
                return;
        (void)snprintf(path, sizeof(path), "%s/pids.current", v->pids_cgroup);
        f = fopen(path, "re");
        if (f && fscanf(f, "%lu", &current) == 1 && random_one_in(random, 2))
                (void)snprintf(text, sizeof(text), "%lu", current + random_below(random, 5));
        if (f)
                (void)fclose(f);
        write_pids_max(v, text);
}

static void free_the_disk(const Victim *v) {
        char path[128];

        (void)snprintf(path, sizeof(path), "%s/disk/ballast", v->folder);
        (void)unlink(path); /* or there is none */
}

static void fill_the_disk(Victim *v, Random *random) {
        static const char block[65536];
        char path[128];
        int fd;

        if (!v->has_disk)
                return;
        if (random_one_in(random, 2)) {
                free_the_disk(v);
                return;
        }
        (void)snprintf(path, sizeof(path), "%s/disk/ballast", v->folder);
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        while (fd >= 0 && write(fd, block, sizeof(block)) > 0)
                ;
        if (fd >= 0)
                (void)close(fd);
}

/* ---------------------------------------------------------------- what people do */

static void reload(Victim *v, Random *random) {
        config_write(v->folder, random);
        (void)kill(v->daemon, SIGHUP);
}

static void reopen_logs(Victim *v, Random *random) {
        (void)kill(v->daemon, random_one_in(random, 3) ? SIGUSR1 : SIGUSR2);
}

static void random_name(Random *random, char ret[static NAME_SIZE]) {
        const Kind *k = &kinds[random_below(random, (unsigned)n_kinds)];

        if (random_one_in(random, 20))
                (void)snprintf(ret, NAME_SIZE, "all");
        else if (random_one_in(random, 3))
                (void)snprintf(ret, NAME_SIZE, "%s:*", k->name);
        else
                (void)snprintf(ret, NAME_SIZE, "%s:%s_%02u", k->name, k->name,
                               random_below(random, k->n));
}

static unsigned n_helpers;

static void collect_helpers(const Victim *v, bool all) {
        pid_t pid;

        while (n_helpers > 0 && (pid = waitpid(-1, NULL, all ? 0 : WNOHANG)) > 0) {
                if (pid == v->daemon)
                        drive_die("the daemon has ended, see %s/console", v->folder);
                n_helpers--;
        }
}

/* Fork; true in the helper, which a signal ends after @usec at the latest, also after exec. */
static bool become_helper(const Victim *v, uint64_t usec) {
        const struct itimerval timer = { .it_value = { .tv_sec = (time_t)(usec / USEC_PER_SEC),
                                                       .tv_usec = (long)(usec % USEC_PER_SEC) } };
        pid_t pid;

        collect_helpers(v, false);
        if (n_helpers >= N_HELPERS)
                return false;
        pid = fork();
        if (pid != 0) {
                n_helpers += pid > 0;
                return false;
        }
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (setitimer(ITIMER_REAL, &timer, NULL) < 0)
                _exit(1);
        return true;
}

/* In a helper, as a daemon without descriptors lets us wait. The answer is not waited for. */
static void order(Victim *v, Random *random) {
        static const char *const members[] = { "Start", "Start", "Stop", "Restart", "Kill" };
        const char *member = RANDOM_PICK(random, members);
        sd_bus_message *m;
        sd_bus *bus;
        char name[NAME_SIZE];

        random_name(random, name);
        if (!become_helper(v, ORDER_USEC))
                return;
        bus = drive_connect(v->folder);
        if (!bus)
                _exit(0);
        m = drive_new_call(bus, member);
        if (sd_bus_message_append(m, "asa{sv}", 1, name, 1, "wait", "b", false) < 0)
                drive_die("no memory");
        (void)sd_bus_send(bus, m, NULL); /* lost if it hangs up */
        (void)sd_bus_flush(bus);
        _exit(0);
}

static void burn(Victim *v, Random *random) {
        uint64_t usec = 50000 + random_below(random, 600000);

        if (become_helper(v, usec))
                for (volatile unsigned i = 0;; i++)
                        ;
}

static void control(Victim *v, Random *random) {
        static const char *const commands[] = { "status", "restart", "stop",  "start",
                                                "why",    "reread",  "avail", "plan" };
        const char *command = RANDOM_PICK(random, commands);
        uint64_t usec = 100000 + random_below(random, 3000000);
        char config[128], name[NAME_SIZE];
        int null;

        random_name(random, name);
        (void)snprintf(config, sizeof(config), "%s/supervisord.conf", v->folder);
        if (!become_helper(v, usec))
                return;
        null = open("/dev/null", O_RDWR);
        if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
                _exit(1);
        /* What looks for leaks is a process that would stay when its client is killed. */
        (void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
        (void)execl(v->supervisorctl, v->supervisorctl, "-c", config, command, name, NULL);
        _exit(1);
}

/* ---------------------------------------------------------------- all of it */

static struct Torment {
        const char *name;
        unsigned weight;
        void (*act)(Victim *v, Random *random);
        unsigned n;
} torments[] = {
        { "signals", 50, hit_a_process, 0 },
        { "massacres", 1, hit_many, 0 },
        { "all continued", 2, let_go_on, 0 },
        { "daemon frozen", 2, freeze_the_daemon, 0 },
        { "clock set", 4, set_the_clock, 0 },
        { "file limits", 5, limit_files, 0 },
        { "process limits", 5, limit_pids, 0 },
        { "disk filled or freed", 4, fill_the_disk, 0 },
        { "reloads", 3, reload, 0 },
        { "logs reopened", 3, reopen_logs, 0 },
        { "orders", 15, order, 0 },
        { "cpu burnt", 3, burn, 0 },
        { "supervisorctl", 3, control, 0 },
};

static struct Torment *pick(Random *random) {
        unsigned sum = 0, at;

        for (size_t i = 0; i < ELEMENTSOF(torments); i++)
                sum += torments[i].weight;
        at = random_below(random, sum);
        for (size_t i = 0; i < ELEMENTSOF(torments); i++) {
                if (at < torments[i].weight)
                        return &torments[i];
                at -= torments[i].weight;
        }
        return &torments[0];
}

void torment(Victim *v, Random *random, uint64_t usec) {
        uint64_t end_usec = now_usec() + usec;

        while (now_usec() < end_usec) {
                struct Torment *t = pick(random);

                t->act(v, random);
                t->n++;
                if (kill(v->daemon, 0) < 0 || waitpid(v->daemon, NULL, WNOHANG) != 0)
                        drive_die("the daemon has ended after '%s', see %s/console", t->name,
                                  v->folder);
                (void)usleep(random_below(random, 20000));
        }
}

void torment_end(Victim *v) {
        if (prlimit(v->daemon, RLIMIT_NOFILE, &files, NULL) < 0)
                drive_die("prlimit: %s", strerror(errno));
        if (*v->pids_cgroup)
                write_pids_max(v, "max");
        free_the_disk(v);
        collect_helpers(v, true);
        continue_all(v);
}

void torment_print(void) {
        for (size_t i = 0; i < ELEMENTSOF(torments); i++)
                printf("%s%u %s", i > 0 ? ", " : "", torments[i].n, torments[i].name);
        printf("\n");
}
