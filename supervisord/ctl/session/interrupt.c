#include "ctl/session/interrupt.h"

#include <errno.h>
#include <sys/signalfd.h>

#include "base/macro.h"

int interrupt_begin(Interrupt *i) {
        sigset_t set;

        i->fd = -1;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        if (sigprocmask(SIG_BLOCK, &set, &i->before) < 0)
                return -errno;
        i->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (i->fd < 0) {
                int error = -errno;

                (void)sigprocmask(SIG_SETMASK, &i->before, NULL);
                return error;
        }
        return 0;
}

bool interrupt_seen(Interrupt *i) {
        struct signalfd_siginfo info;

        return i->fd >= 0 && read(i->fd, &info, sizeof(info)) == sizeof(info);
}

void interrupt_end(Interrupt *i) {
        if (i->fd < 0)
                return;
        (void)interrupt_seen(i); /* takes one that is left, or it would be delivered */
        i->fd = safe_close(i->fd);
        (void)sigprocmask(SIG_SETMASK, &i->before, NULL);
}
