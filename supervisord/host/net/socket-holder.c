/*
 * Two searches through /proc: from an address to the inode of its socket, by the tables of
 * /proc/net; from the inode to a process that has it open, by the links in /proc/PID/fd. What is
 * found is true for a moment only, and good for words.
 */
#include "host/net/socket-holder.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/directory.h"

/* ---------------------------------------------------------------- its inode */

/* Room for "socket:[INODE]", as links to it read. */
#define LINK_SIZE 64

/* NOLINTBEGIN(cert-err34-c): the kernel wrote these numbers, in just these formats */

/* IPv4 as it is mapped into IPv6, all zero for any. */
static bool parse_hex_address(const char *hex, struct in6_addr *ret) {
        unsigned n = strlen(hex) == 8 ? 1 : 4;

        *ret = (struct in6_addr){ 0 };
        for (unsigned i = 0; i < n; i++)
                if (sscanf(hex + (size_t)8 * i, "%8" SCNx32, &ret->s6_addr32[4 - n + i]) != 1)
                        return false;
        if (n == 1 && ret->s6_addr32[3] != 0)
                ret->s6_addr32[2] = htonl(0xffff);
        return true;
}

static struct in6_addr to_in6(const SocketAddress *a) {
        struct in6_addr in6 = IN6ADDR_ANY_INIT;

        if (a->kind == ADDRESS_IPV6)
                (void)inet_pton(AF_INET6, a->host, &in6); /* it was read before, as the next */
        if (a->kind == ADDRESS_IPV4) {
                (void)inet_pton(AF_INET, a->host, &in6.s6_addr32[3]);
                if (in6.s6_addr32[3] != 0)
                        in6.s6_addr32[2] = htonl(0xffff);
        }
        return in6;
}

static bool do_exclude(const struct in6_addr *a, const struct in6_addr *b) {
        return IN6_IS_ADDR_UNSPECIFIED(a) || IN6_IS_ADDR_UNSPECIFIED(b) || IN6_ARE_ADDR_EQUAL(a, b);
}

/* A line of /proc/net/tcp and its kin: see proc_net_tcp in the kernel's documentation. */
static bool is_port_line(const char *line, const SocketAddress *a, uint64_t *ret_inode) {
        struct in6_addr wanted = to_in6(a), found;
        unsigned port, peer_port;
        char host[33];

        /* Whoever has a peer is no rival but a connection. */
        return sscanf(line,
                      " %*u: %32[0-9A-F]:%x %*[0-9A-F]:%x %*x %*x:%*x %*x:%*x %*x %*u %*u "
                      "%" SCNu64,
                      host, &port, &peer_port, ret_inode) == 4 &&
               (int)port == a->port && peer_port == 0 && *ret_inode != 0 &&
               parse_hex_address(host, &found) && do_exclude(&found, &wanted);
}

/*
 * A line of /proc/net/unix. Accepted connections bear the name, too, but are connected; so is a
 * datagram socket as soon as somebody has connected to it.
 */
static bool is_path_line(const char *line, const SocketAddress *a, uint64_t *ret_inode) {
        const unsigned unconnected = 1; /* SS_UNCONNECTED of linux/net.h */
        unsigned type, state;
        int n = 0;

        return sscanf(line, "%*x: %*x %*x %*x %x %x %" SCNu64 " %n", &type, &state, ret_inode,
                      &n) == 3 &&
               n > 0 && (state == unconnected || type == SOCK_DGRAM) &&
               strcmp(line + n, a->path) == 0;
}

/* NOLINTEND(cert-err34-c) */

static bool find_in(const char *table, const SocketAddress *a, char link[LINK_SIZE]) {
        _cleanup_(fclosep) FILE *f = fopen(table, "re");
        _cleanup_(freep) char *line = NULL;
        uint64_t inode = 0;
        size_t room = 0;

        while (f && getline(&line, &room, f) >= 0) {
                line[strcspn(line, "\n")] = '\0';
                if (a->kind == ADDRESS_UNIX ? is_path_line(line, a, &inode)
                                            : is_port_line(line, a, &inode)) {
                        (void)snprintf(link, LINK_SIZE, "socket:[%" PRIu64 "]", inode);
                        return true;
                }
        }
        return false;
}

static bool find_link(SocketType type, const SocketAddress *a, char link[LINK_SIZE]) {
        bool is_dgram = type == SOCKET_TYPE_DGRAM;

        if (a->kind == ADDRESS_UNIX)
                return find_in("/proc/net/unix", a, link);
        return (a->kind != ADDRESS_IPV6 &&
                find_in(is_dgram ? "/proc/net/udp" : "/proc/net/tcp", a, link)) ||
               find_in(is_dgram ? "/proc/net/udp6" : "/proc/net/tcp6", a, link);
}

/* ---------------------------------------------------------------- its process */

static bool has_open(pid_t pid, const char *link) {
        _cleanup_(closedirp) DIR *d = NULL;
        const struct dirent *entry;
        char path[64], found[LINK_SIZE];

        (void)snprintf(path, sizeof(path), "/proc/%d/fd", pid);
        d = opendir(path);
        while (d && (entry = readdir(d))) {
                ssize_t n = readlinkat(dirfd(d), entry->d_name, found, sizeof(found) - 1);

                if (n < 0)
                        continue;
                found[n] = '\0';
                if (strcmp(found, link) == 0)
                        return true;
        }
        return false;
}

static bool read_name(SocketHolder *h) {
        _cleanup_(fclosep) FILE *f = NULL;
        char path[64];

        (void)snprintf(path, sizeof(path), "/proc/%d/comm", h->pid);
        f = fopen(path, "re");
        if (!f || !fgets(h->name, sizeof(h->name), f))
                return false;
        h->name[strcspn(h->name, "\n")] = '\0';
        for (char *p = h->name; *p; p++)
                if (!isprint((unsigned char)*p))
                        *p = '?';
        return true;
}

bool socket_holder_find(SocketType type, const SocketAddress *address, SocketHolder *ret) {
        _cleanup_(closedirp) DIR *d = NULL;
        const struct dirent *entry;
        SocketHolder h = { 0 };
        char link[LINK_SIZE];

        if (!find_link(type, address, link))
                return false;
        d = opendir("/proc"); /* its processes come by their numbers */
        while (d && (entry = readdir(d))) {
                h.pid = (pid_t)strtol(entry->d_name, NULL, 10);
                if (h.pid <= 0 || !has_open(h.pid, link) || !read_name(&h))
                        continue;
                *ret = h;
                return true;
        }
        return false;
}
