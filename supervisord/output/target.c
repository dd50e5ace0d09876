/*
 * Files that logs go to: see target.h. It decides when to retry, when to make writers wait and for
 * how long; how a file is written and rotated is in log/logfile.h.
 */
#include "output/target.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "output/compress-job.h"
#include "output/compress.h"

/* A reader that takes nothing for so long does not hold up its writers any more. */
#define PATIENCE_USEC USEC_PER_SEC
#define HOLD_RETRY_USEC USEC_PER_SEC /* until users that could not be let go on are asked again */

struct Target {
        TargetSet *set;
        LogFile *file;

        int watched_fd;    /* in the outer epoll for EPOLLOUT, or -1 */
        bool is_blocked;   /* a slow reader or disk: the users wait for it … */
        bool misses_users; /* some could not be held or let go: asked again */
        bool is_given_up;  /* it took nothing for too long: the users go on, lines are dropped */
        uint64_t patient_usec; /* … a reader until then, unless it takes something */
        size_t blocked_kept;   /* what it had not taken when that was set */

        LogCompress compress;
        CompressJob *compressing; /* the one that runs, or NULL */
        uint64_t seen_rotations;

        LIST_HEAD(TargetUsers, TargetUser) users;
        LIST_ENTRY(Target) targets;
};

/* ---------------------------------------------------------------- all of them */

int target_set_open(TargetSet *set, int outer_epoll_fd) {
        struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u64 = TARGETS_EVENT };

        LIST_INIT(&set->targets);
        set->outer_epoll_fd = outer_epoll_fd;
        set->retry_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        if (set->retry_fd < 0)
                return -errno;
        return epoll_ctl(outer_epoll_fd, EPOLL_CTL_ADD, set->retry_fd, &event) < 0 ? -errno : 0;
}

void target_set_done(TargetSet *set) {
        set->retry_fd = safe_close(set->retry_fd);
}

static void set_retry(TargetSet *set, uint64_t when_usec) {
        timer_set_at(set->retry_fd, when_usec);
        set->retry_usec = when_usec;
}

/* Have target_set_retry() called at @when_usec at the latest. */
static void retry_at(TargetSet *set, uint64_t when_usec) {
        if (when_usec < set->retry_usec)
                set_retry(set, when_usec);
}

/* ---------------------------------------------------------------- life */

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

static int target_new(TargetSet *set, const LogTarget *config, const char *path, Target **ret) {
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

        t->set = set;
        t->watched_fd = -1;
        t->compress = config->compress;
        logfile_set_suffix(t->file, compress_suffix(config->compress));
        LIST_INIT(&t->users);

        if (set->writers)
                logfile_attach(t->file, set->writers,
                               &(const LogFileOptions){ .on_change = on_change, .userdata = t });
        if (fd < 0)
                (void)logfile_open(t->file); /* target_settle() tells */

        *ret = TAKE_PTR(t);
        return 0;
}

static Target *target_find(const TargetSet *set, const char *path) {
        Target *t;

        LIST_FOREACH(t, &set->targets, targets) {
                if (strcmp(logfile_get_path(t->file), path) == 0)
                        return t;
        }
        return NULL;
}

int target_get(TargetSet *set,
               const LogTarget *config,
               const char *path,
               TargetUser *user,
               Target **ret) {
        Target *t = target_find(set, path);
        int r;

        if (!t) {
                r = target_new(set, config, path, &t);
                if (r < 0)
                        return r;
                LIST_INSERT_HEAD(&set->targets, t, targets);
        }

        LIST_INSERT_HEAD(&t->users, user, users);
        *ret = t;
        return 0;
}

Target *target_put(Target *t, TargetUser *user) {
        if (!t)
                return NULL;

        LIST_REMOVE(user, users);
        if (!LIST_EMPTY(&t->users))
                return NULL;

        if (t->watched_fd >= 0)
                (void)epoll_ctl(t->set->outer_epoll_fd, EPOLL_CTL_DEL, t->watched_fd, NULL);
        compress_job_stop(&t->compressing);
        LIST_REMOVE(t, targets);
        logfile_free(t->file);
        free(t);
        return NULL;
}

LogFile *target_get_file(const Target *t) {
        return t->file;
}

bool target_is_blocked(const Target *t) {
        return t->is_blocked;
}

/* ---------------------------------------------------------------- slow readers */

/* Have the event loop told when a slow reader takes data again. */
static void watch_target(Target *t) {
        struct epoll_event event = { .events = EPOLLOUT, .data.u64 = TARGETS_EVENT };
        int wanted;

        wanted = logfile_get_error(t->file) == EAGAIN && !logfile_is_retrying(t->file)
                         ? logfile_get_fd(t->file)
                         : -1;
        if (wanted == t->watched_fd)
                return;

        if (t->watched_fd >= 0)
                (void)epoll_ctl(t->set->outer_epoll_fd, EPOLL_CTL_DEL, t->watched_fd, NULL);
        if (wanted >= 0 && epoll_ctl(t->set->outer_epoll_fd, EPOLL_CTL_ADD, wanted, &event) < 0)
                wanted = -1; /* the end of our patience tries again */
        t->watched_fd = wanted;
}

