/* From the words of a command to the processes that they mean, and back. */
#include "ctl/text/namespec.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/macro.h"

void namespec_done(Namespec *n) {
        free(n->group);
        free(n->name);
        *n = (Namespec){ 0 };
}

static bool is_pattern(const char *text, const char *colon) {
        if (colon && strcmp(colon, ":*") == 0)
                return strcspn(text, "*?[") < (size_t)(colon - text);
        return strpbrk(text, "*?[") != NULL;
}

int namespec_parse(const char *text, Namespec *ret) {
        const char *colon = strchr(text, ':');
        Namespec n = { .text = text };
        bool whole = colon && (colon[1] == '\0' || strcmp(colon, ":*") == 0);

        if (is_pattern(text, colon)) {
                n.kind = NAMESPEC_PATTERN;
                *ret = n;
                return 0;
        }
        n.kind = whole ? NAMESPEC_GROUP : NAMESPEC_PROCESS;
        n.group = colon ? strndup(text, (size_t)(colon - text)) : strdup(text);
        if (!whole)
                n.name = strdup(colon ? colon + 1 : text);
        if (!n.group || (!whole && !n.name)) {
                namespec_done(&n);
                return -ENOMEM;
        }
        *ret = n;
        return 0;
}

int namespec_join(const char *group, const char *name, char **ret) {
        if (strcmp(group, name) == 0) {
                *ret = strdup(name);
                return *ret ? 0 : -ENOMEM;
        }
        return asprintf(ret, "%s:%s", group, name) < 0 ? -ENOMEM : 0;
}

static bool matches_pattern(const char *pattern, const char *group, const char *name) {
        _cleanup_(freep) char *full = NULL;

        if (strcmp(group, name) == 0 && fnmatch(pattern, name, 0) == 0)
                return true;
        if (asprintf(&full, "%s:%s", group, name) < 0) {
                full = NULL;
                return false;
        }
        return (strcmp(group, name) != 0 || strchr(pattern, ':')) && fnmatch(pattern, full, 0) == 0;
}

bool namespec_matches(const Namespec *n, const char *group, const char *name) {
        switch (n->kind) {
        case NAMESPEC_PROCESS:
                return strcmp(n->group, group) == 0 && strcmp(n->name, name) == 0;
        case NAMESPEC_GROUP:
                return strcmp(n->group, group) == 0;
        case NAMESPEC_PATTERN:
                return matches_pattern(n->text, group, name);
        default:
                return false;
        }
}

int namespec_compare(const char *group_a,
                     const char *name_a,
                     const char *group_b,
                     const char *name_b) {
        int r = strcmp(group_a, group_b);

        return r ? r : strcmp(name_a, name_b);
}
