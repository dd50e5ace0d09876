/*
 * Many clients at once do at random what clients can do, while programs die at random and the
 * configuration changes under the daemon; for as long as the second argument says, in seconds.
 *
 *   soak SUPERVISORD SECONDS [SEED]
 *
 * In the end every call was answered in time, each process that is to be up runs exactly once, none
 * is lost, and an orderly shutdown leaves nothing. Prints what was done; exits nonzero if not.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#include "base/macro.h"
#include "drive.h"
#include "protocol/bus-names.h"
#include "sim/random.h"

#define N_CLIENTS 20
#define N_GROUPS 10
#define COPIES 3

typedef struct Counts { /* shared by all clients */
        unsigned calls, errors, stuck, events, gaps, kills, reloads;
} Counts;

static Counts *counts;
static char folder[] = "/tmp/soak-XXXXXX";

/* NOLINTNEXTLINE(readability-non-const-parameter): an atomic operation writes it */
static void bump(unsigned *counter) {
        (void)__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

/* ---------------------------------------------------------------- the configuration */

/* Well behaved ones, deaf ones, some that end by themselves, some that leave others behind. */
static void write_programs(FILE *f, unsigned g, unsigned priority) {
        static const char *const commands[] = {
                "sleep 100000",
                "sh -c 'trap \"\" TERM; sleep 0.4 & while :; do sleep 0.1; done'",
                "sh -c 'sleep 0.7; exit 3'",
                "sh -c 'setsid sleep 100000 & exec sleep 100000'",
                "sh -c 'trap \"sleep 0.05; exit 0\" TERM; while :; do sleep 0.02; done'",
        };

        (void)fprintf(f,
                      "[program:g%u]\ncommand=%s\nprocess_name=%%(process_num)d\nnumprocs=%d\n"
                      "startsecs=0.1\nstopwaitsecs=0.3\nautorestart=true\nstartretries=-1\n"
                      "backoff_min=0.1\nbackoff_max=0.2\npriority=%u\nstdout_logfile=NONE\n"
                      "stderr_logfile=NONE\n",
                      g, commands[g % ELEMENTSOF(commands)], COPIES, priority);
}

static void write_config(Random *random) {
        char path[128], new[128];
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/supervisord.conf", folder);
        (void)snprintf(new, sizeof(new), "%s/supervisord.conf.new", folder);
        f = fopen(new, "we");
        if (!f)
                drive_die("%s: %s", new, strerror(errno));
        (void)fprintf(f,
                      "[supervisord]\nlogfile=%s/log\nlogfile_maxbytes=0\npidfile=%s/pid\n"
                      "childlogdir=%s\ncontrol_socket=%s/control\n",
                      folder, folder, folder, folder);
        for (unsigned g = 0; g < N_GROUPS; g++)
                if (!random || random_below(random, 8) > 0)
                        write_programs(f, g, random ? random_below(random, 4) : 1);
        if (fclose(f) != 0 || rename(new, path) < 0)
                drive_die("cannot write %s: %s", path, strerror(errno));
}

/* ---------------------------------------------------------------- calls */

static bool ask(sd_bus *bus, sd_bus_message *m, sd_bus_message **ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        bump(&counts->calls);
        r = sd_bus_call(bus, m, DRIVE_ANSWER_USEC, &error, ret);
        if (r == -ETIMEDOUT) {
                bump(&counts->stuck);
                (void)fprintf(stderr, "soak: %s is not answered\n", sd_bus_message_get_member(m));
        }
        if (r < 0)
                bump(&counts->errors);
        return r >= 0;
}

/* One process, a group, a pattern, everything, or nothing that exists. */
static void random_name(Random *random, char *ret, size_t size) {
        unsigned g = random_below(random, N_GROUPS), i = random_below(random, COPIES);

        switch (random_below(random, 12)) {
        case 0:
                (void)snprintf(ret, size, "all");
                return;
        case 1:
        case 2:
                (void)snprintf(ret, size, "g%u:*", g);
                return;
        case 3:
                (void)snprintf(ret, size, "g[%u-%u]:%u", g, N_GROUPS - 1, i);
                return;
        case 4:
                (void)snprintf(ret, size, "nobody%u", g);
                return;
        default:
                (void)snprintf(ret, size, "g%u:%u", g, i);
        }
}

/* In one call of three the answer is not waited for, in one of ten not for long. */
static void append_options(Random *random, sd_bus_message *m) {
        int r;

        if (random_below(random, 3) == 0)
                r = sd_bus_message_append(m, "a{sv}", 1, "wait", "b", false);
        else if (random_below(random, 7) == 0)
                r = sd_bus_message_append(m, "a{sv}", 2, "timeout", "t",
                                          (uint64_t)random_below(random, 500000), "progress", "b",
                                          true);
        else /* what is never reached, as somebody else wants the opposite, ends by itself */
                r = sd_bus_message_append(m, "a{sv}", 1, "timeout", "t", 20 * USEC_PER_SEC);
        if (r < 0)
                drive_die("cannot append");
}

static void order(sd_bus *bus, Random *random) {
        static const char *const members[] = { "Start", "Start", "Start",   "Stop",
                                               "Stop",  "Kill",  "Restart", "Restart" };
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                drive_new_call(bus, members[random_below(random, ELEMENTSOF(members))]);
        char name[32];

        random_name(random, name, sizeof(name));
        if (sd_bus_message_append(m, "as", 1, name) < 0)
                drive_die("cannot append");
        append_options(random, m);
        (void)ask(bus, m, NULL);
}

/* Ask, and go away before the answer. */
static void order_and_leave(Random *random) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = drive_connect(folder);
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        char name[32];

        if (!bus)
                return;
        m = drive_new_call(bus, random_below(random, 2) ? "Stop" : "Restart");
        random_name(random, name, sizeof(name));
        if (sd_bus_message_append(m, "asa{sv}", 1, name, 0) < 0)
                drive_die("cannot append");
        (void)sd_bus_send(bus, m, NULL);
        (void)sd_bus_flush(bus);
}

