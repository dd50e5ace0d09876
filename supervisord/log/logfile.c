/*
 * Part of the log file (logfile.h): its life and what its owner asks of it, on the loop's side.
 * What is appended is queued in logfile-write.c; what is queued is done in logfile-work.c, by a
 * thread.
 */
#include <errno.h>
#include <string.h>

#include "log/logfile-private.h"

void logfile_lock(LogFile *f) {
        if (f->strand.writers)
                writers_lock(f->strand.writers);
}

void logfile_unlock(LogFile *f) {
        if (f->strand.writers)
                writers_unlock(f->strand.writers);
}

/* ---------------------------------------------------------------- life */

static int new_log(Appender **appender, LogFile **ret) {
        LogFile *f;

        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;
        f->closing = item_new(ITEM_CLOSE, 0);
        if (!f->closing) {
                free(f);
                return -ENOMEM;
        }

        TAILQ_INIT(&f->queue);
        TAILQ_INIT(&f->taken);
        TAILQ_INIT(&f->finished);
        f->appender = TAKE_PTR(*appender);
        f->posted = f->state = appender_get_state(f->appender);
        *ret = f;
        return 0;
}

int logfile_new(const char *path, int64_t max_bytes, int64_t backups, LogFile **ret) {
        _cleanup_(appender_freep) Appender *appender = NULL;
        int r;

        r = appender_new(path, max_bytes, backups, &appender);
        return r < 0 ? r : new_log(&appender, ret);
}

int logfile_new_fd(int fd, const char *name, LogFile **ret) {
        _cleanup_(appender_freep) Appender *appender = NULL;
        int r;

        r = appender_new_fd(fd, name, &appender);
        return r < 0 ? r : new_log(&appender, ret);
}

Item *item_free(Item *item) {
        if (!item)
                return NULL;

        if (item->job)
                item->job->dropped(item->job);
        free(item);
        return NULL;
}

Item *item_new(ItemKind kind, size_t room) {
        Item *item;

        item = malloc(sizeof(*item) + room);
        if (item)
                *item = (Item){ .kind = kind, .room = room };
        return item;
}

LogBlock *logblock_new(Writers *writers) {
        Item *item = NULL;

        if (writers) {
                writers_lock(writers);
                item = writers_take(writers);
                writers_unlock(writers);
        }
        return item ? item : item_new(ITEM_DATA, LOGBLOCK_SIZE);
}

LogBlock *logblock_free(LogBlock *block) {
        return item_free(block);
}

char *logblock_data(LogBlock *block) {
        return block->data;
}

void logfile_queue(LogFile *f, Item *item) {
        if (logfile_is_attached(f))
                item->stamp = strand_stamp(&f->strand);
        TAILQ_INSERT_TAIL(&f->queue, item, items);
}

LogFile *logfile_free(LogFile *f) {
        if (!f)
                return NULL;

        /* Without a thread what still fails is counted nowhere any more. */
        if (!logfile_is_attached(f)) {
                if (f->queued > 0)
                        logfile_retry(f);
                logfile_destroy(f);
                return NULL;
        }

        logfile_lock(f);
        strand_forget(&f->strand);
        logfile_queue(f, TAKE_PTR(f->closing));
        strand_schedule(&f->strand);
        logfile_unlock(f);
        return NULL;
}

/* ---------------------------------------------------------------- what the thread tells */

/* See what has become of the file. @ret_finished are the jobs that are done. */
static void read_posted(LogFile *f, struct LogJobs *ret_finished) {
        logfile_lock(f);
        f->state = f->posted;
        if (logfile_is_attached(f) && f->strand.is_stuck && f->state.error == 0) {
                f->state.error = ETIMEDOUT;
                f->state.retry_usec = USEC_INFINITY;
        }
        f->is_busy = f->wants_room && f->state.error == 0;
        f->is_retrying = f->wants_answer;
        if (f->is_retrying)
                f->state.retry_usec = USEC_INFINITY;
        if (logfile_is_attached(f) && f->queued > 0 && f->state.error == 0)
                strand_schedule(&f->strand); /* was queued before that was known */
        TAILQ_CONCAT(ret_finished, &f->finished, jobs);
        logfile_unlock(f);
}

static void finish_jobs(struct LogJobs *finished) {
        LogJob *job;

        while ((job = TAILQ_FIRST(finished))) {
                TAILQ_REMOVE(finished, job, jobs);
                job->done(job);
        }
}

