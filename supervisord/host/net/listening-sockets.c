/*
 * All listening sockets of the daemon, each with the number of those who hold it. A hold is what
 * one process has of one [socket:x]: the sockets of all its addresses. Two holds share a socket if
 * kind and address are the same. How one is opened and closed is in open-socket.c.
 */
#include "host/net/listening-sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text-stream.h"
#include "host/net/open-socket.h"

/* One open descriptor. */
typedef struct Listener {
        OpenSocket socket;
        char *passed_name;    /* what the service manager calls it; NULL: we have opened it */
        SocketConfig *config; /* as which it was opened or changed last */
        SocketType type;
        char *text; /* its address */
        size_t n_holds;
} Listener;

struct Sockets {
        Listener **listeners;
        size_t n_listeners;
};

struct SocketHold {
        Sockets *sockets;
        SocketConfig *config;
        Listener **listeners;
        size_t n_listeners;
        bool opened; /* something was opened for it */
};

/* ---------------------------------------------------------------- one descriptor */

static Listener *listener_free(Listener *l) {
        if (!l)
                return NULL;
        open_socket_done(&l->socket);
        socket_config_unref(l->config);
        free(l->passed_name);
        free(l->text);
        free(l);
        return NULL;
}
DEFINE_CLEANUP(Listener, listener_free);

static int listener_new(const char *text, Listener **ret) {
        _cleanup_(listener_freep) Listener *l = calloc(1, sizeof(*l));

        if (!l)
                return -ENOMEM;
        l->socket.fd = -1;
        l->text = strdup(text);
        if (!l->text)
                return -ENOMEM;
        *ret = TAKE_PTR(l);
        return 0;
}

static int add_listener(Sockets *s, Listener *l) {
        Listener **grown = reallocarray(s->listeners, s->n_listeners + 1, sizeof(Listener *));

        if (!grown)
                return -ENOMEM;
        s->listeners = grown;
        grown[s->n_listeners++] = l;
        return 0;
}

static void drop_listener(Sockets *s, Listener *l) {
        size_t i = 0;

        while (s->listeners[i] != l)
                i++;
        s->n_listeners--;
        memmove(s->listeners + i, s->listeners + i + 1, (s->n_listeners - i) * sizeof(Listener *));
        listener_free(l);
}

static Listener *find_listener(const Sockets *s, SocketType type, const char *text) {
        for (size_t i = 0; i < s->n_listeners; i++) {
                Listener *l = s->listeners[i];

                if (!l->passed_name && l->type == type && strcmp(l->text, text) == 0)
                        return l;
        }
        return NULL;
}

static int
explain(const SocketConfig *config, const SocketAddress *address, int r, char **reterr_message) {
        if (open_socket_explain(config, address, -r, reterr_message) < 0)
                *reterr_message = NULL;
        return r;
}

static int adjust(Listener *l, const SocketAddress *address, SocketConfig *config, char **why) {
        int r;

        if (l->config == config)
                return 0;
        r = open_socket_adjust(&l->socket, l->config, config);
        if (r < 0)
                return explain(config, address, r, why);
        socket_config_unref(l->config);
        l->config = socket_config_ref(config);
        return 0;
}

static int open_listener(Sockets *s,
                         SocketConfig *config,
                         const SocketAddress *address,
                         Listener **ret,
                         char **reterr_message) {
        _cleanup_(listener_freep) Listener *l = NULL;
        int r;

        r = listener_new(address->text, &l);
        if (r < 0)
                return r;
        l->type = config->type;
        l->config = socket_config_ref(config);
        r = open_socket(config, address, &l->socket);
        if (r < 0)
                return explain(config, address, r, reterr_message);
        r = add_listener(s, l);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(l);
        return 1;
}

/* ---------------------------------------------------------------- what is passed */

/* Where a socket that others have opened listens, as people would write it. */
static int describe_fd(int fd, char **ret) {
        union {
                struct sockaddr any;
                struct sockaddr_in ipv4;
                struct sockaddr_in6 ipv6;
                struct sockaddr_un local;
        } a = { .any = { 0 } };
        char host[INET6_ADDRSTRLEN] = "?";
        socklen_t size = sizeof(a);
        int k;

        if (getsockname(fd, &a.any, &size) < 0)
                return -errno;
        switch (a.any.sa_family) {
        case AF_INET:
                (void)inet_ntop(AF_INET, &a.ipv4.sin_addr, host, sizeof(host));
                k = asprintf(ret, "%s:%d", host, ntohs(a.ipv4.sin_port));
                break;
        case AF_INET6:
                (void)inet_ntop(AF_INET6, &a.ipv6.sin6_addr, host, sizeof(host));
                k = asprintf(ret, "[%s]:%d", host, ntohs(a.ipv6.sin6_port));
                break;
        case AF_UNIX:
                size -= MIN(size, (socklen_t)offsetof(struct sockaddr_un, sun_path));
                k = size > 0 && !a.local.sun_path[0]
                            ? asprintf(ret, "@%.*s", (int)size - 1, a.local.sun_path + 1)
                            : asprintf(ret, "%.*s", (int)size, a.local.sun_path);
                break;
        default:
                k = asprintf(ret, "family %d", a.any.sa_family);
                break;
        }
        if (k < 0)
                *ret = NULL;
        return k < 0 ? -ENOMEM : 0;
}

