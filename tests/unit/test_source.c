/* Which files are read as a configuration; fstat() is ours, see --wrap in tests/rules.mk. */
#include "config/text/source.h"
#include "files.h"

static int fstat_error;

int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);

int __wrap_fstat(int fd, struct stat *st) {
        if (fstat_error == 0)
                return __real_fstat(fd, st);
        errno = fstat_error;
        return -1;
}

TestSuite(source, .init = make_folder, .fini = remove_folder, .timeout = 20);

Test(source, only_regular_files_are_read) {
        Source s;

        write_file(in_folder("file"), "text\n");
        cr_expect_eq(source_open(&s, in_folder("file")), 0);
        source_close(&s);
        cr_expect_eq(source_open(&s, in_folder("missing")), -ENOENT);
        cr_expect_eq(source_open(&s, folder), -EISDIR);
        cr_expect_eq(source_open(&s, "/dev/null"), -ENXIO);
}

Test(source, file_that_cannot_be_looked_at_is_not_taken_for_a_device) {
        Source s;

        write_file(in_folder("file"), "text\n");
        fstat_error = EIO;
        cr_expect_eq(source_open(&s, in_folder("file")), -EIO);
}
