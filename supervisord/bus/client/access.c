#include "bus/client/access.h"

#include <stdbool.h>
#include <string.h>

#include "base/macro.h"

static const struct {
        const char *member;
        Access needed;
} members[] = {
        { "ListProcesses", ACCESS_READ },
        { "ListStates", ACCESS_READ },
        { "ListConfigured", ACCESS_READ },
        { "Explain", ACCESS_READ },
        { "GetPlan", ACCESS_READ },
        { "Wait", ACCESS_READ },
        { "Subscribe", ACCESS_READ },
        { "Unsubscribe", ACCESS_READ },
        { "GetEvents", ACCESS_READ },
        { "Cancel", ACCESS_READ },
        { "OpenLog", ACCESS_READ },
        { "OpenMainLog", ACCESS_READ },
        { "PlanUpdate", ACCESS_READ },
        { "Start", ACCESS_OPERATE },
        { "Stop", ACCESS_OPERATE },
        { "Restart", ACCESS_OPERATE },
        { "Roll", ACCESS_OPERATE },
        { "Reload", ACCESS_OPERATE },
        { "Kill", ACCESS_OPERATE },
        { "Signal", ACCESS_OPERATE },
        { "Enable", ACCESS_OPERATE },
        { "Disable", ACCESS_OPERATE },
        { "Scale", ACCESS_OPERATE },
        { "SendInput", ACCESS_OPERATE },
        { "ClearLog", ACCESS_OPERATE },
        { "RotateLog", ACCESS_OPERATE },
        { "ReopenLogs", ACCESS_OPERATE },
        { "ClearMainLog", ACCESS_ALL },
        { "Reread", ACCESS_ALL },
        { "Update", ACCESS_ALL },
        { "AddGroup", ACCESS_ALL },
        { "RemoveGroup", ACCESS_ALL },
        { "Shutdown", ACCESS_ALL },
        { "RestartDaemon", ACCESS_ALL },
        /* The standard interfaces: nothing of ours can be written through them. */
        { "Hello", ACCESS_READ },
        { "AddMatch", ACCESS_READ },
        { "RemoveMatch", ACCESS_READ },
        { "GetNameOwner", ACCESS_READ },
        { "Ping", ACCESS_READ },
        { "GetMachineId", ACCESS_READ },
        { "Introspect", ACCESS_READ },
        { "Get", ACCESS_READ },
        { "GetAll", ACCESS_READ },
        { "GetManagedObjects", ACCESS_READ },
};

static bool is_member(const Peer *peer, gid_t gid) {
        if (peer->gid == gid)
                return true;
        for (size_t i = 0; i < peer->n_groups; i++)
                if (peer->groups[i] == gid)
                        return true;
        return false;
}

Access access_of(const Peer *peer, uid_t own, gid_t control_gid, ControlMode mode) {
        if (peer->uid == 0 || peer->uid == own)
                return ACCESS_ALL;
        if (control_gid == (gid_t)-1 || !is_member(peer, control_gid))
                return ACCESS_NONE;
        switch (mode) {
        case CONTROL_MODE_READ:
                return ACCESS_READ;
        case CONTROL_MODE_OPERATE:
                return ACCESS_OPERATE;
        case CONTROL_MODE_ALL:
                return ACCESS_ALL;
        }
        return ACCESS_NONE;
}

Access access_needed(const char *member) {
        for (size_t i = 0; i < ELEMENTSOF(members); i++)
                if (strcmp(members[i].member, member) == 0)
                        return members[i].needed;
        return ACCESS_ALL;
}

const char *access_to_string(Access access) {
        static const char *const names[] = { "none", "read", "operate", "all" };

        return names[access];
}
