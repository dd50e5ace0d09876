#include "main/log-threads.h"

#include <inttypes.h>
#include <string.h>

#include "log/log.h"

/* More than one thread is of use only while disks hang. */
#define WRITERS_MAX 8

/* How long the end waits for a disk. */
#define LAST_WRITES_USEC (5 * USEC_PER_SEC)

Writers *log_threads_begin(void) {
        Writers *writers = NULL;
        int r;

        r = writers_new(WRITERS_MAX, &writers);
        if (r < 0) {
                log_warn("cannot start a thread that writes logs, a slow disk will hold up "
                         "everything: %s",
                         strerror(-r));
                return NULL;
        }

        log_use_writers(writers);
        return writers;
}

void log_threads_end(Writers *writers) {
        uint64_t patience_usec = LAST_WRITES_USEC, n;

        if (!writers) {
                log_close();
                return;
        }

        if (writers_wait(writers, patience_usec) < 0)
                patience_usec = USEC_PER_SEC; /* for the rest, if that can be written at all */
        writers_dispatch(writers);            /* what has ended may log, and begin the next */
        n = writers_get_pending(writers);
        if (n > 0)
                log_warn("%" PRIu64 " bytes of logs could not be written, they are lost", n);
        log_close();
        (void)writers_wait(writers, patience_usec); /* nobody is left to tell */
        writers_dispatch(writers);
        writers_free(writers);
}
