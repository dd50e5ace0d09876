#include "config/group.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/utf8.h"

GroupConfig *group_config_free(GroupConfig *g) {
        if (!g)
                return NULL;
        for (size_t i = 0; i < g->n_processes; i++)
                (void)process_config_unref(g->processes[i]);
        free(g->processes);
        free(g->name);
        free(g->section);
        g->events = strv_free(g->events);
        free(g->result_handler);
        free(g->socket.url);
        free(g->socket.path);
        free(g->socket.host);
        free(g->socket.owner);
        free(g);
        return NULL;
}

int group_config_new(GroupType type,
                     const char *name,
                     const TextSection *section,
                     GroupConfig **ret) {
        _cleanup_(group_config_freep) GroupConfig *g = NULL;

        g = calloc(1, sizeof(*g));
        if (!g)
                return -ENOMEM;
        g->type = type;
        g->socket.backlog = -1;
        g->socket.uid = (uid_t)-1;
        g->socket.gid = (gid_t)-1;
        g->name = strdup(name);
        g->section = strdup(section->name);
        if (!g->name || !g->section)
                return -ENOMEM;
        *ret = TAKE_PTR(g);
        return 0;
}

int group_add_section(Loader *l, GroupConfig *g, const TextSection *section) {
        ProcessConfig **list = NULL, **grown;
        size_t n = 0;
        int r;

        r = load_processes(l, section, g->name, &list, &n);
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

int next_list_item(const char **list, char **ret) {
        size_t n = strcspn(*list, ",");
        _cleanup_(freep) char *item = strndup(*list, n);

        if (!item)
                return -ENOMEM;
        *ret = strdup(utf8_strip(item));
        if (!*ret)
                return -ENOMEM;
        *list = (*list)[n] ? *list + n + 1 : NULL;
        return 0;
}
