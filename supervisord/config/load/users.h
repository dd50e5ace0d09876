/*
 * Looks users and groups up in the system's database, each once per configuration. This is the only
 * place that does: a look-up may take as long as the network does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/macro.h"

typedef struct User {
        char *name; /* as asked for: a name or a number */
        char *login;
        char *home;
        char *shell;
        uid_t uid;
        gid_t gid;
        gid_t *groups; /* primary included */
        size_t n_groups;
} User;

typedef struct Group {
        char *name; /* as asked for */
        gid_t gid;
} Group;

typedef struct UserCache {
        User **users;
        size_t n;
        Group *groups;
        size_t n_groups;
} UserCache;

void user_cache_done(UserCache *c);

/*
 * Find the user @name, a name or a number that must exist. *ret belongs to the cache.
 * Returns 0; -ENOENT for no such user; or the error of the look-up.
 */
int user_cache_find(UserCache *c, const char *name, const User **ret);

/* The same for a group; its number is all there is. */
int user_cache_find_group(UserCache *c, const char *name, gid_t *ret);

/*
 * Could @name be a user or group at all: a number, or letters, digits and _.@%+- with perhaps a
 * final $? For checks without the database.
 */
bool is_user_name(const char *name);
