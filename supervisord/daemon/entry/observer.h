/*
 * Those who want to know what happens to the processes of the table: the clients on the control
 * socket, and whatever else is to follow it. The daemon tells all of them, in the turn in which it
 * happens, and knows none of them.
 *
 * An observer may look at anything while it is told. What it wants to be done it orders as anybody
 * does, which takes effect afterwards.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "daemon/entry/history.h"

typedef struct Supervisor Supervisor;
struct GroupChanges;

typedef struct ProcessNews {
        const StateChange *change; /* its visible state is another; NULL: it is not */
        bool ready_changed;        /* it is ready, or is not any more */
        bool is_ready;
} ProcessNews;

typedef struct Observer {
        /* Something has changed for the process at @index of the table. */
        void (*process_changed)(void *userdata, size_t index, const ProcessNews *news);

        /* It vanishes from the table; it is still there to look at. */
        void (*process_removed)(void *userdata, size_t index);

        /*
         * What processes can still reach may be different, though none of them has changed: goals
         * are others, or one has ended that they had waited for.
         */
        void (*prospects_changed)(void *userdata);

        /* These groups were added, changed or removed. */
        void (*configuration_changed)(void *userdata, const struct GroupChanges *groups);

        /* A shutdown begins, or becomes a harder one: "graceful", "fast", "now" or "restart". */
        void (*shutdown_began)(void *userdata, const char *how);

        void *userdata;
        LIST_ENTRY(Observer) others;
} Observer;

LIST_HEAD(ObserverList, Observer);

/* @o, which stays the caller's and has all functions, is told from now on, and not any more. */
void supervisor_add_observer(Supervisor *s, Observer *o);
void supervisor_remove_observer(Supervisor *s, Observer *o);

/* Tell all observers what the functions of the same names are about. */
void supervisor_observe_process(const Supervisor *s, size_t index, const ProcessNews *news);
void supervisor_observe_removal(const Supervisor *s, size_t index);
void supervisor_observe_prospects(const Supervisor *s);
void supervisor_observe_configuration(const Supervisor *s, const struct GroupChanges *groups);
void supervisor_observe_shutdown(const Supervisor *s, const char *how);
