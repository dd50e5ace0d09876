/* Calls of methods and properties, and the fault that a failed one leaves. */
#include "ctl/client/call.h"

#include <errno.h>
#include <string.h>

#include "protocol/bus-names.h"

#define DESTINATION "org.supervisord" /* any name would do from peer to peer */

int call_set_fault(Client *c, FaultCode code, const char *message, int error) {
        free(c->fault.message);
        c->fault.message = strdup(message ?: "");
        c->fault.code = code;
        return error;
}

int call_bus_fault(Client *c, const sd_bus_error *e, int error) {
        static const char *const of_the_connection[] = {
                SD_BUS_ERROR_NO_REPLY,
                SD_BUS_ERROR_TIMEOUT,
                SD_BUS_ERROR_DISCONNECTED,
        };

        if (!e || !sd_bus_error_is_set(e) || !sd_bus_is_open(c->bus))
                return call_set_fault(c, FAULT_LOST, strerror(-error), error);
        for (size_t i = 0; i < ELEMENTSOF(of_the_connection); i++)
                if (sd_bus_error_has_name(e, of_the_connection[i]))
                        return call_set_fault(c, FAULT_LOST, e->message, error);
        return call_set_fault(c, fault_from_name(e->name), e->message, -EREMOTEIO);
}

int call_new(Client *c, const char *method, sd_bus_message **ret) {
        int r;

        r = sd_bus_message_new_method_call(c->bus, ret, DESTINATION, BUS_PATH, BUS_MANAGER, method);
        return call_check(c, r);
}

int call_send(Client *c, sd_bus_message *m, sd_bus_message **ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = sd_bus_call(c->bus, m, 0, &error, ret);
        return r < 0 ? call_bus_fault(c, &error, r) : 0;
}

int call_get_property(Client *c, const char *name, const char *type, sd_bus_message **ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = sd_bus_get_property(c->bus, DESTINATION, BUS_PATH, BUS_MANAGER, name, &error, ret,
                                type);
        return r < 0 ? call_bus_fault(c, &error, r) : 0;
}

int call_check(Client *c, int r) {
        return r < 0 ? call_set_fault(c, FAULT_LOST, strerror(-r), r) : 0;
}
