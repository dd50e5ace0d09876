#include "config/load/group.h"

#include <errno.h>
#include <string.h>

#include "base/pack.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "config/load/socket.h"

GroupConfig *group_config_free(GroupConfig *g) {
        if (!g)
                return NULL;
        for (size_t i = 0; i < g->n_processes; i++)
                (void)process_config_unref(g->processes[i]);
        free(g->processes);
        free(g->section); /* and with it the name */
        g->events = strv_free(g->events);
        free(g->result_handler);
        (void)socket_config_unref(g->socket);
        free(g);
        return NULL;
}

int group_config_new(GroupType type,
                     const char *name,
                     const TextSection *section,
                     GroupConfig **ret) {
        const char *const texts[] = { section->name, name };
        const char *copies[ELEMENTSOF(texts)];
        _cleanup_(group_config_freep) GroupConfig *g = NULL;

        g = calloc(1, sizeof(*g));
        if (!g)
                return -ENOMEM;
        g->type = type;
        g->section = pack_texts(texts, copies, ELEMENTSOF(texts));
        if (!g->section)
                return -ENOMEM;
        g->name = copies[1];
        *ret = TAKE_PTR(g);
        return 0;
}

/* The name after the colon: what is wrong with it load_processes() tells. */
static int
load_shared_socket(Loader *l, GroupConfig *g, const TextSection *section, SocketConfig **ret) {
        _cleanup_(freep) char *name = strdup(strchr(section->name, ':') + 1);
        int r;

        if (!name)
                return -ENOMEM;
        /* Python never looks at the socket of one that is in a group, nor gives it one. */
        if (g->type != GROUP_TYPE_FCGI && !loader_option(l, section, "socket"))
                return loader_warn(
                        l, section, NULL,
                        "socket is missing, its processes are given none; write socket = "
                        "unix:///path/to/socket or tcp://host:port");
        r = load_fcgi_socket(l, section, utf8_strip(name), ret);
        if (r == 0 && g->type == GROUP_TYPE_FCGI)
                g->socket = socket_config_ref(*ret);
        return r;
}

int group_add_section(Loader *l, GroupConfig *g, const TextSection *section) {
        _cleanup_(socket_config_unrefp) SocketConfig *socket = NULL;
        ProcessConfig **list = NULL, **grown;
        size_t n = 0;
        int r = 0;

        if (section_kind(section->name) == SECTION_FCGI)
                r = load_shared_socket(l, g, section, &socket);
        if (r < 0)
                return r;
        r = load_processes(l, section, g->name, &list, &n);
        for (size_t i = 0; i < n; i++)
                list[i]->fcgi_socket = socket_config_ref(socket);
        grown = reallocarray(g->processes, g->n_processes + n + 1, sizeof(ProcessConfig *));
        if (!grown) {
                for (size_t i = 0; i < n; i++)
                        (void)process_config_unref(list[i]);
                free(list);
                return -ENOMEM;
        }
        g->processes = grown;
        for (size_t i = 0; i < n; i++)
                grown[g->n_processes++] = list[i];
        free(list);
        return r;
}

int group_load_priority(Loader *l, GroupConfig *g, const TextSection *section, int64_t fallback) {
        const TextOption *option = loader_option(l, section, "priority");
        _cleanup_(freep) char *text = NULL, *why = NULL;
        int r;

        g->priority = fallback;
        if (!option)
                return 0;
        r = loader_expand(l, section, option, &l->common, &text);
        if (r <= 0)
                return r;
        r = key_store(key_find(SECTION_GROUP, "priority"), text, g, &l->rules, &why);
        return r == -EINVAL ? loader_error(l, section, option, "%s", why) : r;
}
