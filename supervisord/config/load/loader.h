/*
 * What the parts of config_load() share: the text, what to report to, the names that values may
 * mention. Private to this folder.
 */
#pragma once

#include "config/keys/keys.h"
#include "config/keys/value.h"
#include "config/load/report.h"
#include "config/load/users.h"
#include "config/model/config.h"
#include "config/model/settings.h"
#include "config/text/scope.h"
#include "config/text/text.h"

#define PROCESSES_MAX \
        100000 /* in all; a slip such as numprocs=1000000000 must not fill the memory */

typedef struct Loader {
        const ConfigOptions *options;
        ValueRules rules;
        Config *config; /* being filled; the text is in it */
        ConfigReport *report;
        UserCache users;
        RecentSettings recent;

        char *here;   /* directory of the main file, absolute */
        char *host;   /* node name */
        bool include; /* the main file has an [include]: %(here)s is that of each value's own file
                       */
        Scope env;    /* ENV_ names */
        Scope common; /* and "here" */
        size_t n_processes;
        bool quiet; /* warnings are suppressed: the same have been given for another copy */
} Loader;

/* Make the names of the environment and of this host known. Returns 0 or -errno. */
int loader_begin(Loader *l, const char *path);
void loader_done(Loader *l);

/* Add an error, a warning or a note about @option of @section (either may be NULL). Returns 0 or
 * -ENOMEM. */
int loader_error(Loader *l,
                 const TextSection *section,
                 const TextOption *option,
                 const char *format,
                 ...) _printf_(4, 5);
int loader_warn(Loader *l,
                const TextSection *section,
                const TextOption *option,
                const char *format,
                ...) _printf_(4, 5);

/* The option @key of @section that counts, or NULL. */
const TextOption *loader_option(const Loader *l, const TextSection *section, const char *key);

/*
 * The value of @option as Python's parser leaves it: %(here)s filled in where an [include] makes it
 * that of each file, nothing else expanded. *ret is the caller's. Returns 0 or -ENOMEM.
 */
int loader_text(const Loader *l, const TextSection *section, const TextOption *option, char **ret);

/*
 * Expand the value of @option in @scope. *ret is the caller's. Returns 1; 0 after an error was
 * reported; -ENOMEM.
 */
int loader_expand(Loader *l,
                  const TextSection *section,
                  const TextOption *option,
                  const Scope *scope,
                  char **ret);

/*
 * The value of @key in @section, expanded, or a copy of its default. Returns 1; 0 if there is none
 * or an error was reported (*ret is NULL then); -ENOMEM.
 */
int loader_get(Loader *l,
               const TextSection *section,
               const Key *key,
               const Scope *scope,
               char **ret);

/*
 * Store every key of @section that key_store() handles alone and whose scope is @which in @object,
 * the struct that belongs to such a section. Errors are reported. Returns 0 or -ENOMEM.
 */
int loader_store(Loader *l,
                 const TextSection *section,
                 KeyScope which,
                 const Scope *scope,
                 void *object);

/*
 * A name of a process or group: blanks cut off, no space, colon or slash. Returns 1 with the
 * caller's *ret; 0 after an error was reported; -ENOMEM.
 */
int loader_name(Loader *l,
                const TextSection *section,
                const TextOption *option,
                const char *raw,
                char **ret);

/*
 * Resolve the user @name of @option. Without host checks only its form is looked at and *ret is
 * NULL. Returns 1; 0 after an error was reported (*ret is NULL); -errno.
 */
int loader_user(Loader *l,
                const TextSection *section,
                const TextOption *option,
                const char *name,
                const User **ret);

/* The same for the group @name. *ret is written only where the group was looked up and found. */
int loader_group(Loader *l,
                 const TextSection *section,
                 const TextOption *option,
                 const char *name,
                 gid_t *ret);

typedef struct Owner {
        uid_t uid;
        gid_t gid;
} Owner;

/*
 * Resolve "user" or "user:group" of @option. Without host checks only the form is looked at; what
 * is not known stays -1. Returns 1; 0 after an error was reported; -errno.
 */
int loader_owner(Loader *l,
                 const TextSection *section,
                 const TextOption *option,
                 const char *owner,
                 Owner *ret);

/* The parts, each for its sections. Errors are reported; all return 0 or -errno. */
int load_daemon(Loader *l, const TextSection *section);
int load_groups(Loader *l);
int load_servers(Loader *l);
int load_sockets(Loader *l);
int load_plugins(Loader *l, SectionKind kind);
int load_control(Loader *l);
int load_control_socket(Loader *l, const TextSection *section); /* of [supervisord] */
int load_includes(Loader *l, const char *path);

/*
 * The processes of @section, one per copy, for a group called @group; *ret and its elements are the
 * caller's, in order of their names. What was right in spite of errors is left out. Returns 0 or
 * -errno.
 */
int load_processes(Loader *l,
                   const TextSection *section,
                   const char *group,
                   ProcessConfig ***ret,
                   size_t *ret_n);

/* Do the names of depends_on exist, and does nobody wait for himself? Returns 0 or -ENOMEM. */
int check_dependencies(Loader *l);

/* Point out sections and keys that mean nothing. Returns 0 or -ENOMEM. */
int check_unknown(Loader *l);

/* Name what the file asks for and the daemon does not do yet, in one warning. Returns 0 or -ENOMEM.
 */
int check_unserved(Loader *l);
