#include "ctl/client/fault.h"

#include <string.h>

#include "base/macro.h"
#include "protocol/bus-names.h"

FaultCode fault_from_name(const char *name) {
        static const struct {
                const char *name;
                FaultCode code;
        } table[] = {
                { "", FAULT_NONE },
                { BUS_ERROR_SHUTTING_DOWN, FAULT_SHUTTING_DOWN },
                { BUS_ERROR_NO_SUCH_PROCESS, FAULT_NO_SUCH_PROCESS },
                { BUS_ERROR_NO_SUCH_GROUP, FAULT_NO_SUCH_GROUP },
                { BUS_ERROR_BAD_SIGNAL, FAULT_BAD_SIGNAL },
                { BUS_ERROR_NO_FILE, FAULT_NO_FILE },
                { BUS_ERROR_NOT_EXECUTABLE, FAULT_NOT_EXECUTABLE },
                { BUS_ERROR_FAILED, FAULT_FAILED },
                { BUS_ERROR_ABNORMAL_TERMINATION, FAULT_ABNORMAL_TERMINATION },
                { BUS_ERROR_SPAWN_ERROR, FAULT_SPAWN_ERROR },
                { BUS_ERROR_ALREADY_STARTED, FAULT_ALREADY_STARTED },
                { BUS_ERROR_NOT_RUNNING, FAULT_NOT_RUNNING },
                { BUS_ERROR_ALREADY_ADDED, FAULT_ALREADY_ADDED },
                { BUS_ERROR_STILL_RUNNING, FAULT_STILL_RUNNING },
                { BUS_ERROR_CANNOT_REREAD, FAULT_CANNOT_REREAD },
                { BUS_ERROR_ACCESS_DENIED, FAULT_ACCESS_DENIED },
                { "org.freedesktop.DBus.Error.AccessDenied", FAULT_ACCESS_DENIED },
                { BUS_ERROR_BAD_ARGUMENT, FAULT_BAD_ARGUMENT },
                { BUS_ERROR_CANCELLED, FAULT_CANCELLED },
                { BUS_ERROR_TIMEOUT, FAULT_TIMEOUT },
                { BUS_ERROR_TOO_MANY, FAULT_TOO_MANY },
        };

        if (strncmp(name, BUS_ERROR_PREFIX, strlen(BUS_ERROR_PREFIX)) == 0)
                name += strlen(BUS_ERROR_PREFIX);
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (strcmp(table[i].name, name) == 0)
                        return table[i].code;
        return FAULT_OTHER;
}