static void look(sd_bus *bus, Random *random) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        char name[32];
        int r;

        if (random_below(random, 2) == 0) {
                m = drive_new_call(bus, "ListProcesses");
                r = sd_bus_message_append(m, "asuu", 0, 0, random_below(random, 40));
        } else {
                m = drive_new_call(bus, "Explain");
                random_name(random, name, sizeof(name));
                r = sd_bus_message_append(m, "s", name);
        }
        if (r < 0)
                drive_die("cannot append");
        (void)ask(bus, m, &reply);
}

static void update(sd_bus *bus, Random *random) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        write_config(random);
        m = drive_new_call(bus, "Update");
        if (sd_bus_message_append(m, "asa{sv}", 0, 1, "timeout", "t", 20 * USEC_PER_SEC) < 0)
                drive_die("cannot append");
        if (ask(bus, m, NULL))
                bump(&counts->reloads);
}

static void scale(sd_bus *bus, Random *random) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = drive_new_call(bus, "Scale");
        char name[16];

        (void)snprintf(name, sizeof(name), "g%u", random_below(random, N_GROUPS));
        if (sd_bus_message_append(m, "su", name, random_below(random, 6)) < 0)
                drive_die("cannot append");
        (void)ask(bus, m, NULL);
}

/* ---------------------------------------------------------------- the clients */

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        uint64_t *last = userdata, sequence;

        if (strcmp(sd_bus_message_get_member(m), "OperationProgress") == 0)
                return 0;
        if (sd_bus_message_read(m, "t", &sequence) < 0)
                return 0;
        bump(&counts->events);
        if (*last > 0 && sequence != *last + 1)
                bump(&counts->gaps);
        *last = sequence;
        return 0;
}

static time_t now(void) {
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec;
}

static void act(sd_bus *bus, unsigned number, Random *random) {
        switch (random_below(random, 20)) {
        case 0:
                order_and_leave(random);
                return;
        case 1:
        case 2:
        case 3:
        case 4:
                look(bus, random);
                return;
        case 5:
                if (number == 0) /* one of them alone changes the file */
                        update(bus, random);
                return;
        case 6:
                if (number == 1)
                        scale(bus, random);
                return;
        default:
                order(bus, random);
        }
}

static _noreturn_ void run_client(unsigned number, time_t end, uint64_t seed) {
        Random random = random_for(seed, number);

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (now() < end) {
                _cleanup_(sd_bus_close_unrefp) sd_bus *bus = drive_connect(folder);
                uint64_t last = 0;

                if (!bus)
                        drive_die("client %u cannot connect: %s", number, strerror(errno));
                if (sd_bus_match_signal(bus, NULL, NULL, BUS_PATH, NULL, NULL, on_signal, &last) <
                    0)
                        drive_die("cannot listen");
                if (number % 4 == 3) {
                        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m =
                                drive_new_call(bus, "Subscribe");

                        (void)ask(bus, m, NULL);
                }
                for (unsigned i = 0; i < 50 && now() < end; i++) {
                        act(bus, number, &random);
                        while (sd_bus_process(bus, NULL) > 0)
                                ;
                }
        }
        _exit(0);
}

static _noreturn_ void run_killer(pid_t daemon, time_t end, uint64_t seed) {
        Random random = random_for(seed, N_CLIENTS);
        static const int signals[] = { SIGKILL, SIGTERM, SIGSEGV, SIGHUP };

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (now() < end) {
                pid_t pid;

                (void)drive_list_children(daemon, random_below(&random, 30), &pid);
                if (pid > 0 && kill(pid, signals[random_below(&random, ELEMENTSOF(signals))]) == 0)
                        bump(&counts->kills);
                (void)usleep(20000);
        }
        _exit(0);
}

/* ---------------------------------------------------------------- the end */

static bool call_names(sd_bus *bus, const char *member, const char *name) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = drive_new_call(bus, member);

        if (sd_bus_message_append(m, "asa{sv}", name ? 1 : 0, name, 0) < 0)
                drive_die("cannot append");
        return ask(bus, m, NULL);
}

