/* The socket of an [fcgi-program:x]. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "base/utf8.h"
#include "config/group.h"
#include "config/path.h"

static const TextOption *option_of(const Loader *l, const TextSection *section, const char *key) {
        return loader_option(l, section, key);
}

static int load_backlog(Loader *l, GroupConfig *g, const TextSection *section) {
        const Key *key = key_find(SECTION_FCGI, "socket_backlog");
        _cleanup_(freep) char *text = NULL, *why = NULL;
        int r;

        r = loader_get(l, section, key, &l->common, &text);
        if (r <= 0)
                return r;
        r = key_store(key, text, g, &l->rules, &why);
        if (r == -EINVAL)
                return loader_error(l, section, option_of(l, section, key->name), "%s", why);
        if (r == 0 && (g->socket.backlog < 1 || g->socket.backlog > UINT16_MAX))
                return loader_error(
                        l, section, option_of(l, section, key->name),
                        "must be from 1 to 65535; leave it out for what the system allows");
        return r;
}

static int load_mode(Loader *l, GroupConfig *g, const TextSection *section) {
        const Key *key = key_find(SECTION_FCGI, "socket_mode");
        _cleanup_(freep) char *text = NULL, *why = NULL;
        int r;

        r = loader_get(l, section, key, &l->common, &text);
        if (r <= 0)
                return r;
        r = key_store(key, text, g, &l->rules, &why);
        return r == -EINVAL ? loader_error(l, section, option_of(l, section, key->name), "%s", why)
                            : r;
}

static int load_owner(Loader *l, GroupConfig *g, const TextSection *section) {
        const Key *key = key_find(SECTION_FCGI, "socket_owner");
        FcgiSocket *s = &g->socket;
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
static int inherit_owner(Loader *l, GroupConfig *g, const TextSection *section) {
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
        if (r <= 0 || g->socket.owner || !user || user->uid == getuid())
                return r;
        g->socket.uid = user->uid;
        g->socket.gid = user->gid;
        return 0;
}

static int make_url(FcgiSocket *s) {
        int k = s->path ? asprintf(&s->url, "unix://%s", s->path)
                        : asprintf(&s->url, "tcp://%s:%d", s->host, s->port);

        if (k < 0) {
                s->url = NULL;
                return -ENOMEM;
        }
        return 0;
}

/* host:port where the host has neither blanks nor colons. Returns 0, -EINVAL, -ERANGE, -ENOMEM. */
static int parse_tcp(const char *text, FcgiSocket *s) {
        const char *colon = strchr(text, ':');
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
        s->port = (int)port;
        return make_url(s);
}

static int parse_socket(Loader *l, GroupConfig *g, const TextSection *section, const char *text) {
        const TextOption *option = option_of(l, section, "socket");
        bool unix_only =
                option_of(l, section, "socket_owner") || option_of(l, section, "socket_mode");
        int r;

        if (strncmp(text, "unix://", 7) == 0) {
                if (text[7] != '/')
                        return loader_error(
                                l, section, option,
                                "'%s' has no absolute path; write unix:///path/to/socket", text);
                r = path_absolute(text + 7, &g->socket.path);
                return r < 0 ? r : make_url(&g->socket);
        }
        if (unix_only)
                return loader_error(
                        l, section, option,
                        "socket_owner and socket_mode fit a unix:// socket only; leave them out");
        r = strncmp(text, "tcp://", 6) == 0 ? parse_tcp(text + 6, &g->socket) : -EINVAL;
        if (r == -EINVAL)
                return loader_error(
                        l, section, option,
                        "'%s' is no socket; write unix:///path/to/socket or tcp://host:port", text);
        if (r == -ERANGE)
                return loader_error(l, section, option, "the port of '%s' is not from 1 to 65535",
                                    text);
        return r;
}

static int load_socket(Loader *l, GroupConfig *g, const TextSection *section) {
        const TextOption *option = option_of(l, section, "socket");
        _cleanup_(scope_done) Scope scope = { .parent = &l->common };
        _cleanup_(freep) char *text = NULL;
        int r;

        r = scope_set(&scope, "program_name", g->name);
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
        return parse_socket(l, g, section, text);
}

int group_load_socket(Loader *l, GroupConfig *g, const TextSection *section) {
        static int (*const parts[])(Loader *, GroupConfig *, const TextSection *) = {
                load_backlog, load_mode, load_owner, inherit_owner, load_socket,
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(parts); i++)
                r = parts[i](l, g, section);
        return r < 0 ? r : 0;
}
