/* All groups of a configuration, and the processes in the order in which they start. */
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "config/load/group.h"
#include "config/text/list.h"
#include "config/text/suggest.h"

/* Which sections are members of a [group:x] and thus form no group of their own. */
typedef struct Assembly {
        Loader *loader;
        bool *grouped; /* by index of the section */
} Assembly;

static int add_group(Loader *l, GroupConfig *g) {
        Config *c = l->config;
        GroupConfig **grown;

        grown = array_room(c->groups, c->n_groups, sizeof(GroupConfig *));
        if (!grown)
                return -ENOMEM;
        c->groups = grown;
        g->order = c->n_groups;
        c->groups[c->n_groups++] = g;
        return 0;
}

static int unknown_member(Loader *l, const TextSection *section, const char *name) {
        const ConfigText *t = l->config->text;
        const TextOption *option = loader_option(l, section, "programs");
        const char *best = NULL;

        if (!*name)
                return loader_error(l, section, option,
                                    "an empty name stands between or behind the commas; remove it");
        for (size_t i = 0; i < t->n_sections; i++)
                if (section_kind(t->sections[i]->name) & (SECTION_PROGRAM | SECTION_FCGI))
                        best = suggest_closer(name, best, strchr(t->sections[i]->name, ':') + 1);
        if (best)
                return loader_error(l, section, option,
                                    "there is no [program:%s]; did you mean %s?", name, best);
        return loader_error(l, section, option,
                            "there is no [program:%s]; add that section or remove the name", name);
}

/* The section of the member @name; *ret is STRING_INDEX_NONE after an error was reported. */
static int find_member(Loader *l, const TextSection *section, const char *name, size_t *ret) {
        _cleanup_(freep) char *program = NULL, *fcgi = NULL;
        size_t i, k;

        if (asprintf(&program, "program:%s", name) < 0 ||
            asprintf(&fcgi, "fcgi-program:%s", name) < 0)
                return -ENOMEM;
        i = string_index_find(&l->config->text->index, program);
        k = string_index_find(&l->config->text->index, fcgi);
        *ret = STRING_INDEX_NONE;
        if (i == STRING_INDEX_NONE && k == STRING_INDEX_NONE)
                return unknown_member(l, section, name);
        if (i != STRING_INDEX_NONE && k != STRING_INDEX_NONE)
                return loader_error(l, section, loader_option(l, section, "programs"),
                                    "both [program:%s] and [fcgi-program:%s] exist; rename one",
                                    name, name);
        *ret = i != STRING_INDEX_NONE ? i : k;
        return 0;
}

