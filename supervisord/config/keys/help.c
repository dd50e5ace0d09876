/* config_help(): the table of keys for people. */
#include <errno.h>
#include <string.h>

#include "config/keys/keys.h"
#include "config/keys/value-table.h"
#include "config/model/config.h"
#include "config/text/suggest.h"

#define WIDTH 79

static const char *effect_text(KeyEffect effect) {
        switch (effect) {
        case EFFECT_LIVE:
                return "a change takes effect at a reload";
        case EFFECT_PROCESS:
                return "a changed process is restarted at a reload";
        case EFFECT_DAEMON:
                return "a change takes effect when supervisord is started again";
        default:
                return "a change takes effect when it is used next";
        }
}

/* The names of choices, each value once. */
static void print_choices(FILE *f, const Choice *choices) {
        for (const Choice *c = choices; c->name; c++) {
                bool repeated = false;

                for (const Choice *earlier = choices; earlier < c; earlier++)
                        repeated |= earlier->value == c->value;
                if (!repeated)
                        (void)fprintf(f, "%s%s", c == choices ? " " : ", ", c->name);
        }
}

static void print_wrapped(FILE *f, const char *text) {
        size_t column = 0;

        while (*text) {
                size_t n = strcspn(text, " ");

                if (column > 0 && column + 1 + n > WIDTH - 8) {
                        (void)fputc('\n', f);
                        column = 0;
                }
                (void)fprintf(f, "%s%.*s", column == 0 ? "        " : " ", (int)n, text);
                column += n + (column > 0);
                text += n + strspn(text + n, " ");
        }
        (void)fputc('\n', f);
}

static void print_sections(FILE *f, const Key *key) {
        const char *separator = "";

        for (unsigned bit = 1; bit <= SECTION_LAST; bit <<= 1) {
                if (!(key->sections & bit))
                        continue;
                (void)fprintf(f, "%s[%s%s]", separator, section_kind_name(bit),
                              bit & (SECTION_PROCESSES | SECTION_GROUP | SECTION_RPCINTERFACE |
                                     SECTION_CTLPLUGIN | SECTION_SOCKET)
                                      ? ":x"
                                      : "");
                separator = " ";
        }
}

static void print_key(FILE *f, const Key *key) {
        (void)fprintf(f, "%s\n    ", key->name);
        print_sections(f, key);
        (void)fprintf(f, "\n    %s", value_type(key->type)->word);
        if (key->choices)
                print_choices(f, key->choices);
        if (key->unit)
                (void)fprintf(f, " (%s)", key->unit);
        if (key->required)
                (void)fputs(", required", f);
        else if (key->fallback)
                (void)fprintf(f, ", default %s", *key->fallback ? key->fallback : "empty");
        else
                (void)fputs(", not set by default", f);
        (void)fprintf(f, "\n    %s; %s\n",
                      key->ours ? "not in Python's supervisord" : "as in Python's supervisord",
                      effect_text(key->effect));
        if (key->unserved)
                (void)fputs("    checked and kept, but not served yet\n", f);
        print_wrapped(f, key->help);
        (void)fputc('\n', f);
}

/* Is @wanted the key's name, alone or behind the name of a section and a dot? */
static bool names_key(const Key *key, const char *wanted) {
        for (unsigned bit = 1; bit <= SECTION_LAST; bit <<= 1) {
                const char *section = section_kind_name(bit);
                size_t n = strlen(section);

                if ((key->sections & bit) && strncmp(wanted, section, n) == 0 && wanted[n] == '.' &&
                    strcmp(wanted + n + 1, key->name) == 0)
                        return true;
        }
        return strcmp(wanted, key->name) == 0;
}

static int finish(FILE *f) {
        if (fflush(f) != 0)
                return -errno;
        return ferror(f) ? -EIO : 0;
}

int config_help(FILE *f, const char *key) {
        const char *best = NULL;
        bool found = false;

        for (size_t i = 0; i < n_config_keys; i++) {
                if (key && !names_key(config_keys + i, key)) {
                        best = suggest_closer(key, best, config_keys[i].name);
                        continue;
                }
                print_key(f, config_keys + i);
                found = true;
        }
        if (found)
                return finish(f);
        if (best)
                (void)fprintf(f, "There is no key %s; did you mean %s?\n", key, best);
        else
                (void)fprintf(f, "There is no key %s.\n", key);
        return -ENOENT;
}
