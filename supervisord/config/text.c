#include "config/text.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"

static TextSection *section_free(TextSection *s) {
        if (!s)
                return NULL;
        for (size_t i = 0; i < s->n_options; i++) {
                free(s->options[i].key);
                free(s->options[i].value);
        }
        free(s->options);
        table_done(&s->index);
        free(s->name);
        free(s);
        return NULL;
}
DEFINE_CLEANUP(TextSection, section_free);

static TextFile *file_free(TextFile *f) {
        free(f->path);
        free(f->here);
        free(f);
        return NULL;
}
DEFINE_CLEANUP(TextFile, file_free);

ConfigText *config_text_free(ConfigText *t) {
        if (!t)
                return NULL;
        for (size_t i = 0; i < t->n_sections; i++)
                (void)section_free(t->sections[i]);
        for (size_t i = 0; i < t->n_files; i++)
                (void)file_free(t->files[i]);
        (void)section_free(t->defaults);
        free(t->sections);
        free(t->files);
        table_done(&t->index);
        free(t);
        return NULL;
}

int config_text_add_file(ConfigText *t, const char *path, const char *here, TextFile **ret) {
        _cleanup_(file_freep) TextFile *f = NULL;
        TextFile **grown;

        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;
        f->path = strdup(path);
        f->here = strdup(here);
        if (!f->path || !f->here)
                return -ENOMEM;
        f->order = t->n_files;
        grown = array_room(t->files, t->n_files, sizeof(TextFile *));
        if (!grown)
                return -ENOMEM;
        t->files = grown;
        *ret = f;
        t->files[t->n_files++] = TAKE_PTR(f);
        return 0;
}

static int section_new(const char *name, const TextFile *file, unsigned line, TextSection **ret) {
        _cleanup_(section_freep) TextSection *s = NULL;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->name = strdup(name);
        if (!s->name)
                return -ENOMEM;
        s->file = file;
        s->line = line;
        *ret = TAKE_PTR(s);
        return 0;
}

static int add_section(ConfigText *t, TextSection *s) {
        TextSection **grown;
        int r;

        grown = array_room(t->sections, t->n_sections, sizeof(TextSection *));
        if (!grown)
                return -ENOMEM;
        t->sections = grown;
        r = table_add(&t->index, s->name, t->n_sections);
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
        _cleanup_(section_freep) TextSection *s = NULL;
        bool defaults = strcmp(name, "DEFAULT") == 0;
        size_t i = table_find(&t->index, name);
        int r;

        if (i != TABLE_NONE) {
                *ret = t->sections[i];
                return 0;
        }
        if (defaults && t->defaults) {
                *ret = t->defaults;
                return 0;
        }
        r = section_new(name, file, line, &s);
        if (r < 0)
                return r;
        *ret = s;
        if (defaults) {
                t->defaults = TAKE_PTR(s);
                return 0;
        }
        r = add_section(t, s);
        if (r < 0)
                return r;
        (void)TAKE_PTR(s); /* the text owns it now */
        return 0;
}

const TextSection *config_text_find(const ConfigText *t, const char *name) {
        size_t i = table_find(&t->index, name);

        return i == TABLE_NONE ? NULL : t->sections[i];
}

TextOption *text_section_find(const TextSection *section, const char *key) {
        size_t i = table_find(&section->index, key);

        return i == TABLE_NONE ? NULL : section->options + i;
}

const TextOption *
config_text_option(const ConfigText *t, const TextSection *section, const char *key) {
        const TextOption *o = text_section_find(section, key);

        return o || !t->defaults ? o : text_section_find(t->defaults, key);
}

int text_section_set(TextSection *section, const TextOption *option) {
        TextOption *old = text_section_find(section, option->key), *grown;
        size_t n = section->n_options;
        int r;

        if (old) {
                free(option->key);
                free(old->value);
                old->value = option->value;
                old->file = option->file;
                old->line = option->line;
                return 0;
        }
        grown = array_room(section->options, n, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        section->options = grown;
        r = table_add(&section->index, option->key, n);
        if (r < 0)
                return r;
        section->options[section->n_options++] = *option;
        return 0;
}