static int add_members(Assembly *a, GroupConfig *g, const TextSection *section, const char *list) {
        Loader *l = a->loader;

        while (list) {
                _cleanup_(freep) char *name = NULL;
                size_t i = STRING_INDEX_NONE;
                int r;

                r = next_list_item(&list, &name);
                if (r == 0)
                        r = find_member(l, section, name, &i);
                if (r < 0)
                        return r;
                if (i == STRING_INDEX_NONE)
                        continue;
                a->grouped[i] = true;
                r = group_add_section(l, g, l->config->text->sections[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int load_members(Assembly *a, GroupConfig *g, const TextSection *section) {
        Loader *l = a->loader;
        const TextOption *option = loader_option(l, section, "programs");
        _cleanup_(freep) char *text = NULL;
        int r;

        if (!option)
                return loader_warn(l, section, NULL, "programs is missing: the group is empty");
        r = loader_expand(l, section, option, &l->common, &text);
        if (r <= 0)
                return r;
        return *text ? add_members(a, g, section, text) : 0;
}

/*
 * The name of the group that @section forms. *ret is NULL after an error was reported. Python takes
 * the name of an event listener as it stands; load_processes() looks at it all the same.
 */
static int group_name(Loader *l, const TextSection *section, GroupType type, char **ret) {
        const char *raw = strchr(section->name, ':') + 1;

        if (type != GROUP_TYPE_EVENTLISTENER)
                return loader_name(l, section, NULL, raw, ret);
        *ret = strdup(raw);
        return *ret ? 1 : -ENOMEM;
}

static int load_group(Assembly *a, const TextSection *section, GroupType type) {
        _cleanup_(group_config_freep) GroupConfig *g = NULL;
        _cleanup_(freep) char *name = NULL;
        Loader *l = a->loader;
        int r;

        r = group_name(l, section, type, &name);
        if (r >= 0)
                r = group_config_new(type, name ? name : "", section, &g);
        if (r == 0)
                r = group_load_priority(l, g, section, type == GROUP_TYPE_EVENTLISTENER ? -1 : 999);
        if (r >= 0 && type == GROUP_TYPE_EVENTLISTENER)
                r = group_load_listener(l, g, section);
        if (r >= 0)
                r = section_kind(section->name) == SECTION_GROUP ? load_members(a, g, section)
                                                                 : group_add_section(l, g, section);
        if (r >= 0)
                r = add_group(l, g);
        if (r < 0)
                return r;
        (void)TAKE_PTR(g); /* the configuration owns it now */
        return 0;
}

/* Every section of @kind that is no member of a group. */
static int load_kind(Assembly *a, SectionKind kind, GroupType type) {
        const ConfigText *t = a->loader->config->text;

        for (size_t i = 0; i < t->n_sections; i++) {
                int r;

                if (section_kind(t->sections[i]->name) != kind || a->grouped[i])
                        continue;
                r = load_group(a, t->sections[i], type);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int compare_groups(const void *a, const void *b) {
        const GroupConfig *x = *(GroupConfig *const *)a, *y = *(GroupConfig *const *)b;
        int k;

        if (x->priority != y->priority)
                return x->priority < y->priority ? -1 : 1;
        k = strcmp(x->name, y->name);
        if (k != 0)
                return k;
        return x->order < y->order ? -1 : 1;
}

static int compare_processes(const void *a, const void *b) {
        const ProcessConfig *x = *(ProcessConfig *const *)a, *y = *(ProcessConfig *const *)b;
        int k;

        if (x->group_priority != y->group_priority)
                return x->group_priority < y->group_priority ? -1 : 1;
        k = strcmp(x->group, y->group);
        if (k != 0)
                return k;
        if (x->priority != y->priority)
                return x->priority < y->priority ? -1 : 1;
        return strcmp(x->name, y->name);
}

static int warn_repeated(Loader *l, const GroupConfig *g, const char *name) {
        return loader_warn(
                l, config_text_find(l->config->text, g->section), NULL,
                "the name %s is used more than once in the group %s; only the last counts", name,
                g->name);
}

/* Add the processes of @g; of those with one name the last stays, in the place of the first. */
static int list_group(Loader *l, const GroupConfig *g) {
        _cleanup_(string_index_done) StringIndex names = { 0 };
        Config *c = l->config;
        int r = 0;

        for (size_t i = 0; r == 0 && i < g->n_processes; i++) {
                ProcessConfig *p = g->processes[i];
                size_t k = string_index_find(&names, p->name);

                p->group_priority = g->priority;
                if (k != STRING_INDEX_NONE) {
                        (void)process_config_unref(c->processes[k]);
                        c->processes[k] = process_config_ref(p);
                        r = warn_repeated(l, g, p->name);
                        continue;
                }
                r = string_index_add(&names, p->name, c->n_processes);
                if (r == 0)
                        c->processes[c->n_processes++] = process_config_ref(p);
        }
        return r;
}

static int list_processes(Loader *l) {
        _cleanup_(string_index_done) StringIndex names = { 0 };
        Config *c = l->config;
        int r = 0;

        c->processes = calloc(l->n_processes + 1, sizeof(ProcessConfig *));
        if (!c->processes)
                return -ENOMEM;
        for (size_t i = 0; r == 0 && i < c->n_groups; i++) {
                const GroupConfig *g = c->groups[i];

                if (string_index_find(&names, g->name) != STRING_INDEX_NONE) {
                        r = loader_warn(
                                l, config_text_find(c->text, g->section), NULL,
                                "there is another group %s; this one is not started; rename it",
                                g->name);
                        continue;
                }
                r = string_index_add(&names, g->name, i);
                if (r == 0)
                        r = list_group(l, g);
        }
        if (c->n_processes > 1)
                qsort(c->processes, c->n_processes, sizeof(ProcessConfig *), compare_processes);
        return r;
}

int load_groups(Loader *l) {
        _cleanup_(freep) bool *grouped = calloc(l->config->text->n_sections + 1, sizeof(bool));
        Assembly a = { .loader = l, .grouped = grouped };
        int r;

        if (!grouped)
                return -ENOMEM;
        r = load_kind(&a, SECTION_GROUP, GROUP_TYPE_GROUP);
        if (r == 0)
                r = load_kind(&a, SECTION_PROGRAM, GROUP_TYPE_GROUP);
        if (r == 0)
                r = load_kind(&a, SECTION_EVENTLISTENER, GROUP_TYPE_EVENTLISTENER);
        if (r == 0)
                r = load_kind(&a, SECTION_FCGI, GROUP_TYPE_FCGI);
        if (r < 0)
                return r;
        if (l->config->n_groups > 1)
                qsort(l->config->groups, l->config->n_groups, sizeof(GroupConfig *),
                      compare_groups);
        return list_processes(l);
}
