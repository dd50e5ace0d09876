#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chaos.h"
#include "protocol/bus-names.h"
#include "soak/drive.h"

#define LOAD 6 /* so much slower may a machine under load, and a sanitizer, make everything */

/* A text that says what is wrong, or "". */
typedef struct Wrong {
        char text[2048];
        size_t n;
} Wrong;

static _printf_(2, 3) void complain(Wrong *w, const char *format, ...) {
        va_list ap;
        int n;

        va_start(ap, format);
        n = vsnprintf(w->text + w->n, sizeof(w->text) - w->n, format, ap);
        va_end(ap);
        w->n = MIN(w->n + (size_t)n, sizeof(w->text) - 1);
}

/* The kind and number that @name stands for; NULL if it is none of ours. */
static const Kind *kind_of(const char *name, unsigned *ret_number) {
        for (size_t i = 0; i < n_kinds; i++) {
                size_t n = strlen(kinds[i].name);

                if (strncmp(name, kinds[i].name, n) == 0 &&
                    sscanf(name + n, "_%u", ret_number) == 1 && *ret_number < kinds[i].n)
                        return &kinds[i];
        }
        return NULL;
}

static size_t index_of(const Kind *k, unsigned number) {
        size_t index = number;

        for (const Kind *other = kinds; other < k; other++)
                index += other->n;
        return index;
}

/* ---------------------------------------------------------------- what the daemon says */

static void call(sd_bus *bus, const char *member, const char *name) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = drive_new_call(bus, member);

        if (sd_bus_message_append(m, "asa{sv}", name ? 1 : 0, name, 0) < 0)
                drive_die("no memory");
        if (sd_bus_call(bus, m, DRIVE_ANSWER_USEC, &error, NULL) < 0)
                drive_die("in the calm, %s is answered with: %s", member, error.message);
}

static bool is_right(Fate fate, const char *state) {
        switch (fate) {
        case FATE_RUNS:
                return strcmp(state, "RUNNING") == 0;
        case FATE_CRASHES:
                return strcmp(state, "RUNNING") == 0 || strcmp(state, "STARTING") == 0 ||
                       strcmp(state, "BACKOFF") == 0;
        case FATE_ENDS:
                return strcmp(state, "EXITED") == 0;
        case FATE_FAILS:
                return strcmp(state, "FATAL") == 0;
        }
        return false;
}

static void check_states(sd_bus *bus, pid_t pids[N_PROCESSES], Wrong *w) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = drive_new_call(bus, "ListProcesses");
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *group, *name, *state, *goal, *phase;
        uint32_t pid;
        int ready;
        size_t n = 0;

        if (sd_bus_message_append(m, "asuu", 0, 0, 0) < 0 ||
            sd_bus_call(bus, m, DRIVE_ANSWER_USEC, NULL, &reply) < 0 ||
            sd_bus_message_enter_container(reply, 'a', BUS_RECORD) < 0)
                drive_die("cannot list the processes");
        while (sd_bus_message_enter_container(reply, 'r', BUS_RECORD_FIELDS) > 0) {
                const Kind *k;
                unsigned number;

                if (sd_bus_message_read(reply, "sssssbu", &group, &name, &state, &goal, &phase,
                                        &ready, &pid) < 0 ||
                    sd_bus_message_skip(reply, BUS_RECORD_FIELDS + 7) < 0 ||
                    sd_bus_message_exit_container(reply) < 0)
                        drive_die("cannot read the list");
                n++;
                k = kind_of(name, &number);
                if (!k || !is_right(k->fate, state) || strcmp(goal, "up") != 0)
                        complain(w, "%s is %s, phase '%s', goal %s\n", name, state, phase, goal);
                if (k)
                        pids[index_of(k, number)] = (pid_t)pid;
        }
        if (n != N_PROCESSES)
                complain(w, "%zu processes instead of %d\n", n, N_PROCESSES);
}

/* ---------------------------------------------------------------- who lives */

static void count_persons(const Census *c,
                          const pid_t pids[N_PROCESSES],
                          unsigned counts[N_PROCESSES],
                          Wrong *w) {
        bool main_seen[N_PROCESSES] = { false };

        for (size_t i = 0; i < c->n; i++) {
                const Person *p = &c->persons[i];
                unsigned number;
                const Kind *k;

                if (!p->is_descendant)
                        continue;
                k = kind_of(p->name, &number);
                if (p->is_zombie || !k) {
                        complain(w, "%d of '%s' is %s\n", (int)p->pid, p->name,
                                 p->is_zombie ? "a zombie" : "nobody's");
                        continue;
                }
                counts[index_of(k, number)]++;
                main_seen[index_of(k, number)] |= p->pid == pids[index_of(k, number)];
        }
        for (size_t i = 0; i < N_PROCESSES; i++)
                if (counts[i] > 0 && pids[i] > 0 && !main_seen[i])
                        complain(w, "%d, a main process, is not among those that live\n",
                                 (int)pids[i]);
}

/* Each program consists of as many processes as it should, and the daemon of nothing else. */
static void check_persons(const Victim *v, const pid_t pids[N_PROCESSES], Wrong *w) {
        unsigned counts[N_PROCESSES] = { 0 };
        Census c = census_take(v->daemon, true);

        count_persons(&c, pids, counts, w);
        for (size_t i = 0; i < c.n; i++)
                if (c.persons[i].parent == getpid() && c.persons[i].pid != v->daemon)
                        complain(w, "%d, %s, has got away from the daemon\n", (int)c.persons[i].pid,
                                 c.persons[i].command);
        census_done(&c);
        for (const Kind *k = kinds; k < kinds + n_kinds; k++)
                for (unsigned i = 0; i < k->n; i++) {
                        unsigned n = counts[index_of(k, i)];

                        if (n < k->n_min || n > k->n_max)
                                complain(w, "%s_%02u consists of %u processes\n", k->name, i, n);
                }
}

