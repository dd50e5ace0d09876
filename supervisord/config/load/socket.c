/* [socket:x] sections, and which programs are given them. */
#include "config/load/socket.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "config/keys/address.h"
#include "config/text/suggest.h"

/* ---------------------------------------------------------------- SocketConfig as a value */

SocketConfig *socket_config_ref(SocketConfig *c) {
        if (c)
                c->n_ref++;
        return c;
}

SocketConfig *socket_config_unref(SocketConfig *c) {
        if (!c || --c->n_ref > 0)
                return NULL;
        for (size_t i = 0; i < c->n_addresses; i++)
                address_done(c->addresses + i);
        free(c->addresses);
        free(c->name);
        free(c->section);
        free(c->owner);
        free(c->url);
        free(c->host);
        free(c);
        return NULL;
}

ConfigDifference socket_config_compare(const SocketConfig *a, const SocketConfig *b) {
        if (strcmp(a->name, b->name) != 0 || a->type != b->type || a->n_addresses != b->n_addresses)
                return CONFIG_RESTART;
        for (size_t i = 0; i < a->n_addresses; i++)
                if (strcmp(a->addresses[i].text, b->addresses[i].text) != 0)
                        return CONFIG_RESTART;
        return a->backlog == b->backlog && a->mode == b->mode && a->uid == b->uid &&
                               a->gid == b->gid && a->reuse_port == b->reuse_port
                       ? CONFIG_SAME
                       : CONFIG_LIVE;
}

int socket_config_new(const char *name, const TextSection *section, SocketConfig **ret) {
        _cleanup_(socket_config_unrefp) SocketConfig *c = NULL;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->n_ref = 1;
        c->uid = (uid_t)-1;
        c->gid = (gid_t)-1;
        c->name = strdup(name);
        c->section = strdup(section->name);
        if (!c->name || !c->section)
                return -ENOMEM;
        *ret = TAKE_PTR(c);
        return 0;
}

/* ---------------------------------------------------------------- one section */

/* What goes through the loading of all sections. */
typedef struct Assembly {
        Loader *loader;
        StringIndex seen[SOCKET_TYPE_SEQPACKET +
                         1]; /* by type: addresses, with the index of the socket */
} Assembly;

static void assembly_done(Assembly *a) {
        for (size_t i = 0; i < ELEMENTSOF(a->seen); i++)
                string_index_done(a->seen + i);
}

static int add_address(Loader *l, const TextSection *section, SocketConfig *c, const char *item) {
        const TextOption *option = loader_option(l, section, "listen");
        _cleanup_(freep) char *why = NULL;
        SocketAddress *grown;
        int r;

        grown = array_room(c->addresses, c->n_addresses, sizeof(*c->addresses));
        if (!grown)
                return -ENOMEM;
        c->addresses = grown;
        r = address_parse(item, l->rules.no_host_checks, grown + c->n_addresses, &why);
        if (r == -EINVAL)
                return loader_error(l, section, option, "%s", why);
        if (r < 0)
                return r;
        c->n_addresses++;
        if (c->n_addresses == PROCESS_SOCKETS_MAX + 1)
                return loader_error(l, section, option,
                                    "more than %d addresses; use several sockets",
                                    PROCESS_SOCKETS_MAX);
        return 0;
}

static int add_addresses(Loader *l, const TextSection *section, SocketConfig *c, char *list) {
        const TextOption *option = loader_option(l, section, "listen");
        bool by_manager = false;
        char *item;
        int r = 0;

        while (r == 0 && (item = strsep(&list, ",\n"))) {
                item = utf8_strip(item);
                if (strcmp(item, "systemd") == 0)
                        by_manager = true;
                else if (*item)
                        r = add_address(l, section, c, item);
        }
        if (r < 0 || !by_manager || c->n_addresses == 0)
                return r;
        return loader_error(
                l, section, option,
                "\"systemd\" stands alone; leave it out: what the service manager passes "
                "comes before the addresses in any case");
}

