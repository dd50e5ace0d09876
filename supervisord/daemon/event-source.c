#include "daemon/event-source.h"

#include <string.h>
#include <sys/epoll.h>

#include "daemon/entry/supervisor-state.h"
#include "daemon/entry/wording.h"
#include "log/log.h"

int supervisor_watch_signal(Supervisor *s,
                            int signo,
                            sd_event_signal_handler_t handler,
                            int64_t priority) {
        sd_event_source *source = NULL;
        int r;

        r = sd_event_add_signal(s->event, &source, signo, handler, s);
        if (r >= 0)
                r = sd_event_source_set_priority(source, priority);
        if (r >= 0)
                r = sd_event_source_set_floating(source, true);
        sd_event_source_unref(source);
        if (r < 0)
                log_critical("cannot watch for %s: %s", words_signal(signo), strerror(-r));
        return r;
}

int supervisor_watch_fd(Supervisor *s, int fd, sd_event_io_handler_t handler, int64_t priority) {
        sd_event_source *source = NULL;
        int r;

        if (fd < 0)
                return 0;
        r = sd_event_add_io(s->event, &source, fd, EPOLLIN, handler, s);
        if (r >= 0)
                r = sd_event_source_set_priority(source, priority);
        if (r >= 0)
                r = sd_event_source_set_floating(source, true);
        sd_event_source_unref(source);
        if (r < 0)
                log_critical("cannot watch a descriptor: %s", strerror(-r));
        return r;
}
