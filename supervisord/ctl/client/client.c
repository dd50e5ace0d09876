/* The connection to the daemon. What goes over it is in the other files of this folder. */
#include "ctl/client/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "ctl/client/call.h"

#define CALL_TIMEOUT_USEC (30 * USEC_PER_SEC)

/* Connecting has a time limit as well: a daemon that hangs accepts nobody. */
static int connect_socket(const char *path, int *ret_fd) {
        struct timeval patience = { .tv_sec = CALL_TIMEOUT_USEC / USEC_PER_SEC };
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_(closep) int fd = -1;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path) + 1);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
                         sizeof(patience)); /* on failure there is no limit */
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;
        *ret_fd = TAKE_FD(fd);
        return 0;
}

int client_connect(const char *path, Client **ret) {
        _cleanup_(client_freep) Client *c = NULL;
        _cleanup_(closep) int fd = -1;
        int r;

        r = connect_socket(path, &fd);
        if (r < 0)
                return r;
        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        r = sd_bus_new(&c->bus);
        if (r >= 0)
                r = sd_bus_set_fd(c->bus, fd, fd);
        if (r < 0)
                return r;
        (void)TAKE_FD(fd);
        r = sd_bus_set_method_call_timeout(c->bus, CALL_TIMEOUT_USEC);
        if (r >= 0)
                r = sd_bus_start(c->bus);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

Client *client_free(Client *c) {
        if (!c)
                return NULL;
        sd_bus_close_unref(c->bus);
        for (size_t i = c->n_given; i < c->n_events; i++)
                daemon_event_done(&c->events[i]);
        free(c->events);
        free(c->fault.message);
        free(c);
        return NULL;
}

bool client_is_open(Client *c) {
        int r;

        do
                r = sd_bus_process(c->bus, NULL);
        while (r > 0);
        return r == 0 && sd_bus_is_open(c->bus) > 0;
}

int client_get_fd(const Client *c) {
        return sd_bus_get_fd(c->bus);
}

const Fault *client_fault(const Client *c) {
        return &c->fault;
}