static int load_listen(Loader *l, const TextSection *section, const Scope *scope, SocketConfig *c) {
        const TextOption *option = loader_option(l, section, "listen");
        _cleanup_(freep) char *text = NULL;
        int r;

        if (!option)
                return 0;
        r = loader_expand(l, section, option, scope, &text);
        if (r <= 0)
                return r;
        if (!*text)
                return loader_error(l, section, option,
                                    "there is no address; write one such as 127.0.0.1:8080 or "
                                    "/run/x.sock");
        return add_addresses(l, section, c, text);
}

static int load_owner(Loader *l, const TextSection *section, const Scope *scope, SocketConfig *c) {
        const TextOption *option = loader_option(l, section, "socket_owner");
        Owner owner;
        int r;

        if (!option)
                return 0;
        r = loader_expand(l, section, option, scope, &c->owner);
        if (r <= 0)
                return r;
        r = loader_owner(l, section, option, c->owner, &owner);
        c->uid = owner.uid;
        c->gid = owner.gid;
        return r < 0 ? r : 0;
}

/* What no address of the socket can make use of. */
static int check_fit(Loader *l, const TextSection *section, const SocketConfig *c) {
        static const char *const unix_only[] = { "socket_mode", "socket_owner" };
        const TextOption *type = loader_option(l, section, "type");
        bool has_path = c->n_addresses == 0, has_port = false;
        int r = 0;

        for (size_t i = 0; i < c->n_addresses; i++) {
                has_path |= c->addresses[i].kind == ADDRESS_UNIX && c->addresses[i].path[0] == '/';
                has_port |= c->addresses[i].kind != ADDRESS_UNIX;
        }
        if (has_port && c->type == SOCKET_TYPE_SEQPACKET)
                r = loader_error(l, section, type,
                                 "seqpacket is for unix sockets; use stream or dgram with a port");
        for (size_t i = 0; r == 0 && !has_path && i < ELEMENTSOF(unix_only); i++)
                if (loader_option(l, section, unix_only[i]))
                        r = loader_warn(l, section, loader_option(l, section, unix_only[i]),
                                        "has a meaning for unix sockets with a path only; leave it "
                                        "out");
        return r;
}

