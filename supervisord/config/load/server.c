#include "config/load/server.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/utf8.h"
#include "config/load/loader.h"
#include "config/text/path.h"

ServerConfig *server_config_free(ServerConfig *s) {
        if (!s)
                return NULL;
        free(s->section);
        free(s->path);
        free(s->owner);
        free(s->host);
        free(s->username);
        free(s->password);
        free(s);
        return NULL;
}

/* The option @key that a server cannot do without, expanded; *ret is NULL after an error was
 * reported. */
static int get_required(Loader *l,
                        const TextSection *section,
                        const char *key,
                        const Scope *scope,
                        char **ret) {
        const TextOption *option = loader_option(l, section, key);
        int r;

        *ret = NULL;
        if (!option)
                return loader_error(l, section, NULL, "%s is missing; add %s = …", key, key);
        r = loader_expand(l, section, option, scope, ret);
        return r < 0 ? r : 0;
}

static int load_path(Loader *l, const TextSection *section, ServerConfig *s) {
        _cleanup_(freep) char *text = NULL, *path = NULL;
        int r;

        r = get_required(l, section, "file", &l->common, &text);
        if (r < 0 || !text)
                return r;
        r = path_expand_user(utf8_strip(text), &path);
        return r < 0 ? r : path_absolute(path, &s->path);
}

static int load_owner(Loader *l, const TextSection *section, ServerConfig *s) {
        const TextOption *option = loader_option(l, section, "chown");
        Owner owner;
        int r;

        if (!option)
                return 0;
        r = loader_expand(l, section, option, &l->env, &s->owner);
        if (r <= 0)
                return r;
        r = loader_owner(l, section, option, s->owner, &owner);
        s->uid = owner.uid;
        s->gid = owner.gid;
        return r;
}

static int load_address(Loader *l, const TextSection *section, ServerConfig *s) {
        const TextOption *option = loader_option(l, section, "port");
        _cleanup_(freep) char *text = NULL;
        const char *colon;
        int64_t port = 0;
        int r;

        r = get_required(l, section, "port", &l->env, &text);
        if (r < 0 || !text)
                return r;
        colon = strrchr(text, ':');
        r = parse_integer(colon ? colon + 1 : text, &port);
        if (r == -EINVAL)
                return loader_error(l, section, option,
                                    "'%s' is no address; write port, *:port or host:port", text);
        if (r < 0 || port < 1 || port > UINT16_MAX)
                return loader_error(l, section, option, "the port of '%s' is not from 1 to 65535",
                                    text);
        s->port = (int)port;
        s->host = strndup(text, colon ? (size_t)(colon - text) : 0);
        if (!s->host)
                return -ENOMEM;
        for (char *p = s->host; *p; p++)
                *p = (char)tolower((unsigned char)*p);
        if (strcmp(s->host, "*") == 0)
                s->host[0] = '\0';
        return 0;
}

static int check_authentication(Loader *l, const TextSection *section, const ServerConfig *s) {
        const TextOption *username = loader_option(l, section, "username");
        const TextOption *password = loader_option(l, section, "password");

        if (!username == !password)
                return 0;
        return loader_error(l, section, username ? username : password,
                            "goes with %s; give both or neither",
                            username ? "password" : "username");
}

static int load_server(Loader *l, const TextSection *section, ServerConfig *s) {
        SectionKind kind = section_kind(section->name);
        int r;

        s->section = strdup(section->name);
        if (!s->section)
                return -ENOMEM;
        s->is_unix = kind == SECTION_UNIX_SERVER;
        s->uid = (uid_t)-1;
        s->gid = (gid_t)-1;
        r = loader_store(l, section, SCOPE_SECTION, &l->env, s);
        if (r >= 0)
                r = check_authentication(l, section, s);
        if (r >= 0)
                r = s->is_unix ? load_path(l, section, s) : load_address(l, section, s);
        if (r >= 0 && s->is_unix)
                r = load_owner(l, section, s);
        return r < 0 ? r : 0;
}

static int load_kind(Loader *l, SectionKind kind) {
        const ConfigText *t = l->config->text;
        Config *c = l->config;

        for (size_t i = 0; i < t->n_sections; i++) {
                _cleanup_(server_config_freep) ServerConfig *s = NULL;
                ServerConfig **grown;
                int r;

                if (section_kind(t->sections[i]->name) != kind)
                        continue;
                s = calloc(1, sizeof(*s));
                grown = s ? array_room(c->servers, c->n_servers, sizeof(ServerConfig *)) : NULL;
                if (!grown)
                        return -ENOMEM;
                c->servers = grown;
                r = load_server(l, t->sections[i], s);
                if (r < 0)
                        return r;
                grown[c->n_servers++] = TAKE_PTR(s);
        }
        return 0;
}

/* What children get as SUPERVISOR_SERVER_URL: a unix socket if there is one. */
static int choose_url(Config *c) {
        const ServerConfig *best = NULL;
        int k;

        for (size_t i = 0; i < c->n_servers; i++)
                if (!best || (c->servers[i]->is_unix && !best->is_unix))
                        best = c->servers[i];
        if (!best || (best->is_unix ? !best->path : !best->host))
                return 0;
        k = best->is_unix ? asprintf(&c->serverurl, "unix://%s", best->path)
                          : asprintf(&c->serverurl, "http://%s:%d",
                                     *best->host ? best->host : "localhost", best->port);
        if (k < 0)
                c->serverurl = NULL;
        return k < 0 ? -ENOMEM : 0;
}

int load_servers(Loader *l) {
        int r;

        r = load_kind(l, SECTION_INET_SERVER);
        if (r == 0)
                r = load_kind(l, SECTION_UNIX_SERVER);
        return r < 0 ? r : choose_url(l->config);
}
