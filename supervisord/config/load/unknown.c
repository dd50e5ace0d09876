/* What Python's supervisord is silent about: sections and keys that mean nothing. */
#include <string.h>

#include "config/load/loader.h"

static int unknown_section(Loader *l, const TextSection *section) {
        const char *best = section_suggest(section->name);

        if (section->name[0] == ' ' || section->name[strlen(section->name) - 1] == ' ')
                return loader_warn(
                        l, section, NULL,
                        "unknown section, because blanks belong to its name; write [%s] without them",
                        best ? best : "name");
        if (best && strcmp(best, section->name) != 0)
                return loader_warn(l, section, NULL,
                                   "unknown section, ignored; did you mean [%s%s]?", best,
                                   strchr(section->name, ':') ? strchr(section->name, ':') : "");
        if (best)
                return loader_warn(l, section, NULL, "unknown section, ignored; write [%s:NAME]",
                                   best);
        return loader_warn(l, section, NULL,
                           "unknown section, ignored; remove it if nothing else reads it");
}

static int
unknown_key(Loader *l, const TextSection *section, SectionKind kind, const TextOption *option) {
        const char *best = key_suggest(kind, option->key);

        if (best)
                return loader_warn(l, section, option, "unknown key, ignored; did you mean %s?",
                                   best);
        for (size_t i = 0; i < n_config_keys; i++)
                if (strcmp(config_keys[i].name, option->key) == 0)
                        return loader_warn(l, section, option,
                                           "a key of [%s], ignored here; move it there",
                                           section_kind_name(config_keys[i].sections &
                                                             -config_keys[i].sections));
        return loader_warn(l, section, option,
                           "unknown key, ignored; see supervisord --help-config");
}

static int check_keys(Loader *l, const TextSection *section, SectionKind kind) {
        int r = 0;

        for (size_t i = 0; r == 0 && i < section->n_options; i++)
                if (!key_find(kind, section->options[i].key))
                        r = unknown_key(l, section, kind, section->options + i);
        return r;
}

int check_unknown(Loader *l) {
        const ConfigText *t = l->config->text;
        int r = 0;

        for (size_t i = 0; r == 0 && i < t->n_sections; i++) {
                const TextSection *section = t->sections[i];
                unsigned kind = section_kind(section->name);

                if (kind == 0)
                        r = unknown_section(l, section);
                else if (!(kind & (SECTION_RPCINTERFACE | SECTION_CTLPLUGIN)))
                        r = check_keys(l, section, kind);
        }
        return r;
}
