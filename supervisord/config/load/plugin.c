#include "config/load/plugin.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/strv.h"
#include "config/load/loader.h"

static const char *skip_dotted(const char *p) {
        while (isalnum((unsigned char)*p) || *p == '_' || *p == '.' || (unsigned char)*p >= 0x80)
                p++;
        return p;
}

static const char *skip_blanks(const char *p) {
        return p + strspn(p, " \t\r\n");
}

bool is_python_spec(const char *spec) {
        const char *start = skip_blanks(spec), *p = skip_dotted(start), *attribute;

        if (p == start)
                return false;
        p = skip_blanks(p);
        if (*p == ':') {
                attribute = skip_blanks(p + 1);
                p = skip_dotted(attribute);
                if (p == attribute)
                        return false;
                p = skip_blanks(p);
        }
        return *p == '\0' || (*p == '[' && p[strlen(p) - 1] == ']');
}

PluginConfig *plugin_config_free(PluginConfig *p) {
        if (!p)
                return NULL;
        free(p->section);
        free(p->name);
        free(p->factory);
        p->options = strv_free(p->options);
        free(p);
        return NULL;
}

static const char *factory_key(SectionKind kind) {
        return kind == SECTION_RPCINTERFACE ? "supervisor.rpcinterface_factory"
                                            : "supervisor.ctl_factory";
}

static int load_factory(Loader *l, const TextSection *section, const char *key, PluginConfig *p) {
        const TextOption *option = loader_option(l, section, key);
        int r;

        if (!option)
                return loader_error(l, section, NULL, "%s is missing; write %s = module:callable",
                                    key, key);
        r = loader_expand(l, section, option, &l->env, &p->factory);
        if (r > 0 && !is_python_spec(p->factory))
                r = loader_error(l, section, option,
                                 "'%s' names no Python code; write module:callable", p->factory);
        return r < 0 ? r : 0;
}

/* Every other key is an argument of the plugin, those of [DEFAULT] included. */
static int load_arguments(Loader *l,
                          const TextSection *section,
                          const TextSection *from,
                          const char *factory,
                          PluginConfig *p) {
        int r = 0;

        for (size_t i = 0; r >= 0 && from && i < from->n_options; i++) {
                const TextOption *option = from->options + i;
                _cleanup_(freep) char *text = NULL;

                if (strcmp(option->key, factory) == 0 ||
                    loader_option(l, section, option->key) != option)
                        continue;
                r = loader_expand(l, section, option, &l->env, &text);
                if (r > 0)
                        r = strv_env_set(&p->options, option->key, text);
        }
        return r < 0 ? r : 0;
}

static int
load_plugin(Loader *l, const TextSection *section, const char *factory, PluginConfig *p) {
        int r;

        p->section = strdup(section->name);
        p->name = strdup(strchr(section->name, ':') + 1);
        if (!p->section || !p->name)
                return -ENOMEM;
        r = load_factory(l, section, factory, p);
        if (r == 0)
                r = load_arguments(l, section, section, factory, p);
        if (r == 0)
                r = load_arguments(l, section, l->config->text->defaults, factory, p);
        strv_sort(p->options);
        return r;
}

int load_plugins(Loader *l, SectionKind kind) {
        const ConfigText *t = l->config->text;
        PluginConfig ***list =
                kind == SECTION_RPCINTERFACE ? &l->config->rpcinterfaces : &l->config->ctlplugins;
        size_t *n = kind == SECTION_RPCINTERFACE ? &l->config->n_rpcinterfaces
                                                 : &l->config->n_ctlplugins;
        int r = 0;

        for (size_t i = 0; r == 0 && i < t->n_sections; i++) {
                _cleanup_(plugin_config_freep) PluginConfig *p = NULL;
                PluginConfig **grown;

                if (section_kind(t->sections[i]->name) != kind)
                        continue;
                p = calloc(1, sizeof(*p));
                grown = p ? array_room(*list, *n, sizeof(PluginConfig *)) : NULL;
                if (!grown)
                        return -ENOMEM;
                *list = grown;
                r = load_plugin(l, t->sections[i], factory_key(kind), p);
                grown[(*n)++] = TAKE_PTR(p);
        }
        return r;
}
