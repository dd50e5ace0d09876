#include "config/keys/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "base/parse.h"
#include "config/text/refuse.h"
#include "config/text/path.h"

#define PATH_LENGTH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

void address_done(SocketAddress *a) {
        free(a->text);
        free(a->host);
        free(a->path);
        *a = (SocketAddress){ 0 };
}

/* ---------------------------------------------------------------- hosts */

/* Does @entry of the host's table bear the name @host? */
static bool bears_name(const struct hostent *entry, const char *host) {
        if (entry->h_addrtype != AF_INET)
                return false;
        if (strcasecmp(entry->h_name, host) == 0)
                return true;
        for (char **alias = entry->h_aliases; alias && *alias; alias++)
                if (strcasecmp(*alias, host) == 0)
                        return true;
        return false;
}

/*
 * What we listen at is an address of this host, so its own table is the place to look. Walking
 * through that asks no name server, which might never answer.
 */
static int find_host(const char *host, char **ret) {
        char spelling[INET_ADDRSTRLEN];
        const struct hostent *entry;

        *ret = NULL;
        sethostent(0);
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): the daemon has one thread */
        while ((entry = gethostent()))
                if (bears_name(entry, host) &&
                    inet_ntop(AF_INET, entry->h_addr_list[0], spelling, sizeof(spelling))) {
                        *ret = strdup(spelling);
                        break;
                }
        endhostent();
        return entry && !*ret ? -ENOMEM : 0;
}

int address_of_host(const char *host, bool no_host_checks, char **ret) {
        char spelling[INET_ADDRSTRLEN];
        struct in_addr address;

        *ret = NULL;
        if (strcasecmp(host, "localhost") == 0)
                *ret = strdup("127.0.0.1");
        else if (strcmp(host, "*") == 0)
                *ret = strdup("0.0.0.0");
        else if (inet_pton(AF_INET, host, &address) == 1 &&
                 inet_ntop(AF_INET, &address, spelling, sizeof(spelling)))
                *ret = strdup(spelling);
        else if (no_host_checks)
                *ret = strdup(host);
        else
                return find_host(host, ret);
        return *ret ? 0 : -ENOMEM;
}

/* ---------------------------------------------------------------- the forms */

/* A number of digits alone: what parse_integer() takes beyond that is no port. */
static bool read_port(const char *text, int *ret) {
        int64_t port;

        if (!*text || text[strspn(text, "0123456789")] || parse_integer(text, &port) < 0)
                return false;
        if (port < 1 || port > UINT16_MAX)
                return false;
        *ret = (int)port;
        return true;
}

static int unknown_host(const char *host, char **reterr_why) {
        if (strchr(host, ':'))
                return refuse(reterr_why,
                                     "'%s' is no address; an IPv6 address stands in brackets, as "
                                     "in [::1]:8080",
                                     host);
        return refuse(reterr_why,
                             "'%s' is neither an address nor in /etc/hosts; write a number such as "
                             "127.0.0.1, or leave it out for every address",
                             host);
}

/* The part before the port. */
static int read_host(const char *host, bool no_host_checks, SocketAddress *a, char **reterr_why) {
        char spelling[INET6_ADDRSTRLEN];
        struct in6_addr address;
        size_t n = strlen(host);
        int r;

        if (n == 0 || strcmp(host, "*") == 0) {
                a->kind = ADDRESS_ANY;
                return 0;
        }
        if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
                _cleanup_(freep) char *bare = strndup(host + 1, n - 2);

                if (!bare)
                        return -ENOMEM;
                if (inet_pton(AF_INET6, bare, &address) != 1 ||
                    !inet_ntop(AF_INET6, &address, spelling, sizeof(spelling)))
                        return refuse(reterr_why, "'%s' is no IPv6 address", host);
                a->kind = ADDRESS_IPV6;
                a->host = strdup(spelling);
                return a->host ? 0 : -ENOMEM;
        }
        if (strpbrk(host, ":/[] \t"))
                return unknown_host(host, reterr_why);
        a->kind = ADDRESS_IPV4;
        r = address_of_host(host, no_host_checks, &a->host);
        return r < 0 || a->host ? r : unknown_host(host, reterr_why);
}

static int spell(SocketAddress *a) {
        int k;

        switch (a->kind) {
        case ADDRESS_ANY:
                k = asprintf(&a->text, ":%d", a->port);
                break;
        case ADDRESS_IPV4:
                k = asprintf(&a->text, "%s:%d", a->host, a->port);
                break;
        case ADDRESS_IPV6:
                k = asprintf(&a->text, "[%s]:%d", a->host, a->port);
                break;
        default:
                k = asprintf(&a->text, "%s", a->path);
                break;
        }
        if (k < 0)
                a->text = NULL;
        return k < 0 ? -ENOMEM : 0;
}

static int
read_internet(const char *text, bool no_host_checks, SocketAddress *a, char **reterr_why) {
        const char *colon = strrchr(text, ':');
        _cleanup_(freep) char *host = strndup(text, colon ? (size_t)(colon - text) : 0);

        if (!host)
                return -ENOMEM;
        if (!colon && text[strspn(text, "0123456789")])
                return refuse(reterr_why,
                                     "'%s' is no address; write one such as 127.0.0.1:8080, :8080, "
                                     "[::1]:8080, /run/x.sock or @NAME",
                                     text);
        if (!read_port(colon ? colon + 1 : text, &a->port))
                return refuse(reterr_why, "'%s' is no port; write a number from 1 to 65535",
                                     colon ? colon + 1 : text);
        return read_host(host, no_host_checks, a, reterr_why);
}

static int read_unix(const char *text, SocketAddress *a, char **reterr_why) {
        size_t n = strlen(text);

        if ((text[0] != '/' && text[0] != '@') || n == 1)
                return refuse(
                        reterr_why,
                        "'%s' is no absolute path; write one such as /run/x.sock, or @NAME", text);
        if (text[0] == '/' && text[n - 1] == '/')
                return refuse(reterr_why, "'%s' is a directory; name the socket in it",
                                     text);
        if (n > PATH_LENGTH_MAX)
                return refuse(reterr_why,
                                     "'%s' is too long for a socket; use a path of at most %zu "
                                     "bytes",
                                     text, PATH_LENGTH_MAX);
        a->kind = ADDRESS_UNIX;
        if (text[0] == '/')
                return path_absolute(text, &a->path);
        a->path = strdup(text);
        return a->path ? 0 : -ENOMEM;
}

/* The length of one of @prefixes, a list that ends with NULL, at which @text begins; or 0. */
static size_t prefix_length(const char *text, const char *const *prefixes) {
        for (; *prefixes; prefixes++)
                if (strncasecmp(text, *prefixes, strlen(*prefixes)) == 0)
                        return strlen(*prefixes);
        return 0;
}

int address_parse(const char *text, bool no_host_checks, SocketAddress *ret, char **reterr_why) {
        static const char *const tcp[] = { "tcp://", "tcp:", NULL };
        static const char *const unix_[] = { "unix://", "unix:", NULL };
        size_t n_unix = prefix_length(text, unix_), n_tcp = prefix_length(text, tcp);
        _cleanup_(address_done) SocketAddress a = { 0 };
        int r;

        if (n_unix > 0 || (n_tcp == 0 && strpbrk(text, "/@")))
                r = read_unix(text + n_unix, &a, reterr_why);
        else
                r = read_internet(text + n_tcp, no_host_checks, &a, reterr_why);
        if (r == 0)
                r = spell(&a);
        if (r < 0)
                return r;
        *ret = a;
        a = (SocketAddress){ 0 };
        return 0;
}
