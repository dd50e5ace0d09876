/*
 * Part of the log file (logfile.h): what is appended is written at once, queued for the thread,
 * kept for later, or dropped and counted, by whole lines.
 */
#include <string.h>

#include "log/logfile-private.h"

/* A log that gets a line now and then needs little; more is queued in larger pieces. */
#define PIECE_MIN ((size_t)512)
#define PIECE_MAX ((size_t)32 * 1024)

/* The end of a line whose beginning was taken is taken, too, though there is no room. */
#define END_MAX ((size_t)4096)

/* Less is copied: a block would hold more memory than bytes. */
#define GIVE_MIN (LOGBLOCK_SIZE / 4)

static uint64_t count_lines(const char *data, size_t size) {
        const char *end = data + size, *p = data;
        uint64_t n = 0;

        while (p < end) {
                p = memchr(p, '\n', (size_t)(end - p));
                n++;
                if (!p)
                        break;
                p++;
        }

        return n;
}

static void drop(LogTally *t, const char *data, size_t size) {
        t->dropped_bytes += size;
        t->dropped_lines += count_lines(data, size);
        t->dropping = data[size - 1] != '\n';
        if (t->mid_line)
                t->torn = true;
        t->mid_line = false;
}

/* With the lock: have it written, and its writers pause if that is too much. */
static void note_queued(LogFile *f, size_t size) {
        f->queued += size;
        if (!logfile_is_attached(f))
                return;

        strand_account(&f->strand, (int64_t)size);
        if (f->state.error == 0) {
                strand_schedule(&f->strand);
                f->wants_room |= f->queued >= BUSY_BYTES;
                f->is_busy = f->wants_room;
        }
}

/* May @size bytes be put behind what @item has? */
static bool has_room(LogFile *f, const Item *item, size_t size) {
        if (!item || item->kind != ITEM_DATA || item->room - item->end < size)
                return false;
        return !f->strand.is_ordered || item->stamp == strand_stamp(&f->strand);
}

static size_t room_for(const LogFile *f, size_t size) {
        size_t room = MIN(f->queued, PIECE_MAX);

        room = MAX(room, PIECE_MIN);
        return MAX(room, size);
}

/* With the lock: put @data at the end of the queue. Returns false without memory. */
static bool queue_data(LogFile *f, const char *data, size_t size) {
        Item *item = TAILQ_LAST(&f->queue, Items);

        if (!has_room(f, item, size)) {
                item = item_new(ITEM_DATA, room_for(f, size));
                if (!item)
                        return false;
                logfile_queue(f, item);
        }

        memcpy(item->data + item->end, data, size);
        item->end += size;
        note_queued(f, size);
        return true;
}

/* How much of @data may be queued, in whole lines. */
static size_t fit(const LogFile *f, const LogTally *t, const char *data, size_t size) {
        size_t limit = logfile_is_attached(f) && f->state.error == 0 ? QUEUE_MAX : KEPT_MAX;
        size_t room = limit > f->queued ? limit - f->queued : 0;
        const char *end;

        if (size <= room)
                return size;

        end = room > 0 ? memrchr(data, '\n', room) : NULL;
        if (!end && t->mid_line)
                end = memchr(data, '\n', MIN(size, END_MAX));
        if (end)
                return (size_t)(end + 1 - data);
        return f->queued == 0 ? room : 0; /* something must be kept: that is what is retried */
}

static size_t keep(LogFile *f, const LogTally *t, const char *data, size_t size) {
        size_t n;

        logfile_lock(f);
        n = fit(f, t, data, size);
        if (n > 0 && !queue_data(f, data, n))
                n = 0;
        logfile_unlock(f);
        return n;
}

/* The length of what in @data still belongs to a line whose beginning was dropped. */
static size_t skip_dropped(LogTally *t, const char *data, size_t size) {
        const char *end;
        size_t n = size;

        if (!t->dropping)
                return 0;

        end = memchr(data, '\n', size);
        if (end) {
                t->dropping = false;
                n = (size_t)(end + 1 - data);
        }

        /* The newline of a torn line is not lost but written late. */
        t->dropped_bytes += n - (end && t->torn ? 1 : 0);
        return n;
}

/* Write at once, unless a thread does it or something is kept that comes first. */
static size_t write_now(LogFile *f, const char *data, size_t size) {
        size_t n;

        if (logfile_is_attached(f) || f->state.error != 0 || f->queued > 0)
                return 0;

        n = appender_put(f->appender, data, size);
        f->state = f->posted = appender_get_state(f->appender);
        return n;
}

/* Write and keep what is possible; gives how much of @data that was. */
static size_t take(LogFile *f, LogTally *t, const char *data, size_t size) {
        size_t n;

        n = write_now(f, data, size);
        if (n < size)
                n += keep(f, t, data + n, size - n);
        if (n > 0)
                t->mid_line = data[n - 1] != '\n';
        return n;
}

static bool give_block(LogFile *f, LogTally *t, LogBlock **block, size_t size) {
        LogBlock *next = NULL;
        Item *item = *block;

        next = logblock_new(f->strand.writers);
        if (!next)
                return false;

        logfile_lock(f);
        item->kind = ITEM_DATA;
        item->begin = 0;
        item->end = size;
        logfile_queue(f, item);
        note_queued(f, size);
        logfile_unlock(f);

        t->mid_line = item->data[size - 1] != '\n';
        *block = next;
        return true;
}

void logfile_write_block(LogFile *f, LogTally *t, LogBlock **block, size_t size) {
        bool is_usual = logfile_is_attached(f) && f->state.error == 0 && !t->dropping && !t->torn;

        if (is_usual && size >= GIVE_MIN && logfile_get_kept(f) + size <= QUEUE_MAX &&
            give_block(f, t, block, size))
                return;

        logfile_write(f, t, logblock_data(*block), size);
}

void logfile_write(LogFile *f, LogTally *t, const char *data, size_t size) {
        size_t n;

        n = skip_dropped(t, data, size);
        data += n;
        size -= n;
        if (size == 0)
                return;

        /* End the torn line, or the next one would be glued to it. */
        if (t->torn && take(f, t, "\n", 1) == 1)
                t->torn = false;

        n = t->torn ? 0 : take(f, t, data, size);
        if (n < size)
                drop(t, data + n, size - n);
}
