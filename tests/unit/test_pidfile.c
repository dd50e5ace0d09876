#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/macro.h"
#include "base/pidfile-read.h"
#include "base/pidfile.h"

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

static void expect_number(const char *bytes, size_t n, pid_t expected) {
        _cleanup_(closep) int fd = memfd_create("pidfile", MFD_CLOEXEC);
        pid_t pid;

        cr_assert_eq(write(fd, bytes, n), (ssize_t)n);
        pid = pidfile_read(fd);
        cr_expect_eq(pid, expected, "%d from '%s', expected %d", pid, bytes, expected);
}

static void expect_number_of_text(const char *text, pid_t expected) {
        expect_number(text, strlen(text), expected);
}

Test(pidfile, says_the_number_of_its_first_line) {
        expect_number_of_text("4711\n", 4711);
        expect_number_of_text("4711", 4711);
        expect_number_of_text(" \t4711 \r\n", 4711);
        expect_number_of_text("2147483647\n", 2147483647);
        expect_number_of_text("4711\n/var/lib/postgresql/15/main\n1700000000\n5432\n", 4711);
}

Test(pidfile, that_is_not_understood_says_nothing) {
        static const char *const texts[] = {
                "",
                "\n",
                "0\n",
                "1\n",
                "-4711\n",
                "+4711\n",
                "4711 1\n",
                "x\n",
                "4711x\n",
                "\n4711",
                "0x1267\n",
                "2147483648\n",
                "99999999999999999999999999\n",
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                expect_number_of_text(texts[i], 0);
        expect_number("4711\0x\n", 7, 0);
}

/* A number is not cut where our reading ends. */
Test(pidfile, with_an_endless_line_says_nothing) {
        char text[100];

        for (size_t blanks = 50; blanks < 70; blanks++) {
                (void)snprintf(text, sizeof(text), "%*s4711", (int)blanks, "");
                expect_number_of_text(text, blanks + 4 < 63 ? 4711 : 0);
        }
}

Test(pidfile, that_is_a_pipe_is_not_waited_for) {
        int fds[2];

        cr_assert_eq(pipe(fds), 0);
        cr_expect_eq(pidfile_read(fds[0]), 0);
        (void)close(fds[0]);
        (void)close(fds[1]);
}
