/*
 * What the benchmarks of log capture share: a folder, what was spent, and a loop as the daemon's.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/macro.h"
#include "log/writers.h"
#include "output/output.h"

typedef struct Cost {
        double seconds;
        double cpu; /* seconds */
} Cost;

static char folder[100];

static inline void must(bool ok, const char *what) {
        if (ok)
                return;
        perror(what);
        exit(EXIT_FAILURE);
}

static inline double cpu_of(const struct rusage *usage) {
        return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
               (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static inline Cost cost_now(void) {
        struct rusage usage;

        (void)getrusage(RUSAGE_SELF, &usage);
        return (Cost){ (double)now_usec() / 1e6, cpu_of(&usage) };
}

static inline Cost cost_since(Cost before) {
        Cost now = cost_now();

        return (Cost){ now.seconds - before.seconds, now.cpu - before.cpu };
}

static inline const char *path_of(const char *name) {
        static char path[200];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
        return path;
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        return remove(path);
}

static inline void empty_folder(void) {
        (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        must(mkdir(folder, 0700) >= 0, "mkdir");
}

static inline void make_folder(const char *path) {
        sigset_t mask;

        (void)snprintf(folder, sizeof(folder), "%s", path ? path : "/tmp/supervisord-bench-XXXXXX");
        must(path ? mkdir(folder, 0700) >= 0 : mkdtemp(folder) != NULL, "folder");
        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGCHLD);
        (void)sigprocmask(SIG_BLOCK, &mask, NULL);
}

/* A loop that copies output, as the daemon's does. */
typedef struct Loop {
        sd_event *event;
        Writers *writers;
        Outputs *outputs;
} Loop;

static inline int
loop_on_outputs(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        return outputs_dispatch(userdata);
}

static inline int
loop_on_writers(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        writers_dispatch(userdata);
        return 0;
}

static inline int loop_before_sleep(sd_event_source *source, void *userdata) {
        writers_kick(userdata);
        return 0;
}

static inline void loop_open(Loop *l) {
        OutputsOptions options = { .childlogdir = folder, .identifier = "bench" };
        sd_event_source *source = NULL;

        *l = (Loop){};
        if (!getenv("NO_WRITERS"))
                must(writers_new(8, &l->writers) >= 0, "thread");
        options.writers = l->writers;
        must(outputs_new(&options, &l->outputs) >= 0 && sd_event_new(&l->event) >= 0 &&
                     sd_event_add_io(l->event, NULL, outputs_get_fd(l->outputs), EPOLLIN,
                                     loop_on_outputs, l->outputs) >= 0,
             "loop");
        if (!l->writers)
                return;
        must(sd_event_add_io(l->event, &source, writers_get_fd(l->writers), EPOLLIN,
                             loop_on_writers, l->writers) >= 0 &&
                     sd_event_source_set_prepare(source, loop_before_sleep) >= 0 &&
                     sd_event_source_set_floating(source, true) >= 0,
             "writers");
        sd_event_source_unref(source);
}

/* Until all is in the files. */
static inline void loop_finish(Loop *l) {
        if (l->writers)
                must(writers_wait(l->writers, 60 * USEC_PER_SEC) >= 0, "writing");
}

static inline void loop_close(Loop *l) {
        outputs_free(l->outputs);
        loop_finish(l);
        writers_free(l->writers);
        sd_event_unref(l->event);
}

static inline ProcessConfig *
loop_config(ProcessConfig *config, const char *name, int64_t max_bytes, int64_t backups) {
        *config = (ProcessConfig){
                .n_ref = 1000,
                .name = strdup(name),
                .group = strdup(name),
                .log = { { .kind = LOG_KIND_FILE,
                           .path = strdup(path_of(name)),
                           .max_bytes = max_bytes,
                           .backups = backups },
                         { .kind = LOG_KIND_NONE } },
        };
        return config;
}