int sockets_add_passed(Sockets *s, const char *name, int fd) {
        _cleanup_(listener_freep) Listener *l = NULL;
        _cleanup_(freep) char *text = NULL;
        int r;

        r = describe_fd(fd, &text);
        if (r < 0)
                return r;
        r = text ? listener_new(text, &l) : -ENOMEM;
        if (r < 0)
                return r;
        l->passed_name = strdup(name);
        if (!l->passed_name)
                return -ENOMEM;
        r = add_listener(s, l);
        if (r < 0)
                return r;
        l->socket.fd = fd;
        (void)TAKE_PTR(l);
        return 0;
}

static bool is_passed_for(const Listener *l, const SocketConfig *config) {
        size_t n = strlen(config->name);

        if (!l->passed_name || config->url || strncmp(l->passed_name, config->name, n) != 0)
                return false;
        return !l->passed_name[n] || strcmp(l->passed_name + n, ".socket") == 0;
}

/* ---------------------------------------------------------------- holds */

int sockets_new(Sockets **ret) {
        *ret = calloc(1, sizeof(**ret));
        return *ret ? 0 : -ENOMEM;
}

Sockets *sockets_free(Sockets *s) {
        if (!s)
                return NULL;
        for (size_t i = 0; i < s->n_listeners; i++)
                listener_free(s->listeners[i]);
        free(s->listeners);
        free(s);
        return NULL;
}

bool socket_hold_release(SocketHold *hold) {
        bool closed = false;

        if (!hold)
                return false;
        for (size_t i = 0; i < hold->n_listeners; i++) {
                Listener *l = hold->listeners[i];

                if (--l->n_holds > 0 || l->passed_name)
                        continue;
                drop_listener(hold->sockets, l);
                closed = true;
        }
        socket_config_unref(hold->config);
        free(hold->listeners);
        free(hold);
        return closed;
}

static inline void hold_freep(SocketHold **hold) {
        (void)socket_hold_release(*hold);
}

static int hold_new(Sockets *s, SocketConfig *config, SocketHold **ret) {
        _cleanup_(hold_freep) SocketHold *hold = calloc(1, sizeof(*hold));

        if (!hold)
                return -ENOMEM;
        hold->sockets = s;
        hold->config = socket_config_ref(config);
        hold->listeners = calloc(s->n_listeners + config->n_addresses + 1, sizeof(Listener *));
        if (!hold->listeners)
                return -ENOMEM;
        *ret = TAKE_PTR(hold);
        return 0;
}

static void hold_listener(SocketHold *hold, Listener *l) {
        hold->listeners[hold->n_listeners++] = l;
        l->n_holds++;
}

static int hold_address(SocketHold *hold, const SocketAddress *address, char **reterr_message) {
        Listener *l = find_listener(hold->sockets, hold->config->type, address->text);
        int r;

        if (l)
                r = adjust(l, address, hold->config, reterr_message);
        else
                r = open_listener(hold->sockets, hold->config, address, &l, reterr_message);
        if (r < 0)
                return r;
        hold->opened |= r > 0;
        hold_listener(hold, l);
        return 0;
}

static int not_passed(const SocketConfig *config, char **reterr_message) {
        if (asprintf(reterr_message,
                     "the service manager passed no socket of the name '%s': say "
                     "FileDescriptorName=%s in the socket's unit, or listen= here",
                     config->name, config->name) < 0)
                *reterr_message = NULL;
        return -ENOENT;
}

int sockets_hold(Sockets *s, SocketConfig *config, SocketHold **ret, char **reterr_message) {
        _cleanup_(hold_freep) SocketHold *hold = NULL;
        int r;

        *reterr_message = NULL;
        r = hold_new(s, config, &hold);
        if (r < 0)
                return r;
        for (size_t i = 0; i < s->n_listeners; i++)
                if (is_passed_for(s->listeners[i], config))
                        hold_listener(hold, s->listeners[i]);
        if (hold->n_listeners == 0) {
                if (config->n_addresses == 0)
                        return not_passed(config, reterr_message);
                for (size_t i = 0; r >= 0 && i < config->n_addresses; i++)
                        r = hold_address(hold, config->addresses + i, reterr_message);
        }
        if (r < 0)
                return r;
        r = hold->opened;
        *ret = TAKE_PTR(hold);
        return r;
}

SocketConfig *socket_hold_get_config(const SocketHold *hold) {
        return hold->config;
}

bool socket_hold_is_passed(const SocketHold *hold) {
        return hold->listeners[0]->passed_name;
}

size_t socket_hold_count(const SocketHold *hold) {
        return hold->n_listeners;
}

int socket_hold_get_fd(const SocketHold *hold, size_t i) {
        return hold->listeners[i]->socket.fd;
}

int socket_hold_describe(const SocketHold *hold, char **ret) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        for (size_t i = 0; i < hold->n_listeners; i++)
                (void)fprintf(f, "%s%s", i > 0 ? ", " : "", hold->listeners[i]->text);
        if (text_stream_close(f, &text) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 0;
}

int sockets_adjust(Sockets *s, SocketConfig *config, char **reterr_message) {
        *reterr_message = NULL;
        for (size_t i = 0; i < config->n_addresses; i++) {
                Listener *l = find_listener(s, config->type, config->addresses[i].text);
                int r = l ? adjust(l, config->addresses + i, config, reterr_message) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}
