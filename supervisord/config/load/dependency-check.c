/* Do the names of depends_on exist, and does nobody wait for himself? */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text-stream.h"
#include "config/keys/value-dependencies.h"
#include "config/model/name-index.h"
#include "config/text/suggest.h"
#include "config/load/loader.h"
#include "config/model/dependency-graph.h"

static const ProcessConfig *const *processes_of(const Loader *l) {
        return (const ProcessConfig *const *)l->config->processes;
}

static int complain(Loader *l, const ProcessConfig *p, const char *what) {
        const TextSection *section = config_text_find(l->config->text, p->section);

        return loader_error(l, section, section ? loader_option(l, section, "depends_on") : NULL,
                            "%s", what);
}

static int unknown_name(Loader *l, const ProcessConfig *p, const char *name) {
        _cleanup_(freep) char *what = NULL;
        const char *best = NULL;
        int r;

        for (size_t i = 0; i < l->config->n_processes; i++) {
                best = suggest_closer(name, best, l->config->processes[i]->group);
                best = suggest_closer(name, best, l->config->processes[i]->program);
        }
        r = best ? asprintf(&what, "there is no '%s'; did you mean %s?", name, best)
                 : asprintf(&what,
                            "there is no '%s'; name a group, a program or GROUP:NAME, behind it "
                            ":started, :ready or :exited",
                            name);
        if (r < 0) {
                what = NULL;
                return -ENOMEM;
        }
        return complain(l, p, what);
}

/* Copies of one program say the same; their names are checked once. */
static bool repeats(const ProcessConfig *p, const ProcessConfig *before) {
        return before && strcmp(p->section, before->section) == 0 &&
               dependencies_equal(&p->depends_on, &before->depends_on);
}

static int check_names(Loader *l) {
        _cleanup_(name_index_freep) NameIndex *names = NULL;
        const ProcessConfig *before = NULL;
        int r;

        r = name_index_new(processes_of(l), l->config->n_processes, &names);
        for (size_t i = 0; r >= 0 && i < l->config->n_processes; i++) {
                const ProcessConfig *p = l->config->processes[i];
                const size_t *found;

                for (size_t k = 0; r >= 0 && k < p->depends_on.n && !repeats(p, before); k++)
                        if (name_index_find(names, p->depends_on.items[k].name, &found) == 0)
                                r = unknown_name(l, p, p->depends_on.items[k].name);
                before = p;
        }
        return r;
}

static int describe_circle(const Loader *l, const DependencyGraph *g, char **ret) {
        size_t size;
        FILE *f;

        f = open_memstream(ret, &size);
        if (!f)
                return -ENOMEM;
        (void)fputs("this goes round in a circle: ", f);
        for (size_t i = 0; i <= g->n_circle; i++) {
                const ProcessConfig *p = l->config->processes[g->circle[i % g->n_circle]];

                if (strcmp(p->group, p->name) == 0)
                        (void)fprintf(f, "%s%s", i > 0 ? " -> " : "", p->name);
                else
                        (void)fprintf(f, "%s%s:%s", i > 0 ? " -> " : "", p->group, p->name);
        }
        (void)fputs("; leave one of these out", f);
        return text_stream_close(f, ret);
}

static int check_circle(Loader *l) {
        _cleanup_(dependency_graph_freep) DependencyGraph *g = NULL;
        _cleanup_(freep) char *what = NULL;
        int r;

        r = dependency_graph_new(processes_of(l), l->config->n_processes, &g);
        if (r < 0 || g->n_circle == 0)
                return r;
        r = describe_circle(l, g, &what);
        return r < 0 ? r : complain(l, l->config->processes[g->circle[0]], what);
}

int check_dependencies(Loader *l) {
        int r;

        r = check_names(l);
        return r < 0 ? r : check_circle(l);
}
