#include "core/health.h"

#include <string.h>

#include "base/macro.h"

/* A configured duration in µs: negative ones act like 0. */
static uint64_t usec_of(int64_t configured) {
        if (configured == DURATION_INFINITY)
                return USEC_INFINITY;
        return configured > 0 ? (uint64_t)configured : 0;
}

static uint64_t sum(uint64_t a, uint64_t b) {
        return b > USEC_INFINITY - a ? USEC_INFINITY : a + b;
}

static void plan_next(Health *h, const ProcessConfig *c, uint64_t now_usec) {
        uint64_t interval = usec_of(c->settings->healthcheck_interval_usec);

        h->next_usec = sum(now_usec, MAX(interval, HEALTH_INTERVAL_MIN_USEC));
}

void health_begin(Health *h, const ProcessConfig *c, uint64_t spawned_usec, uint64_t now_usec) {
        *h = (Health){
                .forgiving_usec =
                        sum(spawned_usec, usec_of(c->settings->healthcheck_start_period_usec)),
        };
        plan_next(h, c, now_usec);
}

HealthState health_checked(Health *h, const ProcessConfig *c, bool succeeded, uint64_t now_usec) {
        plan_next(h, c, now_usec);
        if (succeeded) {
                h->failures = 0;
                h->forgiving_usec = 0;
                return h->state = HEALTH_GOOD;
        }
        if (now_usec < h->forgiving_usec)
                return h->state;
        h->failures++;
        if ((int64_t)h->failures < c->settings->healthcheck_retries)
                return h->state = HEALTH_FAILING;
        h->next_usec = USEC_INFINITY;
        return h->state = HEALTH_BAD;
}

uint64_t health_timeout_usec(const ProcessConfig *c) {
        return usec_of(c->settings->healthcheck_timeout_usec);
}

bool health_differs(const ProcessConfig *a, const ProcessConfig *b) {
        return strcmp(a->settings->healthcheck.text ?: "", b->settings->healthcheck.text ?: "") !=
                       0 ||
               a->settings->healthcheck_interval_usec != b->settings->healthcheck_interval_usec;
}

const char *health_to_string(HealthState state) {
        static const char *const names[] = {
                [HEALTH_UNKNOWN] = "unknown",
                [HEALTH_GOOD] = "healthy",
                [HEALTH_FAILING] = "failing",
                [HEALTH_BAD] = "unhealthy",
        };

        return names[state];
}
