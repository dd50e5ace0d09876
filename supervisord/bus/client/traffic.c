#include "bus/client/traffic.h"

#include <sys/epoll.h>

#define UNSENT_MAX 4096 /* messages queued for a client that does not read */

uint64_t traffic_unsent(sd_bus *link) {
        uint64_t n = 0;

        (void)sd_bus_get_n_queued_write(link, &n);
        return n;
}

TrafficState traffic_arm(Traffic *t, sd_bus *link) {
        uint64_t n_write = traffic_unsent(link), n_read = 0;
        int events = sd_bus_get_events(link);

        if (events < 0 || sd_bus_is_open(link) <= 0)
                return TRAFFIC_IS_OVER;
        if (n_write > UNSENT_MAX)
                return TRAFFIC_PILES_UP;
        (void)sd_bus_get_n_queued_read(link, &n_read);
        if (n_write > 0)
                events = EPOLLOUT;
        (void)sd_event_source_set_io_events(t->io, (uint32_t)events);
        (void)sd_event_source_set_enabled(t->more, n_write == 0 && n_read > 0 ? SD_EVENT_ONESHOT
                                                                              : SD_EVENT_OFF);
        return TRAFFIC_GOES_ON;
}

void traffic_stop(Traffic *t) {
        (void)sd_event_source_set_enabled(t->io, SD_EVENT_OFF);
        (void)sd_event_source_set_enabled(t->more, SD_EVENT_OFF);
}

void traffic_done(Traffic *t) {
        sd_event_source_disable_unref(t->io);
        sd_event_source_disable_unref(t->more);
        sd_event_source_disable_unref(t->patience);
}
