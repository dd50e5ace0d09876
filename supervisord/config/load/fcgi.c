/* The socket of an [fcgi-program:x]. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/un.h>

#include "base/parse.h"
#include "base/utf8.h"
#include "config/keys/address.h"
#include "config/load/socket.h"
#include "config/text/path.h"

#define PATH_LENGTH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

static const TextOption *option_of(const Loader *l, const TextSection *section, const char *key) {
        return loader_option(l, section, key);
}

static int load_backlog(Loader *l, SocketConfig *s, const TextSection *section) {
        const Key *key = key_find(SECTION_FCGI, "socket_backlog");
        _cleanup_(freep) char *text = NULL, *why = NULL;
        int r;

        r = loader_get(l, section, key, &l->common, &text);
        if (r <= 0)
                return r;
        r = key_store(key, text, s, &l->rules, &why);
        if (r == -EINVAL)
                return loader_error(l, section, option_of(l, section, key->name), "%s", why);
        if (r == 0 && (s->backlog < 1 || s->backlog > UINT16_MAX))
                return loader_error(
                        l, section, option_of(l, section, key->name),
                        "must be from 1 to 65535; leave it out for what the system allows");
        return r;
}

static int load_mode(Loader *l, SocketConfig *s, const TextSection *section) {
        const Key *key = key_find(SECTION_FCGI, "socket_mode");
        _cleanup_(freep) char *text = NULL, *why = NULL;
        int r;

        r = loader_get(l, section, key, &l->common, &text);
        if (r <= 0)
                return r;
        r = key_store(key, text, s, &l->rules, &why);
        return r == -EINVAL ? loader_error(l, section, option_of(l, section, key->name), "%s", why)
                            : r;
}

static int load_owner(Loader *l, SocketConfig *s, const TextSection *section) {
        const Key *key = key_find(SECTION_FCGI, "socket_owner");
        Owner owner;
        int r;

        r = loader_get(l, section, key, &l->common, &s->owner);
        if (r <= 0)
                return r;
        r = loader_owner(l, section, option_of(l, section, key->name), s->owner, &owner);
        s->uid = owner.uid;
        s->gid = owner.gid;
        return r;
}

/* Without an owner of its own the socket belongs to the user that the program runs as. */
static int inherit_owner(Loader *l, SocketConfig *s, const TextSection *section) {
        const TextOption *option = option_of(l, section, "user");
        _cleanup_(freep) char *text = NULL;
        const User *user;
        int r;

        if (!option)
                return 0;
        r = loader_expand(l, section, option, &l->common, &text);
        if (r <= 0)
                return r;
        r = loader_user(l, section, option, text, &user);
        if (r <= 0 || s->owner || !user || user->uid == getuid())
                return r;
        s->uid = user->uid;
        s->gid = user->gid;
        return 0;
}

/* host:port where the host has neither blanks nor colons. Returns 0, -EINVAL, -ERANGE, -ENOMEM. */
static int parse_tcp(const char *text, SocketConfig *s) {
        const char *colon = strchr(text, ':');
        SocketAddress *a = s->addresses;
        int64_t port;

        if (!colon || colon == text || !isdigit((unsigned char)colon[1]) || strchr(colon, '_'))
                return -EINVAL;
        for (const char *p = text; p < colon; p++)
                if (utf8_blank(p) > 0)
                        return -EINVAL;
        if (parse_integer(colon + 1, &port) == -EINVAL || utf8_blank(colon + strlen(colon) - 1) > 0)
                return -EINVAL;
        if (parse_integer(colon + 1, &port) < 0 || port < 1 || port > UINT16_MAX)
                return -ERANGE;
        s->host = strndup(text, (size_t)(colon - text));
        if (!s->host)
                return -ENOMEM;
        for (char *p = s->host; *p; p++)
                *p = (char)tolower((unsigned char)*p);
        a->kind = ADDRESS_IPV4;
        a->port = (int)port;
        return 0;
}

