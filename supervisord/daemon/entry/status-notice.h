/*
 * What the service manager shows about the daemon may be different now.
 */
#pragma once

#include <systemd/sd-event.h>

typedef struct Supervisor Supervisor;

/*
 * Call @handler with @s when it has to be told: some time after supervisor_status_changed(), so
 * that a crash loop does not flood it.
 */
int status_notice_init(Supervisor *s, sd_event_time_handler_t handler);

/* What the service manager shows about us may have changed. */
void supervisor_status_changed(Supervisor *s);
