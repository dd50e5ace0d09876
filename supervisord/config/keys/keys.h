/*
 * The one table of keys. It drives parsing, --help-config, --dump-config and the check of the
 * manual: a new key is one row here and one field in config.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sections by kind; a key may belong to several. */
typedef enum SectionKind {
        SECTION_SUPERVISORD = 1 << 0,
        SECTION_PROGRAM = 1 << 1,
        SECTION_EVENTLISTENER = 1 << 2,
        SECTION_FCGI = 1 << 3,
        SECTION_GROUP = 1 << 4,
        SECTION_UNIX_SERVER = 1 << 5,
        SECTION_INET_SERVER = 1 << 6,
        SECTION_SUPERVISORCTL = 1 << 7,
        SECTION_INCLUDE = 1 << 8,
        SECTION_RPCINTERFACE = 1 << 9,
        SECTION_CTLPLUGIN = 1 << 10,
        SECTION_SOCKET = 1 << 11,
        SECTION_LAST = SECTION_SOCKET,
} SectionKind;

#define SECTION_PROCESSES (SECTION_PROGRAM | SECTION_EVENTLISTENER | SECTION_FCGI)

/*
 * Types of values, each with what the field of a key holds. What there is to know of a type is its
 * row in value-table.c.
 */
typedef enum KeyType {
        KEY_STRING,       /* char * */
        KEY_BOOLEAN,      /* bool */
        KEY_INTEGER,      /* int64_t */
        KEY_NUMBER,       /* double, not negative */
        KEY_DURATION,     /* int64_t of microseconds */
        KEY_SIZE,         /* int64_t of bytes */
        KEY_OCTAL,        /* int */
        KEY_LADDER,       /* StopLadder: signals, each with the time it is given */
        KEY_SIGNAL,       /* int; 0: none */
        KEY_CHOICE,       /* an enum, one of choices */
        KEY_PATH,         /* char *; "~" is expanded, the directory it lies in must exist */
        KEY_DIRECTORY,    /* char *; "~" is expanded, must exist */
        KEY_LOG,          /* LogTarget: kind, path and syslog */
        KEY_READINESS,    /* Readiness */
        KEY_HEALTH,       /* Readiness of a kind that can be tried again and again, or none */
        KEY_COMMAND,      /* Command: split into words, no shell */
        KEY_DEPENDENCIES, /* DependencyList */
        KEY_PERCENTAGE,   /* int64_t of millionths, "12.5%" is 125000 */
        KEY_OPTIONAL,     /* OptionalInteger */
        KEY_LIMIT,        /* ResourceLimit, an element of ProcessSettings.limits */
        KEY_FILES,      /* char **: absolute paths, separated by commas; "-" may stand before one */
        KEY_NAMES,      /* char **: names of other sections, separated by commas */
        KEY_EXIT_CODES, /* ExitCodes */
        KEY_USER,       /* char *: a user; its ids lie beside it, as do those of the next two */
        KEY_OWNER,      /* char *: user[:group] */
        KEY_GROUPS,     /* char *: one group or several, separated by commas */
        KEY_ENVIRONMENT, /* read by code of its own, as are those below: KEY=VALUE pairs */
        KEY_LIST,        /* names separated by commas */
        KEY_ADDRESS,     /* host:port and its like */
        KEY_GLOBS,       /* patterns separated by blanks */
        KEY_TYPES,       /* how many there are */
} KeyType;

/* Which names %(...) may stand in a value. */
typedef enum KeyScope {
        SCOPE_SECTION, /* those that are the same for every process of the section */
        SCOPE_PROCESS, /* process_num, numprocs and the program's own environment too */
        SCOPE_RAW,     /* none here: code of its own expands the value */
} KeyScope;

/* When a change takes effect that a reload (SIGHUP) finds. */
typedef enum KeyEffect {
        EFFECT_LIVE,    /* at once */
        EFFECT_PROCESS, /* the process is restarted for it */
        EFFECT_DAEMON,  /* supervisord must be restarted */
        EFFECT_NEXT,    /* when it is needed next */
} KeyEffect;

typedef struct Choice {
        const char *name; /* any case; NULL ends the list; several names may mean one value */
        int value;
} Choice;

typedef struct Key {
        const char *name;
        unsigned sections; /* SectionKind bits */
        KeyType type;
        KeyScope scope;
        bool in_settings;     /* offset is that in ProcessSettings, not in the struct itself */
        size_t offset;        /* of the field in the struct of the section */
        const char *fallback; /* the default, as it would be written; NULL: none */
        const char *unit;     /* of a plain number, or NULL */
        const Choice *choices;
        int64_t low, high; /* of an integer, size or percentage: what is allowed; both 0: any */
        bool infinite;     /* of those: "infinity" may be given, stored as 0 */
        KeyEffect effect;
        bool ours;        /* Python's supervisord does not know the key */
        bool twice;       /* Python expands the value twice: "%%%%" stands for "%" */
        bool by_hand;     /* the section's own code stores the value, not key_store() */
        bool no_field;    /* nothing in the struct holds it: offset means nothing */
        bool required;    /* there is no default and it must be given */
        bool unserved;    /* checked and kept, but the daemon does nothing with it yet */
        const char *help; /* one or more sentences */
} Key;

extern const Key config_keys[];
extern const size_t n_config_keys;

/* The key @name of a section of kind @kind, or NULL. */
const Key *key_find(SectionKind kind, const char *name);

/*
 * The kind of a section by its name, 0 for an unknown one. The servers' are known by how they
 * begin, as in Python; others by the part before the colon.
 */
unsigned section_kind(const char *name);

/* "[program:x]" and so on for people; @kind is one bit. */
const char *section_kind_name(SectionKind kind);

/* Does the daemon do what sections of @kind ask for? Else they are checked and kept only. */
bool section_is_served(SectionKind kind);

/* A known key or section that @word may have been meant for, or NULL. */
const char *key_suggest(SectionKind kind, const char *word);
const char *section_suggest(const char *word);
