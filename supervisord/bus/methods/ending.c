#include "bus/methods/ending.h"

#include <errno.h>
#include <string.h>

#include "bus/client/call-arguments.h"
#include "bus/client/connection.h"
#include "daemon/act/shutdown.h"
#include "daemon/reload.h"
#include "protocol/bus-names.h"

int method_shutdown(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        static const struct {
                const char *name;
                ShutdownMode mode;
        } modes[] = {
                { "graceful", SHUTDOWN_GRACEFUL },
                { "fast", SHUTDOWN_FAST },
                { "now", SHUTDOWN_NOW },
        };
        Supervisor *s = ((Connection *)userdata)->supervisor;
        const char *how;
        int r;

        r = sd_bus_message_read(m, "s", &how);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
                if (strcmp(modes[i].name, how) != 0)
                        continue;
                if (s->ending.restarts)
                        supervisor_stay_down(s);
                else if (modes[i].mode <= engine_shutdown_mode(s->engine))
                        return check_not_shutting_down(s->engine, error);
                r = sd_bus_reply_method_return(m, "");
                supervisor_shutdown(s, modes[i].mode);
                return r;
        }
        return call_fail(error, BUS_ERROR_BAD_ARGUMENT,
                         "cannot shut down %s, only graceful, fast or now", how);
}

int method_restart_daemon(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(freep) char *errors = NULL;
        Supervisor *s = ((Connection *)userdata)->supervisor;
        int r;

        r = check_not_shutting_down(s->engine, error);
        if (r >= 0) /* with errors in the file the new daemon would end at once */
                r = supervisor_load(s, NULL, &config, &errors);
        if (r < 0 && !sd_bus_error_is_set(error))
                return call_fail(error, BUS_ERROR_CANNOT_REREAD, "%s", errors ?: strerror(-r));
        if (r < 0)
                return r;
        r = sd_bus_reply_method_return(m, "");
        s->ending.restarts = true;
        supervisor_shutdown(s, SHUTDOWN_GRACEFUL);
        return r;
}
