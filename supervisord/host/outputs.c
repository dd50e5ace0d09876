#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "base/clock.h"
#include "host/output-private.h"

#define PIPES_PER_TURN 64
#define BYTES_PER_PIPE (4U * BUFFER_SIZE)

/* What the outer epoll's events are about. */
enum {
        EVENT_PIPES,
        EVENT_TIMER,
        EVENT_TARGET,
};

static int watch_inner(Outputs *o, int fd, uint64_t what) {
        struct epoll_event event = { .events = EPOLLIN, .data.u64 = what };

        return epoll_ctl(o->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int open_descriptors(Outputs *o) {
        int r;

        o->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (o->epoll_fd < 0)
                return -errno;
        o->pipes_epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (o->pipes_epoll_fd < 0)
                return -errno;
        o->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        if (o->timer_fd < 0)
                return -errno;
        o->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (o->null_fd < 0)
                return -errno;

        r = watch_inner(o, o->pipes_epoll_fd, EVENT_PIPES);
        if (r < 0)
                return r;
        return watch_inner(o, o->timer_fd, EVENT_TIMER);
}

/* NAME---IDENTIFIER-RANDOM.log, with the number of a rotated one perhaps. */
static bool is_auto_file(const char *name, const char *identifier) {
        size_t length = strlen(identifier);
        const char *p;

        for (p = strstr(name, "---"); p; p = strstr(p + 1, "---")) {
                if (p == name || strncmp(p + 3, identifier, length) != 0 || p[3 + length] != '-')
                        continue;

                p = strstr(p + 3 + length, ".log");
                if (!p)
                        return false;
                p += strlen(".log");
                p += *p == '.';
                return strspn(p, "0123456789") == strlen(p) && strlen(p) <= 4;
        }

        return false;
}

/* What cannot be removed is of no use to anybody, but harms nobody either. */
static void remove_auto_files(const char *directory, const char *identifier) {
        DIR *dir = opendir(directory);
        struct dirent *entry;

        if (!dir)
                return;
        while ((entry = readdir(dir)))
                if (is_auto_file(entry->d_name, identifier))
                        (void)unlinkat(dirfd(dir), entry->d_name, 0);
        (void)closedir(dir);
}

int outputs_new(const OutputsOptions *options, Outputs **ret) {
        _cleanup_(outputs_freep) Outputs *o = NULL;
        int r;

        o = calloc(1, sizeof(*o));
        if (!o)
                return -ENOMEM;

        o->strip_ansi = options->strip_ansi;
        o->echo = options->echo;
        o->on_event = options->on_event;
        o->userdata = options->userdata;
        o->epoll_fd = o->pipes_epoll_fd = o->timer_fd = o->null_fd = -1;
        o->armed_usec = USEC_INFINITY;
        o->syslog = (LogSocket)LOG_SOCKET_SYSLOG;
        LIST_INIT(&o->targets);

        o->childlogdir = strdup(options->childlogdir);
        o->identifier = strdup(options->identifier);
        o->buffer = malloc(BUFFER_SIZE);
        if (!o->childlogdir || !o->identifier || !o->buffer)
                return -ENOMEM;

        r = open_descriptors(o);
        if (r < 0)
                return r;

        if (!options->keep_auto_files)
                remove_auto_files(o->childlogdir, o->identifier);

        *ret = TAKE_PTR(o);
        return 0;
}

Outputs *outputs_free(Outputs *o) {
        if (!o)
                return NULL;

        safe_close(o->epoll_fd);
        safe_close(o->pipes_epoll_fd);
        safe_close(o->timer_fd);
        safe_close(o->null_fd);
        log_socket_close(&o->syslog);
        free(o->childlogdir);
        free(o->identifier);
        free(o->buffer);
        free(o);
        return NULL;
}

int outputs_get_fd(const Outputs *o) {
        return o->epoll_fd;
}

void outputs_set_echo(Outputs *o, bool echo) {
        o->echo = echo;
}

int outputs_watch_pipe(Outputs *o, Pipe *pipe) {
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = pipe };

        return epoll_ctl(o->pipes_epoll_fd, EPOLL_CTL_ADD, pipe->fd, &event) < 0 ? -errno : 0;
}

/* Targets */

/* The number in /dev/stdout, /dev/stderr, /dev/fd/N and /proc/self/fd/N, or -1. */
static int path_to_fd(const char *path) {
        static const char *const prefixes[] = { "/dev/fd/", "/proc/self/fd/" };

        if (strcmp(path, "/dev/stdout") == 0)
                return STDOUT_FILENO;
        if (strcmp(path, "/dev/stderr") == 0)
                return STDERR_FILENO;

        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++) {
                const char *number = path + strlen(prefixes[i]);

                if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0 && *number &&
                    strlen(number) <= 6 && strspn(number, "0123456789") == strlen(number))
                        return atoi(number);
        }

        return -1;
}

int outputs_get_target(Outputs *o, const LogTarget *config, const char *path, Target **ret) {
        _cleanup_(freep) Target *t = NULL;
        Target *i;
        int r, fd;

        LIST_FOREACH(i, &o->targets, targets) {
                if (strcmp(logfile_get_path(i->file), path) == 0) {
                        i->n_ref++;
                        *ret = i;
                        return 0;
                }
        }

        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;

        fd = path_to_fd(path);
        if (fd >= 0)
                r = logfile_new_fd(fd, path, &t->file);
        else
                r = logfile_new(path, config->max_bytes, config->backups, &t->file);
        if (r < 0)
                return r;

        t->outputs = o;
        t->n_ref = 1;
        t->watched_fd = -1;
        LIST_INIT(&t->channels);
        LIST_INSERT_HEAD(&o->targets, t, targets);
        (void)logfile_open(t->file); /* its state is told by target_settle() */
        *ret = TAKE_PTR(t);
        return 0;
}