/* What the host of the socket means in numbers. */
static int resolve(Loader *l, SocketConfig *s, const TextSection *section) {
        const TextOption *option = option_of(l, section, "socket");
        SocketAddress *a = s->addresses;
        int r;

        r = address_of_host(s->host, l->rules.no_host_checks, &a->host);
        if (r < 0)
                return r;
        if (!a->host)
                return loader_error(l, section, option,
                                    "'%s' is neither an IPv4 address nor in /etc/hosts; write a "
                                    "number such as 127.0.0.1",
                                    s->host);
        if (asprintf(&a->text, "%s:%d", a->host, a->port) < 0)
                a->text = NULL;
        if (asprintf(&s->url, "tcp://%s:%d", s->host, a->port) < 0)
                s->url = NULL;
        return a->text && s->url ? 0 : -ENOMEM;
}

static int set_path(SocketConfig *s, const char *path) {
        SocketAddress *a = s->addresses;
        int r;

        a->kind = ADDRESS_UNIX;
        r = path_absolute(path, &a->path);
        if (r < 0)
                return r;
        a->text = strdup(a->path);
        if (asprintf(&s->url, "unix://%s", a->path) < 0)
                s->url = NULL;
        return a->text && s->url ? 0 : -ENOMEM;
}

static int parse_unix(Loader *l, SocketConfig *s, const TextSection *section, const char *text) {
        const TextOption *option = option_of(l, section, "socket");
        int r;

        if (text[7] != '/')
                return loader_error(l, section, option,
                                    "'%s' has no absolute path; write unix:///path/to/socket",
                                    text);
        r = set_path(s, text + 7);
        if (r < 0 || strlen(s->addresses->path) <= PATH_LENGTH_MAX)
                return r;
        return loader_error(l, section, option,
                            "'%s' is too long for a socket; use a path of at most %zu bytes",
                            s->addresses->path, PATH_LENGTH_MAX);
}

static int parse_socket(Loader *l, SocketConfig *s, const TextSection *section, const char *text) {
        const TextOption *option = option_of(l, section, "socket");
        bool unix_only =
                option_of(l, section, "socket_owner") || option_of(l, section, "socket_mode");
        int r;

        if (strncmp(text, "unix://", 7) == 0)
                return parse_unix(l, s, section, text);
        if (unix_only)
                return loader_error(
                        l, section, option,
                        "socket_owner and socket_mode fit a unix:// socket only; leave them out");
        r = strncmp(text, "tcp://", 6) == 0 ? parse_tcp(text + 6, s) : -EINVAL;
        if (r == -EINVAL)
                return loader_error(
                        l, section, option,
                        "'%s' is no socket; write unix:///path/to/socket or tcp://host:port", text);
        if (r == -ERANGE)
                return loader_error(l, section, option, "the port of '%s' is not from 1 to 65535",
                                    text);
        return r < 0 ? r : resolve(l, s, section);
}

static int load_address(Loader *l, SocketConfig *s, const TextSection *section) {
        const TextOption *option = option_of(l, section, "socket");
        _cleanup_(scope_done) Scope scope = { .parent = &l->common };
        _cleanup_(freep) char *text = NULL;
        int r;

        s->addresses = calloc(1, sizeof(*s->addresses));
        if (!s->addresses)
                return -ENOMEM;
        s->n_addresses = 1;
        r = scope_set(&scope, "program_name", s->name);
        if (r == 0 && option)
                r = loader_expand(l, section, option, &scope, &text);
        if (r < 0)
                return r;
        if (!text && option)
                return 0; /* reported */
        if (!text || !*text)
                return loader_error(
                        l, section, option,
                        "socket is missing; write socket = unix:///path/to/socket or tcp://host:port");
        return parse_socket(l, s, section, text);
}

int load_fcgi_socket(Loader *l,
                     const TextSection *section,
                     const char *program,
                     SocketConfig **ret) {
        static int (*const parts[])(Loader *, SocketConfig *, const TextSection *) = {
                load_backlog, load_mode, load_owner, inherit_owner, load_address,
        };
        _cleanup_(socket_config_unrefp) SocketConfig *s = NULL;
        size_t n_errors = l->report->n_errors;
        int r;

        *ret = NULL;
        r = socket_config_new(program, section, &s);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(parts); i++)
                r = parts[i](l, s, section);
        if (r < 0)
                return r;
        if (l->report->n_errors == n_errors)
                *ret = TAKE_PTR(s);
        return 0;
}
