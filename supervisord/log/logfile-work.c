/*
 * Part of the log file (logfile.h): what is queued for it is done here, in a thread of the writers,
 * or at once if it has none. Only the queue and what is posted are shared with the loop's side, and
 * touched with the lock.
 */
#include <stddef.h>

#include "log/logfile-private.h"

static LogFile *from_strand(Strand *s) {
        return (LogFile *)((char *)s - offsetof(LogFile, strand));
}

static void drop_items(struct Items *items) {
        Item *item;

        while ((item = TAILQ_FIRST(items))) {
                TAILQ_REMOVE(items, item, items);
                (void)item_free(item);
        }
}

/* Give up all that @f has; what this closes may block. */
static void release(LogFile *f) {
        LogJob *job;

        drop_items(&f->taken);
        drop_items(&f->queue);
        while ((job = TAILQ_FIRST(&f->finished))) {
                TAILQ_REMOVE(&f->finished, job, jobs);
                job->dropped(job);
        }
        f->closing = item_free(f->closing);
        f->appender = appender_free(f->appender);
}

void logfile_destroy(LogFile *f) {
        release(f);
        free(f);
}

/* Take over what is queued; true if something has to stay. */
static bool take_items(LogFile *f, uint64_t until) {
        Item *item;

        if (!f->strand.is_ordered) {
                TAILQ_CONCAT(&f->taken, &f->queue, items);
                return false;
        }

        while ((item = TAILQ_FIRST(&f->queue)) && item->stamp < until) {
                TAILQ_REMOVE(&f->queue, item, items);
                TAILQ_INSERT_TAIL(&f->taken, item, items);
        }
        return item;
}

/* So many bytes less; tell writers that pause for it. */
static void note_written(LogFile *f, size_t n) {
        logfile_lock(f);
        f->queued -= n;
        if (f->strand.writers) {
                strand_progress(&f->strand);
                strand_account(&f->strand, -(int64_t)n);
                if (f->wants_room && f->queued <= ROOM_BYTES) {
                        f->wants_room = false;
                        strand_tell(&f->strand);
                }
        }
        logfile_unlock(f);
}

/* Returns whether all of it is written. */
static bool write_data(LogFile *f, Item *item) {
        size_t n;

        n = appender_put(f->appender, item->data + item->begin, item->end - item->begin);
        item->begin += n;
        note_written(f, n);
        return item->begin == item->end;
}

static void do_job(LogFile *f, Item *item) {
        LogJob *job = TAKE_PTR(item->job);

        job->work(job);
        logfile_lock(f);
        TAILQ_INSERT_TAIL(&f->finished, job, jobs);
        if (f->strand.writers)
                strand_tell(&f->strand);
        logfile_unlock(f);
}

static void do_item(LogFile *f, Item *item) {
        switch (item->kind) {
        case ITEM_OPEN:
                (void)appender_open(f->appender); /* it keeps the error, as the next ones do */
                return;
        case ITEM_REOPEN:
                appender_reopen(f->appender);
                return;
        case ITEM_ROTATE:
                (void)appender_rotate(f->appender);
                return;
        case ITEM_CLEAR:
                (void)appender_clear(f->appender);
                return;
        case ITEM_JOB:
                do_job(f, item);
                return;
        case ITEM_DATA:
        case ITEM_CLOSE:
                return;
        }
}

static bool recycle(LogFile *f, Item *item) {
        bool kept;

        if (!f->strand.writers || item->room != LOGBLOCK_SIZE)
                return false;

        logfile_lock(f);
        kept = writers_keep(f->strand.writers, item);
        logfile_unlock(f);
        return kept;
}

/* Data that cannot be written stays queued, but opening, rotating and so on are done all the same:
 * they may be what helps. True if the log is to be closed. */
static bool do_items(LogFile *f) {
        bool failing = false, closing = false;
        Item *item, *next;

        for (item = TAILQ_FIRST(&f->taken); item; item = next) {
                next = TAILQ_NEXT(item, items);
                if (item->kind == ITEM_DATA) {
                        failing = failing || !write_data(f, item);
                        if (failing)
                                continue;
                } else {
                        do_item(f, item);
                        closing |= item->kind == ITEM_CLOSE;
                }
                TAILQ_REMOVE(&f->taken, item, items);
                if (!recycle(f, item))
                        (void)item_free(item);
        }

        return closing;
}

static bool is_same_state(const AppenderState *a, const AppenderState *b) {
        return a->error == b->error && a->retry_usec == b->retry_usec &&
               a->rotation_error == b->rotation_error && a->rotations == b->rotations &&
               a->fd == b->fd && a->is_regular == b->is_regular;
}

StrandResult logfile_work(Strand *s, uint64_t until) {
        LogFile *f = from_strand(s);
        AppenderState state;
        bool more;

        logfile_lock(f);
        more = take_items(f, until);
        logfile_unlock(f);

        if (do_items(f)) {
                release(f);
                logfile_lock(f);
                strand_end(s);
                logfile_unlock(f);
                free(f);
                return STRAND_GONE;
        }

        state = appender_get_state(f->appender);
        logfile_lock(f);
        if (!is_same_state(&state, &f->posted) || f->wants_answer) {
                f->posted = state;
                f->wants_answer = false;
                if (s->writers)
                        strand_tell(s);
        }
        logfile_unlock(f);
        return more ? STRAND_MORE : STRAND_DONE;
}
