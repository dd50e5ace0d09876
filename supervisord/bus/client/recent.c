#include "bus/client/recent.h"
#include "daemon/entry/history.h"

const RecentChange *recent_add(RecentChanges *r, const StateChange *change, ProcessConfig *config) {
        RecentChange *recent = &r->ring[(r->first + r->n) % RECENT_MAX];

        if (r->n == RECENT_MAX)
                r->first = (r->first + 1) % RECENT_MAX;
        else
                r->n++;
        process_config_unref(recent->config);
        *recent = (RecentChange){ .change = *change, .config = process_config_ref(config) };
        return recent;
}

const RecentChange *recent_get(const RecentChanges *r, size_t i) {
        return &r->ring[(r->first + i) % RECENT_MAX];
}

void recent_done(RecentChanges *r) {
        for (size_t i = 0; i < RECENT_MAX; i++)
                process_config_unref(r->ring[i].config);
        r->n = 0;
}
