/*
 * A file (or FIFO, terminal, socket) that logs go to, shared by all streams that log to the same
 * path, as a file can be rotated by one owner only. It watches over its LogFile: what fails is
 * tried again, what is slow holds its writers up for a while, what was rotated away is compressed.
 * What is written it does not see; its users write to the LogFile, and are told how it fares.
 */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>

#include "config/model/config.h"
#include "log/logfile.h"
#include "output/output-event.h"

typedef struct Target Target;

/* One that logs to a target: embedded in its owner. */
typedef struct TargetUser {
        LIST_ENTRY(TargetUser) users;
} TargetUser;

/* What users are told. Errors are positive errnos, 0 if there is none. */
typedef struct TargetCalls {
        /* It has been looked at: @error is that of writing, @rotation_error that of the last
         * rotation, reopening or clearing. */
        void (*on_settled)(TargetUser *user, int error, int rotation_error);

        /* Stop reading what is to be written there, or go on. Returns 0, or -errno to be asked
         * again. */
        int (*hold)(TargetUser *user, bool is_held);

        /* Told to one user only: run a tool, see OUTPUT_EVENT_COMPRESS. */
        void (*on_compress)(TargetUser *user, const OutputCompress *tool);

        /* Told to one user only: a backup could not be compressed; the next rotation tries again.
         */
        void (*on_compress_failed)(TargetUser *user, int error);
} TargetCalls;

/* All of them. */
typedef struct TargetSet {
        const TargetCalls *calls;
        int outer_epoll_fd;  /* borrowed: what the event loop sees, for EPOLLOUT of slow readers */
        int retry_fd;        /* timer: something that failed can be tried again … */
        uint64_t retry_usec; /* … now */
        Writers *writers;    /* borrowed, or NULL */
        bool runs_tools;     /* is there anybody to compress? */
        unsigned last_compression;
        LIST_HEAD(Targets, Target) targets;
} TargetSet;

/* data.u64 of all that this puts into the outer epoll. */
#define TARGETS_EVENT UINT64_C(0)

/* Closed, and safe for target_set_done(). */
#define TARGET_SET_INIT \
        { .outer_epoll_fd = -1, .retry_fd = -1, .retry_usec = USEC_INFINITY }

/* Make the timer and put it into @outer_epoll_fd. Returns 0 or -errno. */
int target_set_open(TargetSet *set, int outer_epoll_fd);
void target_set_done(TargetSet *set); /* no target may be left */

/* To be called when the outer epoll has told TARGETS_EVENT: try again what is due. */
void target_set_retry(TargetSet *set);

/* Open every file anew by its name. */
void target_set_reopen(TargetSet *set);

/* The tool @id has ended. */
void target_set_compressed(TargetSet *set, unsigned id, bool succeeded);

/*
 * The target at @path, which is opened now if nobody uses it yet, as @config says; @user logs there
 * from now on. A file that cannot be opened is no error: target_settle() tells. Returns 0 or
 * -errno.
 */
int target_get(TargetSet *set,
               const LogTarget *config,
               const char *path,
               TargetUser *user,
               Target **ret);

/* @user does so no more; the last one takes the target with it. Returns NULL, as for NULL. */
Target *target_put(Target *target, TargetUser *user);

LogFile *target_get_file(const Target *target);

/* Are its users to wait for a slow reader or disk? */
bool target_is_blocked(const Target *target);

/* After anything was done with the file of @target: watch it, time the next attempt, tell its users
 * what became of it, compress what was rotated. target_changed() is false where nothing of this can
 * be needed: what is asked after each write. */
void target_settle(Target *target);
bool target_changed(const Target *target);