void outputs_put_target(Target *t) {
        if (!t || --t->n_ref > 0)
                return;

        if (t->watched_fd >= 0)
                (void)epoll_ctl(t->outputs->epoll_fd, EPOLL_CTL_DEL, t->watched_fd, NULL);
        LIST_REMOVE(t, targets);
        logfile_free(t->file);
        free(t);
}

static void watch_target(Target *t) {
        struct epoll_event event = { .events = EPOLLOUT, .data.u64 = EVENT_TARGET };
        int wanted;

        wanted = logfile_get_error(t->file) == EAGAIN ? logfile_get_fd(t->file) : -1;
        if (wanted == t->watched_fd)
                return;

        if (t->watched_fd >= 0)
                (void)epoll_ctl(t->outputs->epoll_fd, EPOLL_CTL_DEL, t->watched_fd, NULL);
        if (wanted >= 0 && epoll_ctl(t->outputs->epoll_fd, EPOLL_CTL_ADD, wanted, &event) < 0)
                wanted = -1; /* tried again at the next write */
        t->watched_fd = wanted;
}

static void arm_timer(Outputs *o, uint64_t when_usec) {
        struct itimerspec when = {};

        if (when_usec == o->armed_usec)
                return;

        if (when_usec != USEC_INFINITY) {
                when.it_value.tv_sec = (time_t)(when_usec / USEC_PER_SEC);
                when.it_value.tv_nsec = (long)(when_usec % USEC_PER_SEC * NSEC_PER_USEC);
        }
        (void)timerfd_settime(o->timer_fd, TFD_TIMER_ABSTIME, &when, NULL); /* times are valid */
        o->armed_usec = when_usec;
}

void channel_emit(Channel *c, OutputEvent *event) {
        Outputs *o = c->output->outputs;

        event->stream = c->stream;
        if (!event->target)
                event->target = c->path;
        if (o->on_event)
                o->on_event(c->output->owner, event, o->userdata);
}

static void report_state(Channel *c) {
        OutputEvent event = {};
        int error;

        /* A slow reader is worth a word only when it has cost something. */
        error = logfile_get_error(c->target->file);
        if (error == EAGAIN && c->tally.dropped_bytes == c->reported_bytes)
                error = c->reported_error;

        if (error != 0 && c->reported_error == 0) {
                event.kind = OUTPUT_EVENT_FAILING;
                event.error = error;
                channel_emit(c, &event);
        } else if (error == 0 && c->reported_error != 0) {
                event.kind = OUTPUT_EVENT_RESUMED;
                event.error = c->reported_error;
                event.dropped_bytes = c->tally.dropped_bytes - c->reported_bytes;
                event.dropped_lines = c->tally.dropped_lines - c->reported_lines;
                c->reported_bytes = c->tally.dropped_bytes;
                c->reported_lines = c->tally.dropped_lines;
                channel_emit(c, &event);
        }
        c->reported_error = error;

        error = logfile_get_rotation_error(c->target->file);
        if (error != 0 && c->reported_rotation_error == 0) {
                event = (OutputEvent){ .kind = OUTPUT_EVENT_ROTATION_FAILED, .error = error };
                channel_emit(c, &event);
        }
        c->reported_rotation_error = error;
}

void target_settle(Target *t) {
        uint64_t retry_usec = logfile_get_retry_usec(t->file);
        Channel *c;

        watch_target(t);
        if (retry_usec < t->outputs->armed_usec)
                arm_timer(t->outputs, retry_usec);
        LIST_FOREACH(c, &t->channels, channels)
        report_state(c);
}

/* Try again what failed before and is due. */
static void retry_targets(Outputs *o) {
        uint64_t next = USEC_INFINITY, now = now_usec();
        Target *t;

        LIST_FOREACH(t, &o->targets, targets) {
                int error = logfile_get_error(t->file);

                if (error == 0)
                        continue;
                if (error == EAGAIN || logfile_get_retry_usec(t->file) <= now) {
                        logfile_retry(t->file);
                        target_settle(t);
                }
                next = MIN(next, logfile_get_retry_usec(t->file));
        }

        o->armed_usec = 0; /* it may have run out: set it again in any case */
        arm_timer(o, next);
}

static int copy_pipes(Outputs *o) {
        struct epoll_event events[PIPES_PER_TURN];
        int n;

        n = epoll_wait(o->pipes_epoll_fd, events, ELEMENTSOF(events), 0);
        if (n < 0)
                return errno == EINTR ? 0 : -errno;

        for (int i = 0; i < n; i++)
                (void)pipe_copy(events[i].data.ptr, BYTES_PER_PIPE);
        return 0;
}

int outputs_dispatch(Outputs *o) {
        struct epoll_event events[8];
        bool retry = false;
        int n, r = 0;

        n = epoll_wait(o->epoll_fd, events, ELEMENTSOF(events), 0);
        if (n < 0)
                return errno == EINTR ? 0 : -errno;

        for (int i = 0; i < n; i++) {
                if (events[i].data.u64 == EVENT_PIPES)
                        r = copy_pipes(o);
                else
                        retry = true;
        }

        if (retry)
                retry_targets(o);
        return r;
}

void outputs_reopen(Outputs *o) {
        Target *t;

        LIST_FOREACH(t, &o->targets, targets) {
                logfile_reopen(t->file);
                target_settle(t);
        }
}
