#include "bus/client/access.h"

#include <stdbool.h>

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

const char *access_to_string(Access access) {
        static const char *const names[] = { "none", "read", "operate", "all" };

        return names[access];
}