/* Let the users of @t wait or go on. */
static void set_blocked(Target *t, bool blocked) {
        TargetUser *user;

        if (t->is_blocked == blocked && !t->misses_users)
                return;

        t->is_blocked = blocked;
        t->misses_users = false;
        LIST_FOREACH(user, &t->users, users) {
                t->misses_users |= t->set->calls->hold(user, blocked) < 0;
        }
        if (t->misses_users) /* else nothing might read their pipes any more */
                retry_at(t->set, now_usec() + HOLD_RETRY_USEC);
}

/* A reader or a disk that is merely slow makes its writers wait, as a pipe would; one that is gone
 * or stopped makes no writer wait for long. The thread tells of a disk that hangs. */
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
                retry_at(t->set, t->patient_usec);
}

/* ---------------------------------------------------------------- compressing */

/* A backup stays uncompressed until the next rotation, which tries it again. */
static void tell_compress_failed(const Target *t, int error) {
        TargetUser *user = LIST_FIRST(&t->users);

        if (error > 0 && user)
                t->set->calls->on_compress_failed(user, error);
}

static bool on_tool(void *userdata, const OutputCompress *tool) {
        const Target *t = userdata;
        TargetUser *user = LIST_FIRST(&t->users);

        if (user)
                t->set->calls->on_compress(user, tool);
        return user;
}

static void compress_next(Target *t);

static void on_compress_ended(void *userdata, bool compressed, int error) {
        Target *t = userdata;

        if (compressed)
                compress_next(t); /* what was rotated meanwhile */
        else
                tell_compress_failed(t, error);
}

static void compress_next(Target *t) {
        static const CompressJobCalls calls = { .on_tool = on_tool, .on_end = on_compress_ended };
        int r;

        if (t->compress == LOG_COMPRESS_NONE || t->compressing || !t->set->runs_tools)
                return;

        r = compress_job_begin(&(const CompressJobOptions){ .file = t->file,
                                                            .kind = t->compress,
                                                            .id = ++t->set->last_compression,
                                                            .calls = &calls,
                                                            .userdata = t },
                               &t->compressing);
        tell_compress_failed(t, -r);
}

/* ---------------------------------------------------------------- after something was done */

bool target_changed(const Target *t) {
        return logfile_get_error(t->file) != 0 || t->is_blocked || logfile_is_busy(t->file) ||
               t->is_given_up || logfile_get_rotations(t->file) != t->seen_rotations ||
               logfile_get_rotation_error(t->file) != 0;
}

void target_settle(Target *t) {
        TargetUser *user;

        watch_target(t);
        update_blocked(t);
        retry_at(t->set, logfile_get_retry_usec(t->file));

        LIST_FOREACH(user, &t->users, users) {
                t->set->calls->on_settled(user, logfile_get_error(t->file),
                                          logfile_get_rotation_error(t->file));
        }

        if (logfile_get_rotations(t->file) != t->seen_rotations) {
                t->seen_rotations = logfile_get_rotations(t->file);
                compress_next(t);
        }
}

/* Can the file of @t, which fails with @error, be tried again? */
static bool is_retry_due(const Target *t, int error, uint64_t now) {
        if (error == 0 || logfile_is_retrying(t->file))
                return false;
        return error == EAGAIN || logfile_get_retry_usec(t->file) <= now;
}

/* Try again what is due; gives when to do so next. */
static uint64_t retry(Target *t, uint64_t now) {
        int error = logfile_get_error(t->file);
        uint64_t next;

        if (is_retry_due(t, error, now))
                logfile_retry(t->file);
        if (error != 0 || t->misses_users)
                target_settle(t);

        next = logfile_get_retry_usec(t->file);
        if (t->misses_users)
                next = MIN(next, now + HOLD_RETRY_USEC);
        if (t->is_blocked && error == EAGAIN)
                next = MIN(next, t->patient_usec);
        return next;
}

void target_set_retry(TargetSet *set) {
        uint64_t now = now_usec(), next = USEC_INFINITY;
        Target *t;

        LIST_FOREACH(t, &set->targets, targets) {
                next = MIN(next, retry(t, now));
        }
        set_retry(set, next);
}

void target_set_reopen(TargetSet *set) {
        Target *t;

        LIST_FOREACH(t, &set->targets, targets) {
                logfile_reopen(t->file);
                target_settle(t);
        }
}

void target_set_compressed(TargetSet *set, unsigned id, bool succeeded) {
        Target *t;

        LIST_FOREACH(t, &set->targets, targets) {
                compress_job_tool_ended(t->compressing, id, succeeded);
        }
}
