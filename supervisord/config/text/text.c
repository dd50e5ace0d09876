#include "config/text/text.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"

ConfigText *config_text_free(ConfigText *t) {
        if (!t)
                return NULL;
        free(t->sections);
        free(t->files);
        arena_done(&t->arena);
        free(t);
        return NULL;
}

int config_text_add_file(ConfigText *t, const char *path, const char *here, TextFile **ret) {
        TextFile **grown, *f;

        grown = array_room(t->files, t->n_files, sizeof(TextFile *));
        if (!grown)
                return -ENOMEM;
        t->files = grown;
        f = arena_alloc(&t->arena, sizeof(*f));
        if (!f)
                return -ENOMEM;
        f->path = arena_strdup(&t->arena, path);
        f->here = arena_strdup(&t->arena, here);
        if (!f->path || !f->here)
                return -ENOMEM;
        f->order = t->n_files;
        *ret = t->files[t->n_files++] = f;
        return 0;
}

static TextSection *
section_new(ConfigText *t, const char *name, const TextFile *file, unsigned line) {
        TextSection *s = arena_alloc(&t->arena, sizeof(*s));

        if (!s)
                return NULL;
        s->name = arena_strdup(&t->arena, name);
        if (!s->name)
                return NULL;
        s->file = file;
        s->line = line;
        s->index.arena = &t->arena;
        return s;
}

static int add_section(ConfigText *t, TextSection *s) {
        TextSection **grown;
        int r;

        grown = array_room(t->sections, t->n_sections, sizeof(TextSection *));
        if (!grown)
                return -ENOMEM;
        t->sections = grown;
        t->index.arena = &t->arena;
        r = string_index_add(&t->index, s->name, t->n_sections);
        if (r < 0)
                return r;
        t->sections[t->n_sections++] = s;
        return 0;
}

int config_text_section(ConfigText *t,
                        const char *name,
                        const TextFile *file,
                        unsigned line,
                        TextSection **ret) {
        bool defaults = strcmp(name, "DEFAULT") == 0;
        size_t i = string_index_find(&t->index, name);

        if (i != STRING_INDEX_NONE) {
                *ret = t->sections[i];
                return 0;
        }
        if (defaults && t->defaults) {
                *ret = t->defaults;
                return 0;
        }
        *ret = section_new(t, name, file, line);
        if (!*ret)
                return -ENOMEM;
        if (!defaults)
                return add_section(t, *ret);
        t->defaults = *ret;
        return 0;
}

const TextSection *config_text_find(const ConfigText *t, const char *name) {
        size_t i = string_index_find(&t->index, name);

        return i == STRING_INDEX_NONE ? NULL : t->sections[i];
}

TextOption *text_section_find(const TextSection *section, const char *key) {
        size_t i = string_index_find(&section->index, key);

        return i == STRING_INDEX_NONE ? NULL : section->options + i;
}

const TextOption *
config_text_option(const ConfigText *t, const TextSection *section, const char *key) {
        const TextOption *o = text_section_find(section, key);

        return o || !t->defaults ? o : text_section_find(t->defaults, key);
}

int text_section_set(ConfigText *t, TextSection *section, const TextOption *option) {
        TextOption *old = text_section_find(section, option->key), copy = *option, *grown;
        size_t n = section->n_options;
        int r;

        copy.key = old ? old->key : arena_strdup(&t->arena, option->key);
        copy.value = arena_strdup(&t->arena, option->value);
        if (!copy.key || !copy.value)
                return -ENOMEM;
        if (old) {
                *old = copy;
                return 0;
        }
        grown = arena_room(&t->arena, section->options, n, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        section->options = grown;
        r = string_index_add(&section->index, copy.key, n);
        if (r < 0)
                return r;
        section->options[section->n_options++] = copy;
        return 0;
}
