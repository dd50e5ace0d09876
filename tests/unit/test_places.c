#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/macro.h"
#include "base/strv.h"
#include "protocol/places.h"

TestSuite(places, .timeout = 20);

static char folder[] = "/tmp/test-places-XXXXXX";
static char config[64];

static void make(void) {
        FILE *f;

        cr_assert(mkdtemp(folder));
        (void)snprintf(config, sizeof(config), "%s/supervisord.conf", folder);
        f = fopen(config, "w");
        cr_assert(f);
        (void)fclose(f);
        unsetenv("XDG_RUNTIME_DIR");
        unsetenv("XDG_STATE_HOME");
        unsetenv("STATE_DIRECTORY");
}

static void drop(void) {
        (void)unlink(config);
        (void)rmdir(folder);
}

Test(places, the_id_is_that_of_the_real_path, .init = make, .fini = drop) {
        char a[PLACE_ID_LENGTH + 1], b[PLACE_ID_LENGTH + 1], other[PLACE_ID_LENGTH + 1];
        char winding[128];

        (void)snprintf(winding, sizeof(winding), "%s/../%s/./supervisord.conf", folder, folder + 5);
        cr_assert(place_id(config, a) == 0);
        cr_assert(place_id(winding, b) == 0);
        cr_assert(place_id(folder, other) == 0);
        cr_assert_str_eq(a, b);
        cr_assert_str_neq(a, other);
        cr_assert(strlen(a) == PLACE_ID_LENGTH);
}

Test(places, a_file_that_is_not_there_has_none, .init = make, .fini = drop) {
        char **list = NULL;

        cr_assert(places_control("/nowhere/at/all.conf", 0, &list) == -ENOENT);
        cr_assert(!list);
}

static char **list_for(uid_t uid) {
        char **list = NULL;

        cr_assert(places_control(config, uid, &list) == 0);
        return list;
}

Test(places, root_meets_its_clients_in_run, .init = make, .fini = drop) {
        _cleanup_(strv_freep) char **list = list_for(0);
        char id[PLACE_ID_LENGTH + 1], expected[128];

        cr_assert(place_id(config, id) == 0);
        (void)snprintf(expected, sizeof(expected), "/run/supervisord/%s/control", id);
        cr_assert_str_eq(list[0], expected);
        (void)snprintf(expected, sizeof(expected), "/tmp/supervisord-0/%s/control", id);
        cr_assert_str_eq(list[1], expected);
        cr_assert(!list[2]);
}

Test(places, a_user_tries_his_own_places_and_then_roots, .init = make, .fini = drop) {
        _cleanup_(strv_freep) char **list = list_for(4711);

        cr_assert(strv_length(list) == 3);
        cr_assert(strncmp(list[0], "/run/user/4711/supervisord/", 27) == 0);
        cr_assert(strncmp(list[1], "/tmp/supervisord-4711/", 22) == 0);
        cr_assert(strncmp(list[2], "/run/supervisord/", 17) == 0);
}

Test(places, the_session_may_name_its_runtime_directory, .init = make, .fini = drop) {
        _cleanup_(strv_freep) char **list = NULL, **relative = NULL;

        setenv("XDG_RUNTIME_DIR", "/somewhere/else", 1);
        list = list_for(4711);
        cr_assert(strncmp(list[0], "/somewhere/else/supervisord/", 28) == 0);

        setenv("XDG_RUNTIME_DIR", "not/absolute", 1);
        relative = list_for(4711);
        cr_assert(strncmp(relative[0], "/run/user/4711/", 15) == 0);
}

Test(places, what_does_not_fit_an_address_is_left_out, .init = make, .fini = drop) {
        _cleanup_(strv_freep) char **list = NULL;
        char longest[120];

        memset(longest, 'x', sizeof(longest) - 1);
        longest[0] = '/';
        longest[sizeof(longest) - 1] = '\0';
        setenv("XDG_RUNTIME_DIR", longest, 1);
        list = list_for(4711);
        cr_assert(strv_length(list) == 2);
        cr_assert(strncmp(list[0], "/tmp/supervisord-4711/", 22) == 0);
}

static int check_in(const char *parent, const char *name, uid_t uid) {
        char path[108];
        _cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int r;

        (void)snprintf(path, sizeof(path), "%s/%s", parent, name);
        (void)strcpy(address.sun_path, path);
        cr_assert(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
        r = place_check_control(path, uid);
        (void)unlink(path);
        return r;
}

Test(places, a_folder_in_tmp_has_to_be_ones_own) {
        char own[64], inner[80];
        uid_t uid = getuid();

        (void)snprintf(own, sizeof(own), "/tmp/supervisord-%u-test-%d", uid, (int)getpid());
        (void)snprintf(inner, sizeof(inner), "%s/x", own);
        cr_assert(mkdir(own, 0700) == 0 && mkdir(inner, 0700) == 0);

        cr_expect(check_in(inner, "control", uid) == 0);
        cr_expect(check_in(inner, "control", uid + 1) == -EPERM);
        cr_assert(chmod(inner, 0777) == 0);
        cr_expect(check_in(inner, "control", uid) == -EPERM);
        cr_assert(chmod(inner, 0700) == 0 && chmod(own, 0777) == 0);
        cr_expect(check_in(inner, "control", uid) == -EPERM);

        (void)rmdir(inner);
        (void)rmdir(own);
}

Test(places, a_file_is_no_socket, .init = make, .fini = drop) {
        cr_assert(place_check_control(config, 0) == -ENOENT);
        cr_assert(place_check_control("/nowhere/at/all", 0) == -ENOENT);
}

static char *state_for(uid_t uid) {
        char *path = NULL;

        cr_assert(place_state(config, uid, &path) == 0);
        return path;
}

Test(places, what_is_remembered_outlives_the_machine, .init = make, .fini = drop) {
        _cleanup_(freep) char *system = state_for(0), *home = NULL, *own = NULL, *service = NULL;
        char *none = NULL;

        cr_assert(strncmp(system, "/var/lib/supervisord/", 21) == 0);
        setenv("HOME", "/home/x", 1);
        home = state_for(1);
        cr_assert(strncmp(home, "/home/x/.local/state/supervisord/", 33) == 0);
        setenv("XDG_STATE_HOME", "/state", 1);
        own = state_for(1);
        cr_assert(strncmp(own, "/state/supervisord/", 19) == 0);
        setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", 1);
        service = state_for(0);
        cr_assert(strncmp(service, "/var/lib/a/", 11) == 0);

        unsetenv("STATE_DIRECTORY");
        unsetenv("XDG_STATE_HOME");
        unsetenv("HOME");
        cr_assert(place_state(config, 1, &none) == -ENOENT);
}
