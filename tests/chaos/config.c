#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "chaos.h"
#include "soak/drive.h"

#define CHILD "command=%(ENV_CHILD)s "

const Kind kinds[] = {
        { "calm", 40, FATE_RUNS, 1, 1, CHILD "\nstartretries=3\n" },
        { "chatty", 30, FATE_RUNS, 1, 1,
          CHILD
          "chat=40\nredirect_stderr=true\nstdout_logfile=%(here)s/disk/%(group_name)s_"
          "%(process_num)02d.log\nstdout_logfile_maxbytes=20000\nstdout_logfile_backups=2\n" },
        { "forker", 20, FATE_RUNS, 3, 3, CHILD "fork setsid fork end end\n" },
        { "deaf", 20, FATE_RUNS, 1, 1, CHILD "ignore=15\nstopwaitsecs=0.5\n" },
        { "slow", 20, FATE_RUNS, 1, 1, CHILD "on=15:200:0\nstartretries=3\n" },
        { "ready", 20, FATE_RUNS, 1, 1,
          CHILD "sleep=20 \"notify=READY=1|STATUS=up\"\nreadiness=notify\nreadiness_timeout=2\n" },
        { "healthy", 10, FATE_RUNS, 1, 2,
          CHILD "\nhealthcheck=exec:%(ENV_CHILD)s exit=0\nhealthcheck_interval=1\n"
                "healthcheck_timeout=1\n" },
        { "crasher", 10, FATE_CRASHES, 0, 1, CHILD "sleep=400 exit=3\n" },
        { "once", 10, FATE_ENDS, 0, 0,
          CHILD "sleep=50 exit=0\ntype=oneshot\nautorestart=unexpected\n" },
        { "legacy", 10, FATE_RUNS, 1, 1,
          CHILD "fork setsid pidfile=%(here)s/%(group_name)s_%(process_num)02d.pid end exit=0\n"
                "type=forking\npidfile=%(here)s/%(group_name)s_%(process_num)02d.pid\n" },
        { "hooked", 8, FATE_RUNS, 1, 1,
          CHILD "\npre_start_command=%(ENV_CHILD)s exit=0\npre_stop_command=%(ENV_CHILD)s exit=0\n"
                "post_stop_command=%(ENV_CHILD)s exit=0\nhook_timeout=0.5\n" },
        { "hopeless", 2, FATE_FAILS, 0, 0, "command=/nonexistent\nstartretries=1\n" },
};
const size_t n_kinds = ELEMENTSOF(kinds);

static void write_daemon(FILE *f) {
        (void)fprintf(f, "[supervisord]\nlogfile=%%(here)s/log\nlogfile_maxbytes=0\n"
                         "pidfile=%%(here)s/pid\nchildlogdir=%%(here)s\n"
                         "control_socket=%%(here)s/control\n");
}

static void write_kind(FILE *f, const Kind *k, unsigned priority) {
        (void)fprintf(f,
                      "[program:%s]\nprocess_name=%%(group_name)s_%%(process_num)02d\nnumprocs=%u\n"
                      "startsecs=0.2\nautorestart=true\nstartretries=-1\nbackoff_min=0.1\n"
                      "backoff_max=0.5\nstopwaitsecs=1\npriority=%u\nstdout_logfile=NONE\n"
                      "stderr_logfile=NONE\n",
                      k->name, k->n, priority);
}

/* The keys of the kind replace those of all; a file must not have a key twice. */
static void write_lines(FILE *f, const char *all, const char *own) {
        for (const char *line = all; *line; line += strcspn(line, "\n") + 1) {
                size_t n = strcspn(line, "="), whole = strcspn(line, "\n") + 1;
                bool replaced = false;

                for (const char *o = own; *o && !replaced; o += strcspn(o, "\n") + 1)
                        replaced = *line != '[' && strncmp(o, line, n + 1) == 0;
                if (!replaced)
                        (void)fprintf(f, "%.*s", (int)whole, line);
        }
        (void)fprintf(f, "%s", own);
}

static void write_program(FILE *f, const Kind *k, unsigned priority) {
        _cleanup_(freep) char *all = NULL;
        size_t size;
        FILE *m = open_memstream(&all, &size);

        if (!m)
                drive_die("no memory");
        write_kind(m, k, priority);
        (void)fclose(m);
        write_lines(f, all, k->keys);
}

/* Some kinds are gone, some are to be restarted, some merely come in another order. */
static void write_changed(FILE *f, Random *random) {
        for (size_t i = 0; i < n_kinds; i++) {
                if (random_one_in(random, 8))
                        continue;
                write_program(f, &kinds[i],
                              random_one_in(random, 3) ? random_below(random, 3) : i % 3);
                if (random_one_in(random, 6))
                        (void)fprintf(f, "environment=CHANGE=\"%u\"\n", random_below(random, 1000));
        }
        if (random_one_in(random, 5))
                (void)fprintf(f, "numprocs=many\n[program:broken\n");
}

void config_write(const char *folder, Random *random) {
        char path[128], new[128];
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/supervisord.conf", folder);
        (void)snprintf(new, sizeof(new), "%s/supervisord.conf.new", folder);
        f = fopen(new, "we");
        if (!f)
                drive_die("%s: %s", new, strerror(errno));
        write_daemon(f);
        if (random)
                write_changed(f, random);
        else
                for (size_t i = 0; i < n_kinds; i++)
                        write_program(f, &kinds[i], i % 3);
        if (fclose(f) != 0 || rename(new, path) < 0)
                drive_die("cannot write %s: %s", path, strerror(errno));
}
