/*
 * Calls that are answered when processes have reached what was asked for: an operation
 * (operation.h) and the message that began it. It gathers results until nobody is awaited any more,
 * its time is up, or the client goes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bus/client/call-arguments.h"
#include "bus/client/connection.h"
#include "bus/client/operation.h"
#include "bus/client/select.h"

typedef struct BusWait BusWait;

typedef struct WaitRequest {
        OperationRules rules; /* but for its functions */
        WaitOptions options;
        bool is_single; /* of a process's own object: answered with nothing or with its error */
        bool is_muted;  /* results of processes are left out: the caller has added others */
} WaitRequest;

/* A call that is answered later. Returns 0, or negative with *error set. */
int wait_new(Connection *c,
             sd_bus_message *call,
             const WaitRequest *request,
             BusWait **ret,
             sd_bus_error *error);

/* Answer nothing and forget it. NULL is fine. Returns NULL. */
BusWait *wait_free(BusWait *w);
DEFINE_CLEANUP(BusWait, wait_free);

/* Add a result that is known at once. */
void wait_add_result(BusWait *w, const OperationResult *result);

/* Add a result for each name of @selection that means nothing. */
void wait_add_all_unknown(BusWait *w, const Selection *selection);

Connection *wait_get_connection(const BusWait *w);
bool wait_is_single(const BusWait *w);
const char *wait_get_done(const BusWait *w); /* its word for what was reached */

/*
 * Wait for the process @index, which @is_down: of a restart only its start is awaited then. Returns
 * 0 or -ENOMEM.
 */
int wait_add(BusWait *w, size_t index, bool is_down);

/*
 * It is not answered before wait_release(). Should it be freed before, as nobody waits any more,
 * @on_left is called with @userdata instead.
 */
void wait_hold(BusWait *w, void (*on_left)(void *userdata), void *userdata);
void wait_release(BusWait *w);

/*
 * All is added: it is answered as soon as nobody is awaited any more, which may be now. Takes it
 * over. Returns 1, as the handler of the call does.
 */
int wait_begin(BusWait *w);

/* The wait of @c that the call with the serial @id began, or NULL. */
BusWait *wait_find(Connection *c, uint64_t id);

/* Answer that it was cancelled, and forget it. What the processes were told still holds. */
void wait_cancel(BusWait *w);

/*
 * For the observer of the daemon: results for those who wait, when the visible state of the process
 * @index is @state now or it has become ready; when it vanishes from the table; and when what
 * processes can still reach may have changed.
 */
void wait_process_changed(Clients *clients, size_t index, ProcessState state);
void wait_process_removed(Clients *clients, size_t index);
void wait_prospects_changed(Clients *clients);
