#include <criterion/criterion.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/act/remembered.h"

TestSuite(remembered, .timeout = 10);

/* Memory that runs out: these are ours, see --wrap in tests/rules.mk. */
static bool is_short;

int __wrap_asprintf(char **ret, const char *format, ...);
int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...);

int __wrap_asprintf(char **ret, const char *format, ...) {
        va_list ap;
        int n;

        if (is_short)
                return -1;
        va_start(ap, format);
        n = vasprintf(ret, format, ap);
        va_end(ap);
        return n;
}

int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...) {
        va_list ap;
        int n;

        if (is_short)
                return -1;
        va_start(ap, format);
        n = vasprintf(ret, format, ap);
        va_end(ap);
        return n;
}

static char folder[] = "/tmp/test-remembered-XXXXXX", inner[64], file[80];

static void make(void) {
        cr_assert(mkdtemp(folder) != NULL);
        (void)snprintf(inner, sizeof(inner), "%s/a/b", folder);
        (void)snprintf(file, sizeof(file), "%s/remembered", inner);
}

static void drop(void) {
        (void)unlink(file);
        (void)rmdir(inner);
        *strrchr(inner, '/') = '\0';
        (void)rmdir(inner);
        (void)rmdir(folder);
}

static Remembered *read_again(void) {
        Remembered *r = NULL;

        cr_assert_eq(remembered_new(inner, &r), 0);
        return r;
}

static int saved;

static void on_saved(int result) {
        saved = result;
}

/* At once. */
static int save(Remembered *r) {
        saved = 1;
        remembered_save(r, NULL, on_saved);
        return saved;
}

Test(remembered, what_was_saved_is_there_again, .init = make, .fini = drop) {
        _cleanup_(remembered_freep) Remembered *a = read_again(), *b = NULL, *c = NULL;

        cr_assert_eq(remembered_set(a, "web", "0", true), 0);
        cr_assert_eq(remembered_set(a, "db", "db", true), 0);
        cr_assert_eq(remembered_set(a, "db", "db", true), 0);
        cr_assert_eq(save(a), 0);

        b = read_again();
        cr_expect(remembered_is_disabled(b, "web", "0"));
        cr_expect(remembered_is_disabled(b, "db", "db"));
        cr_expect_not(remembered_is_disabled(b, "web", "1"));
        cr_assert_eq(remembered_set(b, "db", "db", false), 0);
        cr_assert_eq(remembered_set(b, "nobody", "0", false), 0);
        cr_assert_eq(save(b), 0);

        c = read_again();
        cr_expect(remembered_is_disabled(c, "web", "0"));
        cr_expect_not(remembered_is_disabled(c, "db", "db"));
}

Test(remembered, lines_that_mean_nothing_are_left_out, .init = make, .fini = drop) {
        _cleanup_(remembered_freep) Remembered *empty = read_again(), *r = NULL;
        FILE *f;

        cr_assert_eq(save(empty), 0);
        f = fopen(file, "we");
        cr_assert(f != NULL);
        (void)fputs("nonsense\n\ndisabled a:b\ndisabled", f);
        (void)fclose(f);
        r = read_again();
        cr_expect(remembered_is_disabled(r, "a", "b"));
        cr_expect_not(remembered_is_disabled(r, "nonsense", ""));
}

Test(remembered, is_known_without_memory) {
        Remembered *r = NULL;

        cr_assert_eq(remembered_new(NULL, &r), 0);
        cr_assert_eq(remembered_set(r, "web", "0", true), 0);
        cr_assert_eq(remembered_set(r, "web-2", "0", true), 0);
        is_short = true;
        cr_expect(remembered_is_disabled(r, "web", "0"));
        cr_expect(remembered_is_disabled(r, "web-2", "0"));
        cr_expect_not(remembered_is_disabled(r, "web", "01"));
        cr_expect_not(remembered_is_disabled(r, "we", "0"));
        is_short = false;
        remembered_free(r);
}

Test(remembered, without_a_place_it_holds_until_the_end) {
        _cleanup_(remembered_freep) Remembered *r = NULL;

        cr_assert_eq(remembered_new(NULL, &r), 0);
        cr_assert_eq(remembered_set(r, "a", "a", true), 0);
        cr_expect(remembered_is_disabled(r, "a", "a"));
        cr_expect_eq(save(r), -ENOENT);
}

Test(remembered, what_cannot_be_written_leaves_what_was_there, .init = make, .fini = drop) {
        _cleanup_(remembered_freep) Remembered *r = read_again(), *again = NULL;
        char blocked[96];

        cr_assert_eq(remembered_set(r, "a", "a", true), 0);
        cr_assert_eq(save(r), 0);
        (void)snprintf(blocked, sizeof(blocked), "%s.new", file);
        cr_assert_eq(mkdir(blocked, 0700), 0);
        cr_assert_eq(remembered_set(r, "b", "b", true), 0);
        cr_expect_lt(save(r), 0);
        (void)rmdir(blocked);
        again = read_again();
        cr_expect(remembered_is_disabled(again, "a", "a"));
        cr_expect_not(remembered_is_disabled(again, "b", "b"));
}
