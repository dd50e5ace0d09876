/*
 * Rights, and what a message bus would answer. The right that a method needs stands in its row;
 * this holds it against what the configuration gives the client at this moment.
 */
#include "bus/filter.h"

#include <string.h>

#include "base/strv.h"
#include "bus/objects.h"
#include "log/log.h"
#include "protocol/bus-names.h"

Access connection_access(const Connection *c) {
        const DaemonConfig *config = &c->supervisor->config->daemon;

        return access_of(&c->peer, geteuid(), config->control_gid, config->control_mode);
}

/* The names that a call is about, for the log; "" if it has none or they cannot be told. */
static void describe_arguments(sd_bus_message *m, char *buffer, size_t size) {
        const char *signature = sd_bus_message_get_signature(m, true), *text = NULL;
        _cleanup_(strv_freep) char **names = NULL;
        size_t used = 0;

        buffer[0] = '\0';
        for (; signature && *signature == 's'; signature++)
                if (sd_bus_message_read(m, "s", &text) > 0 && used < size)
                        used += (size_t)snprintf(buffer + used, size - used, " %s", text);
        if (signature && strncmp(signature, "as", 2) == 0 &&
            sd_bus_message_read_strv(m, &names) >= 0)
                for (char **name = names; name && *name && used < size; name++)
                        used += (size_t)snprintf(buffer + used, size - used, " %s", *name);
        if (signature && *signature == 'u') {
                uint32_t number;

                if (sd_bus_message_read(m, "u", &number) > 0 && used < size)
                        (void)snprintf(buffer + used, size - used, " %u", number);
        }
        (void)sd_bus_message_rewind(m, true);
}

static void log_call(const Connection *c, sd_bus_message *m, const char *what) {
        char arguments[256];

        describe_arguments(m, arguments, sizeof(arguments));
        log_info("uid %u (pid %d) %s %s%s", (unsigned)c->peer.uid, (int)c->peer.pid, what,
                 sd_bus_message_get_member(m), arguments);
}

/* What clients ask of a message bus before anything else, busctl(1) among them. */
static int answer_as_bus(Connection *c, sd_bus_message *m) {
        char name[32];

        if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "Hello")) {
                (void)snprintf(name, sizeof(name), ":1.%llu", ++c->clients->n_named);
                return sd_bus_reply_method_return(m, "s", name);
        }
        if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "AddMatch") ||
            sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "RemoveMatch"))
                return sd_bus_reply_method_return(m, "");
        if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "GetNameOwner"))
                return sd_bus_reply_method_return(m, "s", ":1.0");
        return 0;
}

int connection_filter(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Connection *c = userdata;
        Access needed;
        uint8_t type;

        c->traffic.guard.got_message = true;
        (void)sd_event_source_set_enabled(c->traffic.patience, SD_EVENT_OFF);
        if (sd_bus_message_get_type(m, &type) < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
                return 0;

        needed = objects_access(sd_bus_message_get_member(m));
        if (connection_access(c) < needed) {
                log_call(c, m, "may not");
                return sd_bus_reply_method_errorf(m, BUS_ERROR(BUS_ERROR_ACCESS_DENIED),
                                                  "%s needs the right to %s",
                                                  sd_bus_message_get_member(m),
                                                  needed == ACCESS_ALL ? "do everything"
                                                                       : access_to_string(needed));
        }
        if (needed > ACCESS_READ)
                log_call(c, m, "asks for");
        return answer_as_bus(c, m);
}
