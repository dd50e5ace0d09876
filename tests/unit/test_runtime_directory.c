/* The folder for sockets that lives as long as the daemon. */
#include "files.h"
#include "manager/runtime-directory.h"

TestSuite(runtime_directory, .init = make_folder, .fini = remove_folder, .timeout = 20);

static bool starts_with(const char *text, const char *start) {
        return strncmp(text, start, strlen(start)) == 0;
}

Test(runtime_directory, lies_in_the_service_manager_s) {
        _cleanup_(runtime_directory_freep) RuntimeDirectory *d = NULL;
        _cleanup_(freep) char *several = NULL, *path = NULL;
        struct stat st;

        cr_assert_geq(asprintf(&several, "%s:/nowhere", folder), 0);
        cr_assert_eq(setenv("RUNTIME_DIRECTORY", several, 1), 0);
        cr_assert_eq(runtime_directory_new(&d), 0);
        path = strdup(runtime_directory_get_path(d));
        cr_expect(starts_with(path, folder) && path[strlen(folder)] == '/', "%s", path);
        cr_assert_eq(stat(path, &st), 0);
        cr_expect_eq(st.st_mode & 07777, 0711, "others go through, and see nothing");

        d = runtime_directory_free(d);
        cr_expect_null(d);
        cr_expect_neq(access(path, F_OK), 0, "it is gone");
}

Test(runtime_directory, is_found_elsewhere_if_that_one_is_missing) {
        _cleanup_(runtime_directory_freep) RuntimeDirectory *a = NULL, *b = NULL;

        cr_assert_eq(setenv("RUNTIME_DIRECTORY", in_folder("none"), 1), 0);
        cr_assert_eq(setenv("XDG_RUNTIME_DIR", folder, 1), 0);
        cr_assert_eq(runtime_directory_new(&a), 0);
        cr_assert_eq(setenv("RUNTIME_DIRECTORY", "relative", 1), 0);
        cr_assert_eq(runtime_directory_new(&b), 0);
        cr_expect(starts_with(runtime_directory_get_path(a), geteuid() == 0 ? "/run/" : folder),
                  "%s", runtime_directory_get_path(a));
        cr_expect_str_neq(runtime_directory_get_path(a), runtime_directory_get_path(b));
}

Test(runtime_directory, leaves_what_others_put_there) {
        RuntimeDirectory *d = NULL;
        _cleanup_(freep) char *file = NULL;

        cr_assert_eq(setenv("RUNTIME_DIRECTORY", folder, 1), 0);
        cr_assert_eq(runtime_directory_new(&d), 0);
        cr_assert_geq(asprintf(&file, "%s/x", runtime_directory_get_path(d)), 0);
        write_file(file, "y");
        cr_expect_null(runtime_directory_free(d));
        expect_file(file, "y");
}
