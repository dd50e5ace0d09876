#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "output/output-private.h"

/* A reader that takes nothing for so long does not hold up its writers any more. */
#define PATIENCE_USEC USEC_PER_SEC
#define WATCH_RETRY_USEC USEC_PER_SEC /* until pipes that could not be watched are tried again */

/* The number in /dev/stdout, /dev/stderr, /dev/fd/N and /proc/self/fd/N, or -1. */
static int path_to_fd(const char *path) {
        static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };

        if (strcmp(path, "/dev/stdout") == 0)
                return STDOUT_FILENO;
        if (strcmp(path, "/dev/stderr") == 0)
                return STDERR_FILENO;

        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                const char *number = path + strlen(folders[i]);

                if (strncmp(path, folders[i], strlen(folders[i])) == 0 && *number &&
                    strlen(number) <= 6 && strspn(number, "0123456789") == strlen(number))
                        return (int)strtol(number, NULL, 10);
        }

        return -1;
}

static void on_change(void *userdata) {
        target_settle(userdata);
}

static int target_new(Outputs *o, const LogTarget *config, const char *path, Target **ret) {
        _cleanup_(freep) Target *t = NULL;
        int r, fd;

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
        t->compress = config->compress;
        logfile_set_suffix(t->file, compress_suffix(config->compress));
        LIST_INIT(&t->channels);

        if (o->writers)
                logfile_attach(t->file, o->writers,
                               &(const LogFileOptions){ .on_change = on_change, .userdata = t });
        if (fd < 0)
                (void)logfile_open(t->file); /* target_settle() tells */

        *ret = TAKE_PTR(t);
        return 0;
}

int target_get(Outputs *o, const LogTarget *config, const char *path, Target **ret) {
        Target *t;
        int r;

        LIST_FOREACH(t, &o->targets, targets) {
                if (strcmp(logfile_get_path(t->file), path) == 0) {
                        t->n_ref++;
                        *ret = t;
                        return 0;
                }
        }

        r = target_new(o, config, path, &t);
        if (r < 0)
                return r;

        LIST_INSERT_HEAD(&o->targets, t, targets);
        *ret = t;
        return 0;
}

Target *target_put(Target *t) {
        if (!t || --t->n_ref > 0)
                return NULL;

        if (t->watched_fd >= 0)
                (void)epoll_ctl(t->outputs->epoll_fd, EPOLL_CTL_DEL, t->watched_fd, NULL);
        target_stop_compressing(t);
        LIST_REMOVE(t, targets);
        logfile_free(t->file);
        free(t);
        return NULL;
}

/* Have the event loop told when a slow reader takes data again. */
static void watch_target(Target *t) {
        struct epoll_event event = { .events = EPOLLOUT };
        int wanted;

        wanted = logfile_get_error(t->file) == EAGAIN && !logfile_is_retrying(t->file)
                         ? logfile_get_fd(t->file)
                         : -1;
        if (wanted == t->watched_fd)
                return;

        if (t->watched_fd >= 0)
                (void)epoll_ctl(t->outputs->epoll_fd, EPOLL_CTL_DEL, t->watched_fd, NULL);
        if (wanted >= 0 && epoll_ctl(t->outputs->epoll_fd, EPOLL_CTL_ADD, wanted, &event) < 0)
                wanted = -1; /* the end of our patience tries again */
        t->watched_fd = wanted;
}

/* Let the pipes into @t wait or flow. */
static void set_blocked(Target *t, bool blocked) {
        Channel *c;
        Pipe *p;

        if (t->is_blocked == blocked && !t->misses_pipes)
                return;

        t->is_blocked = blocked;
        t->misses_pipes = false;
        LIST_FOREACH(c, &t->channels, channels) {
                LIST_FOREACH(p, &c->pipes, pipes) {
                        t->misses_pipes |= pipe_watch(p, !blocked) < 0;
                }
        }
        if (t->misses_pipes) /* nobody would read them any more */
                outputs_retry_at(t->outputs, now_usec() + WATCH_RETRY_USEC);
}

/* A reader or a disk that is merely slow makes its writers wait, as a pipe would; one that is gone
 * or stopped makes nobody wait for long. Of a disk that stops we are told. */
static void update_blocked(Target *t) {
        size_t kept = logfile_get_kept(t->file);
        uint64_t now;

        if (logfile_get_error(t->file) != EAGAIN) {
                t->is_given_up = false;
                set_blocked(t, logfile_is_busy(t->file));
                return;
        }
        if (t->is_given_up) {
                set_blocked(t, false);
                return;
        }

        now = now_usec();
        if (!t->is_blocked || kept < t->blocked_kept)
                t->patient_usec = now + PATIENCE_USEC;
        t->blocked_kept = kept;
        t->is_given_up = now >= t->patient_usec;
        set_blocked(t, !t->is_given_up);
        if (!t->is_given_up)
                outputs_retry_at(t->outputs, t->patient_usec);
}

static void report_rotation(Channel *c, int error) {
        OutputEvent event = { .kind = OUTPUT_EVENT_ROTATION_FAILED, .error = error };

        if (error != 0 && c->reported_rotation_error == 0)
                channel_emit(c, &event);
        c->reported_rotation_error = error;
}

static void report_error(Channel *c, int error) {
        OutputEvent event = {};

        /* A slow reader is worth a word only when it has cost something. */
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
}

bool target_changed(const Target *t) {
        return logfile_get_error(t->file) != 0 || t->is_blocked || logfile_is_busy(t->file) ||
               t->is_given_up || logfile_get_rotations(t->file) != t->seen_rotations ||
               logfile_get_rotation_error(t->file) != 0;
}

void target_settle(Target *t) {
        Channel *c;

        watch_target(t);
        update_blocked(t);
        outputs_retry_at(t->outputs, logfile_get_retry_usec(t->file));

        LIST_FOREACH(c, &t->channels, channels) {
                report_error(c, logfile_get_error(t->file));
                report_rotation(c, logfile_get_rotation_error(t->file));
        }

        if (logfile_get_rotations(t->file) != t->seen_rotations) {
                t->seen_rotations = logfile_get_rotations(t->file);
                target_compress(t);
        }
}

/* Can the file of @t, which fails with @error, be tried again? */
static bool is_retry_due(const Target *t, int error, uint64_t now) {
        if (error == 0 || logfile_is_retrying(t->file))
                return false;
        return error == EAGAIN || logfile_get_retry_usec(t->file) <= now;
}

uint64_t target_retry(Target *t, uint64_t now) {
        int error = logfile_get_error(t->file);
        uint64_t next;

        if (is_retry_due(t, error, now))
                logfile_retry(t->file);
        if (error != 0 || t->misses_pipes)
                target_settle(t);

        next = logfile_get_retry_usec(t->file);
        if (t->misses_pipes)
                next = MIN(next, now + WATCH_RETRY_USEC);
        if (t->is_blocked && error == EAGAIN)
                next = MIN(next, t->patient_usec);
        return next;
}
