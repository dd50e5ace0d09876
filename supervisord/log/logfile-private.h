/*
 * The inside of a log file, for the three files that implement logfile.h: logfile.c and
 * logfile-write.c (the loop's side) and logfile-work.c (the thread's). Who may touch what stands at
 * the members of LogFile.
 */
#pragma once

#include "log/appender.h"
#include "log/logfile.h"

/* Kept for a file that cannot be written now. What comes then is dropped. */
#define KEPT_MAX ((size_t)256 * 1024)

/* Queued for the thread: from here on writers are asked to pause … */
#define BUSY_BYTES ((size_t)512 * 1024)

/* … until no more than this is left. */
#define ROOM_BYTES ((size_t)128 * 1024)

/* How much may be queued in all: some writers cannot pause. */
#define QUEUE_MAX ((size_t)16 * 1024 * 1024)

typedef enum ItemKind {
        ITEM_DATA,
        ITEM_OPEN,
        ITEM_REOPEN,
        ITEM_ROTATE,
        ITEM_CLEAR,
        ITEM_JOB,
        ITEM_CLOSE, /* the last */
} ItemKind;

/* One thing to do with the file. What a LogBlock is to others. */
typedef struct LogBlock {
        ItemKind kind;
        uint64_t stamp;
        LogJob *job;
        size_t begin, end, room; /* of data[] */
        TAILQ_ENTRY(LogBlock) items;
        char data[];
} Item;

TAILQ_HEAD(Items, LogBlock);
TAILQ_HEAD(LogJobs, LogJob);

struct LogFile {
        Strand strand;
        Appender *appender; /* the thread's, once there is one; but its name, backups and suffix,
                               which do not change, are read by the loop as well */

        /* shared: only with the lock */
        struct Items queue;
        size_t queued; /* bytes, those included that the thread has taken and not written yet */
        bool wants_room;
        bool wants_answer; /* to a retry */
        AppenderState posted;
        struct LogJobs finished;

        /* the thread's: without a lock, as one thread at a time has the strand */
        struct Items taken;

        /* the loop's: without a lock */
        AppenderState state;
        bool is_busy;
        bool is_retrying;
        Item *closing; /* to be queued last; made early, so that closing needs no memory */
        LogFileOptions options;
};

/* The lock of the shared part; without a thread there is none. */
void logfile_lock(LogFile *file);
void logfile_unlock(LogFile *file);

/* Is there a thread? */
static inline bool logfile_is_attached(const LogFile *file) {
        return file->strand.writers;
}

/* With @room for data. Returns NULL without memory. */
Item *item_new(ItemKind kind, size_t room);

/* Its job, if it has one yet, is dropped. */
Item *item_free(Item *item);

/* With the lock: put @item at the end of the queue. */
void logfile_queue(LogFile *file, Item *item);

/* logfile-work.c: what a thread does, see StrandCalls; or the loop, where there is no thread. */
StrandResult logfile_work(Strand *strand, uint64_t until);

/* logfile-work.c: drop all that is left, and free. */
void logfile_destroy(LogFile *file);