static void on_news(Strand *s) {
        LogFile *f = (LogFile *)((char *)s - offsetof(LogFile, strand));
        struct LogJobs finished = TAILQ_HEAD_INITIALIZER(finished);

        read_posted(f, &finished);
        if (f->options.on_change)
                f->options.on_change(f->options.userdata);
        finish_jobs(&finished);
}

/* Have done what is queued: by the thread, or at once. */
static void have_done(LogFile *f) {
        struct LogJobs finished = TAILQ_HEAD_INITIALIZER(finished);

        if (logfile_is_attached(f)) {
                logfile_lock(f);
                strand_schedule(&f->strand);
                logfile_unlock(f);
                return;
        }

        (void)logfile_work(&f->strand, UINT64_MAX);
        read_posted(f, &finished);
        finish_jobs(&finished);
}

void logfile_attach(LogFile *f, Writers *writers, const LogFileOptions *options) {
        static const StrandCalls calls = { .work = logfile_work, .on_news = on_news };

        if (!options->is_ordered && !appender_may_block(f->appender))
                return;

        f->options = *options;
        f->strand.calls = &calls;
        f->strand.writers = writers;
        f->strand.is_ordered = options->is_ordered;
}

/* ---------------------------------------------------------------- what is known */

void logfile_set_suffix(LogFile *f, const char *suffix) {
        appender_set_suffix(f->appender, suffix);
}

uint64_t logfile_get_rotations(const LogFile *f) {
        return f->state.rotations;
}

int64_t logfile_get_backups(const LogFile *f) {
        return appender_get_backups(f->appender);
}

const char *logfile_get_path(const LogFile *f) {
        return appender_get_path(f->appender);
}

int logfile_get_error(const LogFile *f) {
        return f->state.error;
}

int logfile_get_rotation_error(const LogFile *f) {
        return f->state.rotation_error;
}

uint64_t logfile_get_retry_usec(const LogFile *f) {
        return f->state.retry_usec;
}

int logfile_get_fd(const LogFile *f) {
        return f->state.fd;
}

bool logfile_is_regular(const LogFile *f) {
        return f->state.is_regular;
}

bool logfile_is_busy(const LogFile *f) {
        return f->is_busy;
}

size_t logfile_get_kept(const LogFile *f) {
        Writers *writers = f->strand.writers;
        size_t n;

        if (!writers)
                return f->queued;

        writers_lock(writers);
        n = f->queued;
        writers_unlock(writers);
        return n;
}

/* ---------------------------------------------------------------- what is to be done */

static int run_item(LogFile *f, ItemKind kind) {
        Item *item;

        item = item_new(kind, 0);
        if (!item)
                return -ENOMEM;

        logfile_lock(f);
        logfile_queue(f, item);
        logfile_unlock(f);
        have_done(f);
        return 0;
}

int logfile_open(LogFile *f) {
        int r;

        r = run_item(f, ITEM_OPEN);
        return r < 0 || logfile_is_attached(f) ? r : -f->state.error;
}

void logfile_reopen(LogFile *f) {
        (void)run_item(f, ITEM_REOPEN); /* without memory the old file is written on */
}

static int run_on_regular(LogFile *f, ItemKind kind) {
        int r;

        if (!appender_may_block(f->appender) || (f->state.fd >= 0 && !f->state.is_regular))
                return -ENOTTY;

        r = run_item(f, kind);
        return r < 0 || logfile_is_attached(f) ? r : -f->state.rotation_error;
}

int logfile_rotate(LogFile *f) {
        return run_on_regular(f, ITEM_ROTATE);
}

int logfile_clear(LogFile *f) {
        return run_on_regular(f, ITEM_CLEAR);
}

void logfile_retry(LogFile *f) {
        if (logfile_is_attached(f)) {
                logfile_lock(f);
                f->wants_answer = f->is_retrying = true;
                logfile_unlock(f);
                f->state.retry_usec = USEC_INFINITY;
        }
        have_done(f);
}

bool logfile_is_retrying(const LogFile *f) {
        return f->is_retrying;
}

int logfile_run(LogFile *f, LogJob *job) {
        Item *item;

        item = item_new(ITEM_JOB, 0);
        if (!item) {
                job->dropped(job);
                return -ENOMEM;
        }

        item->job = job;
        logfile_lock(f);
        logfile_queue(f, item);
        logfile_unlock(f);
        have_done(f);
        return 0;
}
