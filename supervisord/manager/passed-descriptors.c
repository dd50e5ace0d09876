#include "manager/passed-descriptors.h"

#include <systemd/sd-daemon.h>

#include "base/strv.h"

int passed_take(int (*take)(void *userdata, const char *name, int fd), void *userdata) {
        _cleanup_(strv_freep) char **names = NULL;
        int n;

        n = sd_listen_fds_with_names(1, &names);
        for (int i = 0; i < n; i++)
                (void)take(userdata, names[i],
                           SD_LISTEN_FDS_START + i); /* it tells what it wants */
        return n;
}