/* ---------------------------------------------------------------- the calm */

/* Wait until all is right, for as long as that may take. */
static void await_right(const Victim *v, sd_bus *bus, bool persons) {
        uint64_t end_usec = now_usec() + LOAD * (START_USEC + STOP_USEC);
        Wrong w;

        do {
                pid_t pids[N_PROCESSES] = { 0 };

                w = (Wrong){ 0 };
                check_states(bus, pids, &w);
                if (persons)
                        check_persons(v, pids, &w);
                if (w.n == 0)
                        return;
                (void)usleep(50000);
        } while (now_usec() < end_usec);
        drive_die("goal and state do not agree, see %s:\n%s", v->folder, w.text);
}

/*
 * Those of /dev/null apart: the daemon keeps some for children that are being started, more after
 * it once had to start many.
 */
static void count_fds(pid_t pid, size_t *n, size_t *n_null) {
        char path[64], target[16];
        const struct dirent *entry;
        DIR *dir;

        *n = *n_null = 0;
        (void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
        dir = opendir(path);
        while (dir && (entry = readdir(dir))) {
                ssize_t k = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target));

                if (k == (ssize_t)strlen("/dev/null") && memcmp(target, "/dev/null", k) == 0)
                        (*n_null)++;
                else if (k >= 0)
                        (*n)++;
        }
        if (dir)
                (void)closedir(dir);
}

/* The least that is seen in a while is what stays: probes come and go. */
static Measure measure(pid_t daemon) {
        Measure m = { .fds = SIZE_MAX };

        for (unsigned i = 0; i < 40; i++) {
                size_t n, n_null;

                count_fds(daemon, &n, &n_null);
                m.fds = MIN(m.fds, n);
                m.spare_fds = MAX(m.spare_fds, n_null);
                (void)usleep(20000);
        }
        m.memory_kb = drive_resident_kb(daemon);
        return m;
}

Measure judge_calm(const Victim *v) {
        sd_bus *bus;

        config_write(v->folder, NULL);
        bus = drive_connect(v->folder);
        if (!bus)
                drive_die("nobody answers in the calm: %s", strerror(errno));
        call(bus, "Update", NULL);
        call(bus, "Start", "all");
        await_right(v, bus, false);
        /* Parts of the trees may have been killed. */
        call(bus, "Restart", "all");
        await_right(v, bus, true);
        call(bus, "Stop", "crasher:*"); /* now the number of its descriptors stands still */
        sd_bus_close_unref(bus);
        return measure(v->daemon);
}

/* ---------------------------------------------------------------- the end */

/* The time that the stop may take by the daemon's own plan. */
static uint64_t announced_usec(const Victim *v) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        sd_bus *bus = drive_connect(v->folder);
        uint64_t worst;

        if (!bus)
                drive_die("nobody answers in the end: %s", strerror(errno));
        m = drive_new_call(bus, "GetPlan");
        if (sd_bus_message_append(m, "uu", 0, 0) < 0 ||
            sd_bus_call(bus, m, DRIVE_ANSWER_USEC, NULL, &reply) < 0 ||
            sd_bus_message_skip(reply, "a" BUS_STEP) < 0 ||
            sd_bus_message_read(reply, "t", &worst) < 0)
                drive_die("there is no plan");
        sd_bus_close_unref(bus);
        return worst;
}

/* Between two starts of a process there is one end of it, and after the last one. */
static void check_log(const Victim *v) {
        int up[N_PROCESSES] = { 0 };
        char path[128], line[1024], name[NAME_SIZE];
        unsigned number, n_starts = 0;
        const char *event;
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/log", v->folder);
        f = fopen(path, "re");
        if (!f)
                drive_die("%s: %s", path, strerror(errno));
        while (fgets(line, sizeof(line), f)) {
                const Kind *k;
                bool start = false;

                if ((event = strstr(line, " spawned: '")))
                        start = sscanf(event, " spawned: '%31[^']'", name) == 1;
                else if (!((event = strstr(line, " exited: ")) &&
                           sscanf(event, " exited: %31s", name) == 1) &&
                         !((event = strstr(line, " stopped: ")) &&
                           sscanf(event, " stopped: %31s", name) == 1))
                        continue;
                k = kind_of(name, &number);
                if (!k)
                        drive_die("who is that: %s", line);
                up[index_of(k, number)] += start ? 1 : -1;
                n_starts += start;
                if (up[index_of(k, number)] != (start ? 1 : 0))
                        drive_die("the log does not add up, see %s, at: %s", path, line);
        }
        (void)fclose(f);
        for (size_t i = 0; i < N_PROCESSES; i++)
                if (up[i] != 0)
                        drive_die("the log does not say how process %zu has ended, see %s", i,
                                  path);
        if (n_starts < N_PROCESSES)
                drive_die("the log is not complete, see %s", path);
        printf("%u starts and as many ends, ", n_starts);
}

void judge_end(const Victim *v) {
        uint64_t limit_usec = announced_usec(v), began_usec = now_usec(), usec;

        drive_stop(v->daemon, v->folder);
        usec = now_usec() - began_usec;
        if (usec > limit_usec + LOAD * USEC_PER_SEC)
                drive_die("the stop took %.1f s instead of %.1f s", (double)usec / 1e6,
                          (double)limit_usec / 1e6);
        check_log(v);
        printf("stopped in %.1f s of at most %.1f s\n", (double)usec / 1e6,
               (double)limit_usec / 1e6);
}
