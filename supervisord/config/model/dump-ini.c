/* config_dump_ini(): every value in force and where it came from. */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text-stream.h"
#include "config/keys/keys.h"
#include "config/keys/value.h"
#include "config/model/config.h"
#include "config/text/text.h"

typedef struct Dump {
        const Config *config;
        FILE *file;
        const TextSection *section;
        const void *object; /* what the section fills, or NULL */
        bool copies;        /* there are several; object is the first */
} Dump;

static void print_origin(const Dump *d, const TextOption *option) {
        if (option)
                (void)fprintf(d->file, " ; %s:%u\n", option->file->path, option->line);
        else
                (void)fputs(" ; default\n", d->file);
}

/* "key = value ; origin", with further lines of the value below. '%' is doubled @times over. */
static void print_value(const Dump *d,
                        const char *key,
                        const char *value,
                        size_t times,
                        const TextOption *option) {
        const char *end = strchrnul(value, '\n');
        bool first = true;

        (void)fprintf(d->file, "%s = ", key);
        for (;; value = end + 1, end = strchrnul(value, '\n')) {
                for (const char *p = value; p < end; p++)
                        for (size_t i = 0; i < (*p == '%' ? times : 1); i++)
                                (void)fputc(*p, d->file);
                if (first)
                        print_origin(d, option);
                else
                        (void)fputc('\n', d->file);
                first = false;
                if (!*end)
                        break;
                (void)fputc('\t', d->file);
        }
}

/* Can the value be told from the field, or is the text of the file the better source? */
static bool prefers_text(const Dump *d, const Key *key) {
        if (!d->object || key->no_field || key_is_text(key))
                return true;
        return d->copies && (key->scope == SCOPE_PROCESS || key->scope == SCOPE_RAW);
}

static int print_field(const Dump *d, const Key *key, const TextOption *option) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        key_print(f, key, d->object);
        if (text_stream_close(f, &text) < 0)
                return -ENOMEM;
        print_value(d, key->name, text, key->twice ? 4 : 2, option);
        return 0;
}

static int print_key(const Dump *d, const Key *key) {
        const TextOption *option = config_text_option(d->config->text, d->section, key->name);
        const char *text = option ? option->value : key->fallback;

        if (prefers_text(d, key)) {
                if (text)
                        print_value(d, key->name, text, 1, option);
                else
                        (void)fprintf(d->file, "; %s is not set\n", key->name);
                return 0;
        }
        if (key_is_set(key, d->object))
                return print_field(d, key, option);
        (void)fprintf(d->file, "; %s is not set\n", key->name);
        return 0;
}

/* Keys that mean nothing to us but may to others: plugins have their own. */
static void print_others(const Dump *d, SectionKind kind) {
        for (size_t i = 0; i < d->section->n_options; i++) {
                const TextOption *option = d->section->options + i;

                if (!key_find(kind, option->key))
                        print_value(d, option->key, option->value, 1, option);
        }
}

/* The processes of one section lie in the groups; the first copy stands for all. */
static void find_process(Dump *d) {
        const Config *c = d->config;

        for (size_t i = 0; i < c->n_groups; i++)
                for (size_t k = 0; k < c->groups[i]->n_processes; k++) {
                        const ProcessConfig *p = c->groups[i]->processes[k];

                        if (strcmp(p->section, d->section->name) != 0)
                                continue;
                        d->copies = d->object != NULL;
                        d->object = d->object ? d->object : p;
                        if (d->copies)
                                return;
                }
}

static void find_object(Dump *d, SectionKind kind) {
        const Config *c = d->config;

        if (kind == SECTION_SUPERVISORD)
                d->object = &c->daemon;
        if (kind == SECTION_SUPERVISORCTL)
                d->object = &c->control;
        if (kind & SECTION_PROCESSES)
                find_process(d);
        if (kind & (SECTION_UNIX_SERVER | SECTION_INET_SERVER))
                for (size_t i = 0; i < c->n_servers; i++)
                        if (strcmp(c->servers[i]->section, d->section->name) == 0)
                                d->object = c->servers[i];
        if (kind == SECTION_SOCKET)
                for (size_t i = 0; i < c->n_sockets; i++)
                        if (strcmp(c->sockets[i]->section, d->section->name) == 0)
                                d->object = c->sockets[i];
}

static int print_section(const Config *c, FILE *f, const TextSection *section) {
        Dump d = { .config = c, .file = f, .section = section };
        unsigned kind = section_kind(section->name);
        int r = 0;

        if (kind == 0 || kind == SECTION_INCLUDE)
                return 0; /* the included files are part of what is printed */
        find_object(&d, kind);
        (void)fprintf(f, "\n[%s] ; %s:%u\n", section->name, section->file->path, section->line);
        for (size_t i = 0; r == 0 && i < n_config_keys; i++) {
                Dump one = d;

                if (!(config_keys[i].sections & kind))
                        continue;
                if ((kind & (SECTION_PROCESSES | SECTION_GROUP)) &&
                    !(config_keys[i].sections & SECTION_PROGRAM))
                        one.object = NULL; /* a key of the group: the text has it */
                r = print_key(&one, config_keys + i);
        }
        if (kind & (SECTION_RPCINTERFACE | SECTION_CTLPLUGIN))
                print_others(&d, kind);
        return r;
}

int config_dump_ini(const Config *c, FILE *f) {
        int r = 0;

        (void)fprintf(f, "; %s as supervisord reads it\n", c->path);
        for (size_t i = 0; r == 0 && i < c->text->n_sections; i++)
                r = print_section(c, f, c->text->sections[i]);
        if (r < 0)
                return r;
        if (fflush(f) != 0)
                return -errno;
        return ferror(f) ? -EIO : 0;
}