static void call_update_and_start(sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = drive_new_call(bus, "Update");

        write_config(NULL);
        if (sd_bus_message_append(m, "asa{sv}", 0, 0) < 0)
                drive_die("cannot append");
        if (!ask(bus, m, NULL))
                drive_die("the last update failed");
        if (!call_names(bus, "Stop", "all"))
                drive_die("the last stop failed");
}

/* Who had ended by himself when he was told to stop stays EXITED. */
static bool is_in(const char *is, const char *state) {
        return strcmp(is, state) == 0 ||
               (strcmp(state, "STOPPED") == 0 && strcmp(is, "EXITED") == 0);
}

/* Every process of the file is there once, in @state, with @goal. Returns how many are not. */
static unsigned check_all(sd_bus *bus, const char *state, const char *goal) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = drive_new_call(bus, "ListProcesses");
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        bool seen[N_GROUPS][COPIES] = { 0 };
        const char *group, *name, *s, *g;
        unsigned n_wrong = 0;

        if (sd_bus_message_append(m, "asuu", 0, 0, 0) < 0 || !ask(bus, m, &reply) ||
            sd_bus_message_enter_container(reply, 'a', BUS_RECORD) < 0)
                drive_die("cannot list");
        while (sd_bus_message_enter_container(reply, 'r', BUS_RECORD_FIELDS) > 0) {
                unsigned a = N_GROUPS, b = COPIES;

                if (sd_bus_message_read(reply, "ssss", &group, &name, &s, &g) < 0 ||
                    sd_bus_message_skip(reply, BUS_RECORD_FIELDS + 4) < 0 ||
                    sd_bus_message_exit_container(reply) < 0)
                        drive_die("cannot read the list");
                if (sscanf(group, "g%u", &a) != 1 || sscanf(name, "%u", &b) != 1 || a >= N_GROUPS ||
                    b >= COPIES || seen[a][b] || !is_in(s, state) || strcmp(g, goal) != 0) {
                        (void)fprintf(stderr, "soak: %s:%s is %s, goal %s\n", group, name, s, g);
                        n_wrong++;
                        continue;
                }
                seen[a][b] = true;
        }
        for (unsigned a = 0; a < N_GROUPS; a++)
                for (unsigned b = 0; b < COPIES; b++)
                        if (!seen[a][b]) {
                                (void)fprintf(stderr, "soak: g%u:%u is missing\n", a, b);
                                n_wrong++;
                        }
        return n_wrong;
}

static void check_end(pid_t daemon) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = drive_connect(folder);
        size_t n;
        pid_t pid;

        if (!bus)
                drive_die("cannot connect in the end");
        call_update_and_start(bus);
        if (check_all(bus, "STOPPED", "down") > 0)
                drive_die("goal and state do not agree");
        n = drive_list_children(daemon, 0, &pid);
        if (n > 0)
                drive_die("%zu processes are left although all is stopped", n);
        if (!call_names(bus, "Start", "g0:*") || !call_names(bus, "Start", "g3:*"))
                drive_die("the last start failed");
        n = drive_list_children(daemon, 0, &pid);
        if (n < 2 * COPIES ||
            n > 3 * COPIES) /* those of g3 leave one behind each, perhaps adopted */
                drive_die("%zu children instead of %d", n, 2 * COPIES);
}

int main(int argc, char **argv) {
        uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : (uint64_t)getpid();
        pid_t daemon, pids[N_CLIENTS + 1];
        size_t before;
        time_t end;

        if (argc < 3 || !mkdtemp(folder))
                drive_die("usage: soak SUPERVISORD SECONDS [SEED]");
        counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                      0);
        if (counts == MAP_FAILED)
                drive_die("no memory");
        (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
        write_config(NULL);
        daemon = drive_start(argv[1], folder);
        before = drive_resident_kb(daemon);
        end = now() + atoi(argv[2]);
        for (unsigned i = 0; i <= N_CLIENTS; i++) {
                pids[i] = fork();
                if (pids[i] == 0 && i < N_CLIENTS)
                        run_client(i, end, seed);
                else if (pids[i] == 0)
                        run_killer(daemon, end, seed);
        }
        for (unsigned i = 0; i <= N_CLIENTS; i++) {
                int status;

                if (waitpid(pids[i], &status, 0) != pids[i] || status != 0)
                        drive_die("a client has failed (seed %llu)", (unsigned long long)seed);
        }
        check_end(daemon);
        printf("seed %llu: %u calls, %u of them refused or given up, %u deaths, %u updates, %u events; "
               "resident %zu -> %zu KiB\n",
               (unsigned long long)seed, counts->calls, counts->errors, counts->kills,
               counts->reloads, counts->events, before, drive_resident_kb(daemon));
        drive_stop(daemon, folder);
        if (counts->stuck > 0 || counts->gaps > 0)
                drive_die("%u calls were not answered, %u gaps in the events", counts->stuck,
                          counts->gaps);
        return 0;
}