static int check_unique(Assembly *a, const TextSection *section, const SocketConfig *c, size_t n) {
        Loader *l = a->loader;
        StringIndex *seen = a->seen + c->type;

        for (size_t i = 0; i < c->n_addresses; i++) {
                size_t k = string_index_find(seen, c->addresses[i].text);
                int r;

                if (k == STRING_INDEX_NONE)
                        r = string_index_add(seen, c->addresses[i].text, n);
                else
                        r = loader_error(l, section, loader_option(l, section, "listen"),
                                         "%s is an address of [socket:%s] already; programs can "
                                         "share that",
                                         c->addresses[i].text,
                                         k == n ? c->name : l->config->sockets[k]->name);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What sd_listen_fds_with_names(3) can carry. */
static int check_name(Loader *l, const TextSection *section, const char *name) {
        bool is_plain = *name && strlen(name) < 256;

        for (const char *p = name; *p; p++)
                is_plain &= (unsigned char)*p > ' ' && (unsigned char)*p < 127;
        return is_plain ? 0
                        : loader_error(l, section, NULL,
                                       "a socket needs a name of 1 to 255 ASCII characters; write "
                                       "[socket:NAME]");
}

static int load_socket(Assembly *a, const TextSection *section, SocketConfig **ret) {
        _cleanup_(socket_config_unrefp) SocketConfig *c = NULL;
        _cleanup_(scope_done) Scope scope = { .parent = &a->loader->common };
        _cleanup_(freep) char *name = NULL;
        Loader *l = a->loader;
        int r;

        r = loader_name(l, section, NULL, strchr(section->name, ':') + 1, &name);
        if (r > 0)
                r = check_name(l, section, name);
        if (r >= 0)
                r = socket_config_new(name ? name : "", section, &c);
        if (r == 0)
                r = scope_set(&scope, "host_node_name", l->host);
        if (r == 0)
                r = loader_store(l, section, SCOPE_SECTION, &scope, c);
        if (r >= 0)
                r = load_listen(l, section, &scope, c);
        if (r >= 0)
                r = load_owner(l, section, &scope, c);
        if (r >= 0)
                r = check_fit(l, section, c);
        if (r >= 0)
                r = check_unique(a, section, c, l->config->n_sockets);
        if (r >= 0)
                *ret = TAKE_PTR(c);
        return r < 0 ? r : 0;
}

int load_sockets(Loader *l) {
        _cleanup_(assembly_done) Assembly a = { .loader = l };
        const ConfigText *t = l->config->text;
        Config *config = l->config;

        for (size_t i = 0; i < t->n_sections; i++) {
                SocketConfig **grown;
                int r;

                if (section_kind(t->sections[i]->name) != SECTION_SOCKET)
                        continue;
                grown = array_room(config->sockets, config->n_sockets, sizeof(SocketConfig *));
                if (!grown)
                        return -ENOMEM;
                config->sockets = grown;
                r = load_socket(&a, t->sections[i], grown + config->n_sockets);
                if (r < 0)
                        return r;
                config->n_sockets++;
        }
        return 0;
}

/* ---------------------------------------------------------------- their programs */

static SocketConfig *find_socket(const Config *c, const char *name) {
        for (size_t i = 0; i < c->n_sockets; i++)
                if (strcmp(c->sockets[i]->name, name) == 0)
                        return c->sockets[i];
        return NULL;
}

static int unknown_socket(Loader *l, const TextSection *section, const char *name) {
        const TextOption *option = loader_option(l, section, "sockets");
        const char *best = NULL;

        for (size_t i = 0; i < l->config->n_sockets; i++)
                best = suggest_closer(name, best, l->config->sockets[i]->name);
        if (best)
                return loader_error(l, section, option, "there is no [socket:%s]; did you mean %s?",
                                    name, best);
        return loader_error(l, section, option,
                            "there is no [socket:%s]; add that section or remove the name", name);
}

static bool is_listed(const ProcessConfig *c, const SocketConfig *socket) {
        for (size_t i = 0; i < c->settings->n_sockets; i++)
                if (c->settings->sockets[i] == socket)
                        return true;
        return false;
}

/* @n: how many descriptors there are at least. */
static int check_style(Loader *l, const TextSection *section, const ProcessConfig *c, size_t n) {
        const TextOption *option = loader_option(l, section, "socket_style");

        if (c->settings->socket_style == SOCKET_STYLE_STDIN && n != 1)
                return loader_error(l, section, option,
                                    "stdin is one socket with one address, and sockets names %zu; "
                                    "use listen_fds",
                                    n);
        if (n > PROCESS_SOCKETS_MAX)
                return loader_error(l, section, loader_option(l, section, "sockets"),
                                    "more than %d addresses in all; leave some out",
                                    PROCESS_SOCKETS_MAX);
        return 0;
}

int load_process_sockets(Loader *l, const TextSection *section, ProcessConfig *c) {
        size_t n = strv_length(c->settings->socket_names), n_descriptors = 0;
        int r = 0;

        c->settings->sockets = calloc(n + 1, sizeof(SocketConfig *));
        if (!c->settings->sockets)
                return -ENOMEM;
        for (size_t i = 0; r == 0 && i < n; i++) {
                SocketConfig *socket = find_socket(l->config, c->settings->socket_names[i]);

                if (!socket) {
                        r = unknown_socket(l, section, c->settings->socket_names[i]);
                } else if (is_listed(c, socket)) {
                        r = loader_error(l, section, loader_option(l, section, "sockets"),
                                         "'%s' is listed twice; remove one", socket->name);
                } else {
                        c->settings->sockets[c->settings->n_sockets++] = socket_config_ref(socket);
                        n_descriptors += MAX(socket->n_addresses, (size_t)1);
                }
        }
        return r < 0 || c->settings->n_sockets < n ? r : check_style(l, section, c, n_descriptors);
}

int check_unused_sockets(Loader *l) {
        const Config *c = l->config;
        int r = 0;

        if (l->report->n_errors > 0)
                return 0; /* who was to have it may be missing for that */
        for (size_t i = 0; r == 0 && i < c->n_sockets; i++)
                if (c->sockets[i]->n_ref == 1)
                        r = loader_warn(l, config_text_find(c->text, c->sockets[i]->section), NULL,
                                        "no program has it in its sockets, so that nobody answers "
                                        "there; name it in sockets of a program or remove it");
        return r;
}
