#include "manager/notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <systemd/sd-daemon.h>

/* What we ask for beyond our own bound: the time to reap, to log and to exit. */
#define MARGIN_USEC (5 * USEC_PER_SEC)

static uint64_t extension(uint64_t remaining_usec) {
        if (remaining_usec >= 2 * NOTIFY_EXTEND_INTERVAL_USEC)
                return 2 * NOTIFY_EXTEND_INTERVAL_USEC + MARGIN_USEC;
        return remaining_usec + MARGIN_USEC;
}

void notify_ready(const char *status) {
        (void)sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void notify_reloading(uint64_t now_usec) {
        (void)sd_notifyf(0,
                         "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=Reloading configuration",
                         now_usec);
}

void notify_stopping(uint64_t remaining_usec, const char *status) {
        (void)sd_notifyf(0, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%" PRIu64 "\nSTATUS=%s",
                         extension(remaining_usec), status);
}

void notify_extend(uint64_t remaining_usec) {
        (void)sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRIu64, extension(remaining_usec));
}

void notify_status(const char *format, ...) {
        _cleanup_(freep) char *status = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&status, format, ap);
        va_end(ap);
        if (r < 0) {
                status = NULL;
                return; /* the status stays as it was */
        }
        (void)sd_notifyf(0, "STATUS=%s", status);
}
