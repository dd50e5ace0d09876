#include "config/keys/keys.h"

#include <string.h>

#include "base/macro.h"
#include "config/text/suggest.h"

static const struct {
        unsigned kind;
        const char *name;
        bool prefix;   /* a name follows a colon */
        bool unserved; /* checked and kept, but the daemon does nothing with it yet */
} kinds[] = {
        { SECTION_SUPERVISORD, "supervisord", false, false },
        { SECTION_PROGRAM, "program", true, false },
        { SECTION_GROUP, "group", true, false },
        { SECTION_EVENTLISTENER, "eventlistener", true, true },
        { SECTION_FCGI, "fcgi-program", true, false },
        { SECTION_SOCKET, "socket", true, false },
        { SECTION_UNIX_SERVER, "unix_http_server", false, true },
        { SECTION_INET_SERVER, "inet_http_server", false, true },
        { SECTION_SUPERVISORCTL, "supervisorctl", false, false },
        { SECTION_RPCINTERFACE, "rpcinterface", true, true },
        { SECTION_CTLPLUGIN, "ctlplugin", true, false },
        { SECTION_INCLUDE, "include", false, false },
};

static bool matches(size_t i, const char *name) {
        size_t n = strlen(kinds[i].name);

        if (strncmp(name, kinds[i].name, n) != 0)
                return false;
        if (kinds[i].prefix)
                return name[n] == ':';
        if (kinds[i].kind & (SECTION_UNIX_SERVER | SECTION_INET_SERVER))
                return true;
        return name[n] == '\0';
}

unsigned section_kind(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (matches(i, name))
                        return kinds[i].kind;
        return 0;
}

const char *section_kind_name(SectionKind kind) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (kinds[i].kind == kind)
                        return kinds[i].name;
        return NULL;
}

bool section_is_served(SectionKind kind) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (kinds[i].kind == kind)
                        return !kinds[i].unserved;
        return true;
}

const Key *key_find(SectionKind kind, const char *name) {
        for (size_t i = 0; i < n_config_keys; i++)
                if ((config_keys[i].sections & kind) && strcmp(config_keys[i].name, name) == 0)
                        return config_keys + i;
        return NULL;
}

const char *key_suggest(SectionKind kind, const char *word) {
        const char *best = NULL;

        for (size_t i = 0; i < n_config_keys; i++)
                if (config_keys[i].sections & kind)
                        best = suggest_closer(word, best, config_keys[i].name);
        return best;
}

const char *section_suggest(const char *word) {
        char head[64];
        const char *best = NULL;

        word += strspn(word, " ");
        (void)snprintf(head, sizeof(head), "%.*s", (int)strcspn(word, ": "), word);
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                best = suggest_closer(head, best, kinds[i].name);
        return best;
}
