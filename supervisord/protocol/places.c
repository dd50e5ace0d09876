#include "protocol/places.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/hash.h"
#include "base/strv.h"

int place_id(const char *path, char ret[static PLACE_ID_LENGTH + 1]) {
        _cleanup_(freep) char *real = NULL;

        real = realpath(path, NULL);
        if (!real)
                return -errno;
        /* Nobody gains from a collision: only the daemon's owner may make these folders. */
        (void)snprintf(ret, PLACE_ID_LENGTH + 1, "%016" PRIx64, hash_text(real));
        return 0;
}

/* Append FOLDER/supervisord/ID/control to *@list; one that does not fit an address is left out. */
static int add_control(char ***list, const char *folder, const char *id) {
        char *path;
        int r;

        if (asprintf(&path, "%s/%s/control", folder, id) < 0)
                return -ENOMEM;
        if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
                free(path);
                return 0;
        }
        r = strv_push(list, path);
        if (r < 0)
                free(path);
        return r;
}

/* The folder of a user's daemons below what the session made for them; $XDG_RUNTIME_DIR, else
 * /run/user/UID. */
static int add_session(char ***list, uid_t uid, const char *id) {
        const char *runtime = getenv("XDG_RUNTIME_DIR");
        _cleanup_(freep) char *folder = NULL;
        int n;

        n = runtime && runtime[0] == '/'
                    ? asprintf(&folder, "%s/supervisord", runtime)
                    : asprintf(&folder, "/run/user/%" PRIuMAX "/supervisord", (uintmax_t)uid);
        if (n < 0) {
                folder = NULL;
                return -ENOMEM;
        }
        return add_control(list, folder, id);
}

static int add_temporary(char ***list, uid_t uid, const char *id) {
        char folder[64];

        (void)snprintf(folder, sizeof(folder), PLACE_TEMPORARY "%" PRIuMAX, (uintmax_t)uid);
        return add_control(list, folder, id);
}

int places_control(const char *config_path, uid_t uid, char ***ret) {
        _cleanup_(strv_freep) char **list = NULL;
        char id[PLACE_ID_LENGTH + 1];
        int r;

        r = place_id(config_path, id);
        if (r < 0)
                return r;
        r = uid == 0 ? add_control(&list, PLACE_SYSTEM, id) : add_session(&list, uid, id);
        if (r >= 0)
                r = add_temporary(&list, uid, id);
        if (r >= 0 && uid != 0) /* the daemon may have been started by root, with user= or for a
                                  control_group */
                r = add_control(&list, PLACE_SYSTEM, id);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(list);
        return 0;
}

/* Does the folder that @path lies in belong to @uid, and may nobody else change it? */
static int check_folder(const char *path, size_t n, uid_t uid) {
        _cleanup_(freep) char *folder = strndup(path, n);
        struct stat st;

        if (!folder)
                return -ENOMEM;
        if (lstat(folder, &st) < 0)
                return -errno;
        return S_ISDIR(st.st_mode) && st.st_uid == uid && (st.st_mode & 0022) == 0 ? 0 : -EPERM;
}

int place_check_control(const char *path, uid_t uid) {
        const char *end = strrchr(path, '/');
        struct stat st;
        int r;

        if (strncmp(path, PLACE_TEMPORARY, strlen(PLACE_TEMPORARY)) == 0 && end) {
                const char *first = strchr(path + strlen(PLACE_TEMPORARY), '/');

                r = check_folder(path, (size_t)(first - path), uid);
                if (r == 0)
                        r = check_folder(path, (size_t)(end - path), uid);
                if (r < 0)
                        return r;
        }
        if (stat(path, &st) < 0)
                return -errno;
        return S_ISSOCK(st.st_mode) ? 0 : -ENOENT;
}

int place_state(const char *config_path, uid_t uid, char **ret) {
        const char *service = getenv("STATE_DIRECTORY"), *state = getenv("XDG_STATE_HOME");
        const char *home = getenv("HOME");
        char id[PLACE_ID_LENGTH + 1];
        char *path = NULL;
        int n, r;

        r = place_id(config_path, id);
        if (r < 0)
                return r;
        if (service && service[0] == '/')
                n = asprintf(&path, "%.*s/%s", (int)strcspn(service, ":"), service, id);
        else if (uid == 0)
                n = asprintf(&path, "/var/lib/supervisord/%s", id);
        else if (state && state[0] == '/')
                n = asprintf(&path, "%s/supervisord/%s", state, id);
        else if (home && home[0] == '/')
                n = asprintf(&path, "%s/.local/state/supervisord/%s", home, id);
        else
                return -ENOENT;
        if (n < 0)
                return -ENOMEM;
        *ret = path;
        return 0;
}
