#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "daemon/pidfile.h"

TestSuite(pidfile, .timeout = 10);

static char folder[] = "/tmp/test-pidfile-XXXXXX";
static char path[64];

static void set_up(void) {
        cr_assert_not_null(mkdtemp(folder));
        (void)snprintf(path, sizeof(path), "%s/pid", folder);
}

static void tear_down(void) {
        (void)unlink(path);
        (void)rmdir(folder);
}

static Pidfile *lock(void) {
        Pidfile *p = NULL;
        pid_t holder;

        cr_assert_eq(pidfile_lock(path, &p, &holder), 0);
        return p;
}

static bool exists(void) {
        struct stat st;

        return stat(path, &st) == 0;
}

Test(pidfile, holds_the_number_until_it_is_given_up, .init = set_up, .fini = tear_down) {
        Pidfile *p = lock();
        char text[16] = "", expected[16];
        FILE *f;

        cr_assert_eq(pidfile_write(p), 0);
        f = fopen(path, "re");
        cr_assert_not_null(f);
        cr_assert_not_null(fgets(text, sizeof(text), f));
        (void)fclose(f);
        (void)snprintf(expected, sizeof(expected), "%d\n", getpid());
        cr_expect_str_eq(text, expected);

        pidfile_free(p);
        cr_expect_not(exists());
}

Test(pidfile, refuses_a_second_holder_and_names_the_first, .init = set_up, .fini = tear_down) {
        Pidfile *p = lock(), *second = NULL;
        pid_t holder = 0;

        cr_assert_eq(pidfile_write(p), 0);
        cr_expect_eq(pidfile_lock(path, &second, &holder), -EBUSY);
        cr_expect_eq(holder, getpid());
        pidfile_free(p);
        pidfile_free(lock());
}

Test(pidfile, stays_locked_by_the_process_that_was_forked, .init = set_up, .fini = tear_down) {
        Pidfile *p = lock(), *second = NULL;
        int fds[2], status;
        pid_t pid, holder;
        char byte;

        cr_assert_eq(pipe(fds), 0);
        pid = fork();
        if (pid == 0) {
                (void)close(fds[1]);
                _exit(read(fds[0], &byte, 1) == 0 ? 0 : 1);
        }
        pidfile_leave(p);
        cr_expect_eq(pidfile_lock(path, &second, &holder), -EBUSY);

        (void)close(fds[1]);
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        pidfile_free(lock());
}

Test(pidfile, of_a_dead_daemon_is_taken_over, .init = set_up, .fini = tear_down) {
        FILE *f = fopen(path, "we");

        cr_assert_not_null(f);
        (void)fputs("4711\n", f);
        (void)fclose(f);
        pidfile_free(lock());
}

Test(pidfile, that_somebody_replaced_is_not_removed, .init = set_up, .fini = tear_down) {
        Pidfile *p = lock();
        FILE *f;

        cr_assert_eq(unlink(path), 0);
        f = fopen(path, "we");
        cr_assert_not_null(f);
        (void)fclose(f);
        pidfile_free(p);
        cr_expect(exists());
}

Test(pidfile, in_a_missing_directory_is_an_error) {
        Pidfile *p = NULL;
        pid_t holder;

        cr_expect_eq(pidfile_lock("/nonexistent/x/pid", &p, &holder), -ENOENT);
}
