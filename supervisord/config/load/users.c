#include "config/load/users.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"

#define RECORD_MAX ((size_t)1 << 24) /* of bytes: a group can have very many members */

static User *user_free(User *u) {
        if (!u)
                return NULL;
        free(u->name);
        free(u->login);
        free(u->home);
        free(u->shell);
        free(u->groups);
        free(u);
        return NULL;
}
DEFINE_CLEANUP(User, user_free);

void user_cache_done(UserCache *c) {
        for (size_t i = 0; i < c->n; i++)
                (void)user_free(c->users[i]);
        for (size_t i = 0; i < c->n_groups; i++)
                free(c->groups[i].name);
        free(c->users);
        free(c->groups);
        *c = (UserCache){ 0 };
}

/* getpwnam(3) and its kin report "not found" in many ways. */
static int lookup_error(int error) {
        switch (error) {
        case 0:
        case ENOENT:
        case ESRCH:
        case EBADF:
        case EPERM:
                return -ENOENT;
        default:
                return -error;
        }
}

/* Fill in what the database has on @u->name. */
static int lookup_user(User *u) {
        _cleanup_(freep) char *buffer = NULL;
        struct passwd pw, *found = NULL;
        size_t size = 1024;
        int64_t number;
        bool numeric = parse_integer(u->name, &number) == 0;
        int k;

        if (numeric && (number < 0 || number >= UINT32_MAX))
                return -ENOENT;
        do {
                free(buffer);
                size *= 2;
                buffer = malloc(size);
                if (!buffer)
                        return -ENOMEM;
                k = numeric ? getpwuid_r((uid_t)number, &pw, buffer, size, &found)
                            : getpwnam_r(u->name, &pw, buffer, size, &found);
        } while (k == ERANGE && size < RECORD_MAX);
        if (!found)
                return lookup_error(k);

        u->login = strdup(pw.pw_name);
        u->home = strdup(pw.pw_dir);
        u->shell = strdup(pw.pw_shell);
        u->uid = pw.pw_uid;
        u->gid = pw.pw_gid;
        return u->login && u->home && u->shell ? 0 : -ENOMEM;
}

static int lookup_groups(const char *name, gid_t gid, gid_t **ret, size_t *ret_n) {
        _cleanup_(freep) gid_t *groups = NULL;
        int n = 32, room;

        do {
                room = n;
                free(groups);
                groups = calloc((size_t)room, sizeof(*groups));
                if (!groups)
                        return -ENOMEM;
                if (getgrouplist(name, gid, groups, &n) >= 0)
                        break;
                n = MAX(n, room * 2);
        } while (room < (1 << 17));
        *ret_n = (size_t)MIN(n, room);
        *ret = TAKE_PTR(groups);
        return 0;
}

static int user_new(const char *name, User **ret) {
        _cleanup_(user_freep) User *u = NULL;
        int r;

        u = calloc(1, sizeof(*u));
        if (!u)
                return -ENOMEM;
        u->name = strdup(name);
        if (!u->name)
                return -ENOMEM;
        r = lookup_user(u);
        if (r == 0)
                r = lookup_groups(u->login, u->gid, &u->groups, &u->n_groups);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(u);
        return 0;
}

int user_cache_find(UserCache *c, const char *name, const User **ret) {
        _cleanup_(user_freep) User *u = NULL;
        User **grown;
        int r;

        for (size_t i = 0; i < c->n; i++)
                if (strcmp(c->users[i]->name, name) == 0) {
                        *ret = c->users[i];
                        return 0;
                }
        r = user_new(name, &u);
        if (r < 0)
                return r;
        grown = array_room(c->users, c->n, sizeof(User *));
        if (!grown)
                return -ENOMEM;
        c->users = grown;
        *ret = u;
        c->users[c->n++] = TAKE_PTR(u);
        return 0;
}

static int lookup_group(const char *name, gid_t *ret) {
        _cleanup_(freep) char *buffer = NULL;
        struct group gr, *found = NULL;
        size_t size = 1024;
        int64_t number;
        bool numeric = parse_integer(name, &number) == 0;
        int k;

        if (numeric && (number < 0 || number >= UINT32_MAX))
                return -ENOENT;
        do {
                free(buffer);
                size *= 2;
                buffer = malloc(size);
                if (!buffer)
                        return -ENOMEM;
                k = numeric ? getgrgid_r((gid_t)number, &gr, buffer, size, &found)
                            : getgrnam_r(name, &gr, buffer, size, &found);
        } while (k == ERANGE && size < RECORD_MAX);
        if (!found)
                return lookup_error(k);
        *ret = gr.gr_gid;
        return 0;
}

int user_cache_find_group(UserCache *c, const char *name, gid_t *ret) {
        _cleanup_(freep) char *copy = NULL;
        Group *grown;
        gid_t gid = (gid_t)-1;
        int r;

        for (size_t i = 0; i < c->n_groups; i++)
                if (strcmp(c->groups[i].name, name) == 0) {
                        *ret = c->groups[i].gid;
                        return 0;
                }
        r = lookup_group(name, &gid);
        if (r < 0)
                return r;
        copy = strdup(name);
        grown = array_room(c->groups, c->n_groups, sizeof(*grown));
        if (grown)
                c->groups = grown;
        if (!copy || !grown)
                return -ENOMEM;
        c->groups[c->n_groups++] = (Group){ .name = TAKE_PTR(copy), .gid = gid };
        *ret = gid;
        return 0;
}

bool is_user_name(const char *name) {
        int64_t number;
        size_t n = strlen(name);

        if (parse_integer(name, &number) == 0)
                return true;
        if (n > 1 && name[n - 1] == '$')
                n--;
        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char)name[i]) && !strchr("_.@%+-", name[i]))
                        return false;
        return n > 0;
}
