/* What is checked and kept, but not done yet: named once, so that nobody waits for it. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/macro.h"
#include "base/text-stream.h"
#include "config/load/loader.h"

/* Is there a section of @kind? */
static bool has_section(const ConfigText *t, SectionKind kind) {
        for (size_t i = 0; i < t->n_sections; i++)
                if (section_kind(t->sections[i]->name) == kind)
                        return true;
        return false;
}

/* Is @key set to something else than its default where it counts? */
static bool asks_for(const ConfigText *t, const Key *key) {
        for (size_t i = 0; i < t->n_sections; i++) {
                const TextOption *option;

                if (!(section_kind(t->sections[i]->name) & key->sections))
                        continue;
                option = config_text_option(t, t->sections[i], key->name);
                if (option && !(key->fallback && strcasecmp(option->value, key->fallback) == 0))
                        return true;
        }
        return false;
}

static void list_unserved(const ConfigText *t, FILE *f) {
        const char *separator = "";

        for (unsigned kind = 1; kind <= SECTION_LAST; kind <<= 1)
                if (!section_is_served(kind) && has_section(t, kind)) {
                        (void)fprintf(f, "%s[%s]", separator, section_kind_name(kind));
                        separator = ", ";
                }
        for (size_t i = 0; i < n_config_keys; i++)
                if (config_keys[i].unserved && asks_for(t, config_keys + i)) {
                        (void)fprintf(f, "%s%s", separator, config_keys[i].name);
                        separator = ", ";
                }
}

/* No error with strict either: the file is right. */
int check_unserved(Loader *l) {
        const ConfigPlace place = { .file = l->config->path };
        _cleanup_(freep) char *list = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&list, &size);
        if (!f)
                return -ENOMEM;
        list_unserved(l->config->text, f);
        if (text_stream_close(f, &list) < 0)
                return -ENOMEM;
        if (!*list)
                return 0;
        return report_add(
                l->report, SEVERITY_WARNING, &place,
                "checked and kept, but not served yet: %s; remove it where it is not needed%s",
                list,
                strstr(list, "http_server") ? " (supervisorctl works without an HTTP server)" : "");
}
