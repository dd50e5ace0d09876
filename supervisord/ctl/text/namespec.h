/*
 * How people name processes: "name", "group:name", "group:*" (or "group:"), "all", and patterns of
 * fnmatch(3) such as "web:web_0?" or "db*".
 */
#pragma once

#include <stdbool.h>

typedef enum NamespecKind {
        NAMESPEC_PROCESS, /* one process, which need not exist */
        NAMESPEC_GROUP,   /* all of a group, which need not exist */
        NAMESPEC_PATTERN, /* all whose shown name matches */
} NamespecKind;

typedef struct Namespec {
        NamespecKind kind;
        const char *text; /* as given */
        char *group;      /* PROCESS, GROUP: the group's name */
        char *name;       /* PROCESS: the process's name within it, else NULL */
} Namespec;

/*
 * Read @text, which must outlive *ret. "all" is a word like any other here. Returns 0 or -ENOMEM;
 * free the result with namespec_done().
 */
int namespec_parse(const char *text, Namespec *ret);
void namespec_done(Namespec *n);

/* Does @n mean the process @name of @group? */
bool namespec_matches(const Namespec *n, const char *group, const char *name);

/* How a process is shown: "name" where it equals the group's, else "group:name". *ret is the
 * caller's. Returns 0 or -ENOMEM. */
int namespec_join(const char *group, const char *name, char **ret);

/* How names are sorted: by group, then by the name within it. As strcmp(3). */
int namespec_compare(const char *group_a,
                     const char *name_a,
                     const char *group_b,
                     const char *name_b);
