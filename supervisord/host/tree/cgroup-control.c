/*
 * A cgroup whose children have controllers may have no processes itself. So we leave it for a leaf
 * of our own; in one that is delegated to us others that are there (an ExecStartPost=, say) have to
 * come with us.
 */
#include "host/tree/cgroup-control.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/macro.h"
#include "base/strv.h"
#include "host/tree/cgroup-file.h"

#define OWN_LEAF "supervisor" /* no leaf of a program has this name: they all end in a number */
#define MOVES_MAX 100         /* looks at who is in the way, in case that they fork all the time */

static const char *outer_folder(const CgroupControl *c) {
        return c->above ? c->above : c->folder;
}

/* Does @file of the cgroup @folder list @controller? 1, 0 or -errno. */
static int lists(const char *folder, const char *file, const char *controller) {
        _cleanup_(freep) char *path = NULL, *line = NULL;
        _cleanup_(fclosep) FILE *f = NULL;
        char *save = NULL;
        size_t size = 0;

        if (asprintf(&path, "%s/%s", folder, file) < 0) {
                path = NULL; /* undefined after a failure */
                return -ENOMEM;
        }
        f = fopen(path, "re");
        if (!f)
                return -errno;
        if (getline(&line, &size, f) < 0)
                return feof(f) ? 0 : -errno;
        for (char *word = strtok_r(line, " \n", &save); word; word = strtok_r(NULL, " \n", &save))
                if (strcmp(word, controller) == 0)
                        return 1;
        return 0;
}

static int change_subtree(const char *folder, const char *change) {
        return cgroup_write_file(AT_FDCWD, folder, "cgroup.subtree_control", change);
}

static int own_leaf(const CgroupControl *c, char **ret) {
        if (asprintf(ret, "%s/" OWN_LEAF, c->folder) < 0) {
                *ret = NULL; /* undefined after a failure */
                return -ENOMEM;
        }
        return 0;
}

/* Take along who else is in the folder. Returns whether there was somebody, or -errno. */
static int move_others(const CgroupControl *c, const char *leaf) {
        _cleanup_(freep) pid_t *pids = NULL;
        char text[16];
        int n, r;

        n = cgroup_read_own_pids(AT_FDCWD, c->folder, &pids);
        for (int i = 0; i < n; i++) {
                (void)snprintf(text, sizeof(text), "%d", pids[i]);
                r = cgroup_write_file(AT_FDCWD, leaf, "cgroup.procs", text);
                if (r < 0 && r != -ESRCH)
                        return r;
        }
        return n < 0 ? n : n > 0;
}

/* Make the cgroup free of processes, as far as they are ours to move. */
static int make_way(CgroupControl *c) {
        _cleanup_(freep) char *leaf = NULL;
        int r;

        r = own_leaf(c, &leaf);
        if (r < 0)
                return r;
        if (mkdir(leaf, 0755) < 0 && errno != EEXIST)
                return -errno;
        if (!c->moved) {
                r = cgroup_write_file(AT_FDCWD, leaf, "cgroup.procs", "0");
                if (r < 0)
                        return r;
                c->moved = true;
        }
        if (c->above)
                return 0;
        for (int i = 0; i < MOVES_MAX; i++) {
                r = move_others(c, leaf);
                if (r <= 0)
                        return r;
        }
        return -EBUSY;
}

static int enable(CgroupControl *c, const char *change) {
        int r;

        r = change_subtree(outer_folder(c), change);
        if (r == -EBUSY) {
                r = make_way(c);
                if (r == 0)
                        r = change_subtree(outer_folder(c), change);
        }
        return r == 0 && c->above ? change_subtree(c->folder, change) : r;
}

int cgroup_control_enable(CgroupControl *c, const char *controller) {
        _cleanup_(freep) char *change = NULL;
        int r;

        if (lists(c->folder, "cgroup.subtree_control", controller) > 0)
                return 0;
        r = lists(outer_folder(c), "cgroup.controllers", controller);
        if (r <= 0)
                return r < 0 ? r : -EOPNOTSUPP;

        if (asprintf(&change, "+%s", controller) < 0) {
                change = NULL; /* undefined after a failure */
                return -ENOMEM;
        }
        r = enable(c, change);
        if (r < 0)
                return r;
        change[0] = '-';
        r = strv_push(&c->enabled, change);
        if (r < 0)
                return r; /* it stays switched on, which harms nobody */
        change = NULL;
        return 0;
}

void cgroup_control_done(CgroupControl *c) {
        _cleanup_(freep) char *leaf = NULL;

        /* Each may fail where processes live on, or others use the controller as well. */
        for (char **change = c->enabled; change && *change; change++) {
                (void)change_subtree(c->folder, *change);
                if (c->above)
                        (void)change_subtree(c->above, *change);
        }
        if (c->moved && own_leaf(c, &leaf) == 0) {
                (void)cgroup_write_file(AT_FDCWD, outer_folder(c), "cgroup.procs", "0");
                (void)cgroup_remove_tree(AT_FDCWD, leaf);
        }
        c->enabled = strv_free(c->enabled);
        free(c->above);
        *c = (CgroupControl){ 0 };
}
