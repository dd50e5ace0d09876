/*
 * The socket as a file: a lock beside it says who has it, so that what a dead daemon has left can
 * be told from what a living one listens on. Clients are accepted elsewhere (accept.h).
 */
#include "bus/control-socket.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/pidfile.h"
#include "base/strv.h"
#include "protocol/places.h"

#define BACKLOG 1024

struct ControlSocket {
        char *path;
        int fd;
        struct stat made; /* the file, to know it again */
        Pidfile *lock;    /* held for as long as we live */
        bool is_derived;  /* its folder holds nothing else */
};

ControlSocket *control_socket_free(ControlSocket *c) {
        struct stat st;

        if (!c)
                return NULL;
        safe_close(c->fd);
        if (c->made.st_ino != 0 && lstat(c->path, &st) == 0 && st.st_ino == c->made.st_ino &&
            st.st_dev == c->made.st_dev)
                (void)unlink(c->path); /* or else the next daemon replaces it */
        pidfile_free(c->lock);
        if (c->is_derived) {
                *strrchr(c->path, '/') = '\0';
                (void)rmdir(c->path); /* it may be root's */
        }
        free(c->path);
        free(c);
        return NULL;
}

int control_socket_get_fd(const ControlSocket *c) {
        return c->fd;
}

/* ---------------------------------------------------------------- folders */

static uid_t owner_of(const DaemonConfig *config) {
        return config->user ? config->uid : geteuid();
}

/* A folder of ours that nobody else may change, made with @mode where there is none. */
static int make_folder(const char *path, mode_t mode, uid_t owner) {
        struct stat st;

        if (mkdir(path, mode) < 0 && errno != EEXIST)
                return -errno;
        if (lstat(path, &st) < 0)
                return -errno;
        if (!S_ISDIR(st.st_mode))
                return -ENOTDIR;
        if ((st.st_uid != geteuid() && st.st_uid != owner) || (st.st_mode & 0022) != 0)
                return -EPERM;
        if (st.st_uid != owner && lchown(path, owner, (gid_t)-1) < 0)
                return -errno;
        return 0;
}

/* The two folders that a derived place lies in; the outer one serves all daemons of this user. */
static int make_folders(const char *path, uid_t owner) {
        bool is_system = strncmp(path, PLACE_SYSTEM "/", strlen(PLACE_SYSTEM) + 1) == 0;
        mode_t mode = is_system ? 0755 : 0700;
        _cleanup_(freep) char *inner = NULL, *outer = NULL;
        int r;

        inner = strndup(path, (size_t)(strrchr(path, '/') - path));
        outer = inner ? strndup(inner, (size_t)(strrchr(inner, '/') - inner)) : NULL;
        if (!outer)
                return -ENOMEM;

        /* Root has started the daemon, which became another user (user=) and has restarted itself
         * as that: the outer folder is root's, only the inner one is ours. */
        if (is_system && geteuid() != 0)
                return make_folder(inner, mode, owner);
        r = make_folder(outer, mode, geteuid());
        return r < 0 ? r : make_folder(inner, mode, owner);
}

/* ---------------------------------------------------------------- the socket */

static void set_address(struct sockaddr_un *address, const char *path) {
        *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
        memcpy(address->sun_path, path, strlen(path)); /* the length was checked with the path */
}

/* Remove what a dead daemon left at @path. Returns 0, or -EBUSY if somebody listens there. */
static int remove_dead(const char *path) {
        _cleanup_(closep) int fd = -1;
        struct sockaddr_un address;
        struct stat st;

        if (lstat(path, &st) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (!S_ISSOCK(st.st_mode))
                return -EEXIST;
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        set_address(&address, path);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN)
                return -EBUSY; /* EAGAIN: its queue is full */
        return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

static int bind_control(ControlSocket *c, const DaemonConfig *config) {
        bool for_group = config->control_gid != (gid_t)-1;
        struct sockaddr_un address;

        c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (c->fd < 0)
                return -errno;
        set_address(&address, c->path);
        /* The mode of the descriptor becomes that of the file which bind(2) makes, so that the
         * socket is at no moment open to more than it shall be. */
        if (fchmod(c->fd, 0600) < 0 ||
            bind(c->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
            lstat(c->path, &c->made) < 0)
                return -errno;
        if (lchown(c->path, owner_of(config), for_group ? config->control_gid : (gid_t)-1) < 0 ||
            chmod(c->path, for_group ? 0660 : 0600) < 0 || listen(c->fd, BACKLOG) < 0)
                return -errno;
        return 0;
}

/* Listen at @path, in folders that exist. */
static int open_at(const char *path, const DaemonConfig *config, ControlSocket **ret) {
        _cleanup_(control_socket_freep) ControlSocket *c = NULL;
        _cleanup_(freep) char *lock = NULL;
        pid_t holder;
        int r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->fd = -1;
        c->path = strdup(path);
        if (!c->path)
                return -ENOMEM;
        if (asprintf(&lock, "%s.lock", path) < 0) {
                lock = NULL;
                return -ENOMEM;
        }

        r = pidfile_lock(lock, &c->lock, &holder);
        if (r >= 0 && lchown(lock, owner_of(config), (gid_t)-1) < 0)
                r = -errno;
        if (r >= 0)
                r = remove_dead(path);
        if (r >= 0)
                r = bind_control(c, config);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

/* ---------------------------------------------------------------- places */

/*
 * Move root's place to the front of @list if root has given its folder to our user, that is when
 * root has started this daemon as another user; else take it out, unless we are root.
 */
static void arrange(char **list) {
        size_t n = strv_length(list);
        _cleanup_(freep) char *folder = NULL;
        char *last;
        struct stat st;

        if (geteuid() == 0 || n == 0)
                return;
        last = list[n - 1];
        if (strncmp(last, PLACE_SYSTEM "/", strlen(PLACE_SYSTEM) + 1) != 0)
                return;
        folder = strndup(last, (size_t)(strrchr(last, '/') - last));
        if (folder && lstat(folder, &st) == 0 && st.st_uid == geteuid()) {
                memmove(list + 1, list, (n - 1) * sizeof(*list));
                list[0] = last;
                return;
        }
        free(last);
        list[n - 1] = NULL;
}

static int set_place(char **ret_place, const char *path) {
        free(*ret_place);
        *ret_place = strdup(path);
        return *ret_place ? 0 : -ENOMEM;
}

int control_socket_new(const char *config_path,
                       const DaemonConfig *config,
                       ControlSocket **ret,
                       char **ret_place) {
        _cleanup_(strv_freep) char **places = NULL;
        int r;

        *ret = NULL;
        *ret_place = NULL;
        if (config->no_control)
                return 0;
        if (config->control_socket) {
                r = set_place(ret_place, config->control_socket);
                return r < 0 ? r : open_at(config->control_socket, config, ret);
        }

        r = places_control(config_path, geteuid(), &places);
        if (r < 0)
                return r;
        arrange(places);
        r = -ENOENT;
        for (char **place = places; place && *place; place++) {
                if (set_place(ret_place, *place) < 0)
                        return -ENOMEM;
                r = make_folders(*place, owner_of(config));
                if (r >= 0)
                        r = open_at(*place, config, ret);
                if (r >= 0)
                        (*ret)->is_derived = true;
                if (r >= 0 || r == -EBUSY)
                        return r;
        }
        return r;
}
