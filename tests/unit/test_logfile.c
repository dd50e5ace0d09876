#include <poll.h>

#include "files.h"
#include "log/logfile.h"
#include "log/rotate.h"

TestSuite(logfile, .init = make_folder, .fini = remove_folder, .timeout = 20);
TestSuite(rotate, .init = make_folder, .fini = remove_folder, .timeout = 20);

static LogFile *open_log(const char *name, int64_t max_bytes, int64_t backups) {
        LogFile *f;

        cr_assert_eq(logfile_new(in_folder(name), max_bytes, backups, &f), 0);
        (void)logfile_open(f);
        return f;
}

static void put_text(LogFile *f, LogTally *tally, const char *text) {
        logfile_write(f, tally, text, strlen(text));
}

static void put_numbers(LogFile *f, LogTally *tally, unsigned from, unsigned to) {
        char line[64];

        for (unsigned i = from; i < to; i++) {
                (void)snprintf(line, sizeof(line), "%u of the lines\n", i);
                put_text(f, tally, line);
        }
}

Test(rotate, moves_each_backup_to_the_next_number) {
        write_file(in_folder("l"), "now");
        write_file(in_folder("l.1"), "one");
        write_file(in_folder("l.2"), "two");

        cr_expect_eq(rotate_files(in_folder("l"), 10, NULL), 0);

        cr_expect_neq(access(in_folder("l"), F_OK), 0);
        expect_file(in_folder("l.1"), "now");
        expect_file(in_folder("l.2"), "one");
        expect_file(in_folder("l.3"), "two");
}

Test(rotate, drops_the_oldest) {
        write_file(in_folder("l"), "now");
        write_file(in_folder("l.1"), "one");
        write_file(in_folder("l.2"), "two");

        cr_expect_eq(rotate_files(in_folder("l"), 2, NULL), 0);

        expect_file(in_folder("l.1"), "now");
        expect_file(in_folder("l.2"), "one");
        cr_expect_neq(access(in_folder("l.3"), F_OK), 0);
}

Test(rotate, leaves_what_is_behind_a_gap) {
        write_file(in_folder("l"), "now");
        write_file(in_folder("l.2"), "two");

        cr_expect_eq(rotate_files(in_folder("l"), 5, NULL), 0);

        expect_file(in_folder("l.1"), "now");
        expect_file(in_folder("l.2"), "two");
}

Test(rotate, keeps_one_file_per_number_when_some_are_compressed) {
        write_file(in_folder("l"), "now");
        write_file(in_folder("l.1"), "one");
        write_file(in_folder("l.2.gz"), "two");
        write_file(in_folder("l.3"), "three");

        cr_expect_eq(rotate_files(in_folder("l"), 3, ".gz"), 0);

        expect_file(in_folder("l.1"), "now");
        expect_file(in_folder("l.2"), "one");
        expect_file(in_folder("l.3.gz"), "two");
        cr_expect_neq(access(in_folder("l.2.gz"), F_OK), 0);
        cr_expect_neq(access(in_folder("l.3"), F_OK), 0);
}

Test(rotate, reports_a_folder_in_the_way) {
        write_file(in_folder("l"), "now");
        cr_assert_eq(mkdir(in_folder("l.1"), 0755), 0);

        cr_expect_eq(rotate_files(in_folder("l"), 1, NULL), -EISDIR);
        expect_file(in_folder("l"), "now");
}

/* What cannot be looked at may be there. */
Test(rotate, overwrites_no_backup_that_it_cannot_see) {
        write_file(in_folder("l"), "new");
        cr_assert_eq(symlink(in_folder("l.1"), in_folder("l.1")), 0);
        cr_expect_eq(rotate_files(in_folder("l"), 3, NULL), -ELOOP);
        expect_file(in_folder("l"), "new");
}

Test(logfile, appends_to_what_is_there) {
        _cleanup_(logfile_freep) LogFile *f = NULL;
        LogTally tally = {};

        write_file(in_folder("l"), "old\n");
        f = open_log("l", 0, 0);
        put_text(f, &tally, "new\n");

        expect_file(in_folder("l"), "old\nnew\n");
}

Test(logfile, rotates_at_the_first_line_end_past_the_limit) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 10, 3);
        LogTally tally = {};

        put_text(f, &tally, "12345\n789012345\nrest\n");

        expect_file(in_folder("l.1"), "12345\n789012345\n");
        expect_file(in_folder("l"), "rest\n");
}

Test(logfile, rotates_when_the_limit_is_met_exactly) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 6, 3);
        LogTally tally = {};

        put_text(f, &tally, "12345\n");
        expect_file(in_folder("l.1"), "12345\n");
        expect_file(in_folder("l"), "");
}

Test(logfile, waits_for_a_line_to_end_before_it_rotates) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 4, 3);
        LogTally tally = {};

        put_text(f, &tally, "123456");
        cr_expect_neq(access(in_folder("l.1"), F_OK), 0);
        put_text(f, &tally, "78\nnext");

        expect_file(in_folder("l.1"), "12345678\n");
        expect_file(in_folder("l"), "next");
}

Test(logfile, cuts_a_line_without_an_end_some_way_past_the_limit) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 1000, 100);
        char block[5000];
        LogTally tally = {};
        struct stat st;

        memset(block, 'x', sizeof(block));
        for (int i = 0; i < 30; i++)
                logfile_write(f, &tally, block, sizeof(block));

        cr_assert_eq(stat(in_folder("l.1"), &st), 0);
        cr_expect_eq(st.st_size, 1000 + 65536);
        cr_assert_eq(stat(in_folder("l.2"), &st), 0);
        cr_expect_eq(st.st_size, 1000 + 65536);
        cr_assert_eq(stat(in_folder("l"), &st), 0);
        cr_expect_eq(st.st_size, 30 * 5000 - 2 * (1000 + 65536));
        cr_expect_eq(tally.dropped_bytes, 0);
}

Test(logfile, empties_the_file_without_backups) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 10, 0);
        LogTally tally = {};

        put_text(f, &tally, "0123456789\nafter\n");

        expect_file(in_folder("l"), "after\n");
        cr_expect_neq(access(in_folder("l.1"), F_OK), 0);
}

Test(logfile, never_rotates_without_a_limit) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 0, 3);
        LogTally tally = {};

        for (int i = 0; i < 1000; i++)
                put_text(f, &tally, "line\n");
        cr_expect_neq(access(in_folder("l.1"), F_OK), 0);
        cr_expect_eq(logfile_rotate(f), 0);
        cr_expect_eq(access(in_folder("l.1"), F_OK), 0);
}

Test(logfile, loses_no_line_over_many_rotations) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 2000, 90);
        LogTally tally = {};

        put_numbers(f, &tally, 0, 8000);
        cr_expect_gt(logfile_get_rotations(f), 60);
        cr_expect_eq(count_missing("l", 8000, false), 0);
}

Test(logfile, follows_a_file_that_was_moved_when_reopened) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 0, 0);
        LogTally tally = {};

        put_text(f, &tally, "one\n");
        cr_assert_eq(rename(in_folder("l"), in_folder("moved")), 0);
        put_text(f, &tally, "two\n");
        logfile_reopen(f);
        put_text(f, &tally, "three\n");

        expect_file(in_folder("moved"), "one\ntwo\n");
        expect_file(in_folder("l"), "three\n");
}

Test(logfile, does_not_shift_backups_for_a_file_that_somebody_moved) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 8, 3);
        LogTally tally = {};

        put_text(f, &tally, "one\n");
        cr_assert_eq(rename(in_folder("l"), in_folder("moved")), 0);
        put_text(f, &tally, "two-two\n");
        put_text(f, &tally, "three\n");

        expect_file(in_folder("moved"), "one\ntwo-two\n");
        expect_file(in_folder("l"), "three\n");
        cr_expect_neq(access(in_folder("l.1"), F_OK), 0);
}

Test(logfile, makes_a_deleted_file_again) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 0, 0);
        LogTally tally = {};

        put_text(f, &tally, "one\n");
        cr_assert_eq(unlink(in_folder("l")), 0);
        put_text(f, &tally, "two\n");

        expect_file(in_folder("l"), "two\n");
}

Test(logfile, goes_on_at_the_start_of_a_file_that_was_emptied) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 12, 3);
        LogTally tally = {};

        put_text(f, &tally, "0123456\n");
        cr_assert_eq(truncate(in_folder("l"), 0), 0);
        put_text(f, &tally, "abcdefg\n");

        expect_file(in_folder("l"), "abcdefg\n");
        cr_expect_neq(access(in_folder("l.1"), F_OK), 0);
}

Test(logfile, is_empty_after_clearing) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 0, 0);
        LogTally tally = {};

        put_text(f, &tally, "one\n");
        cr_expect_eq(logfile_clear(f), 0);
        put_text(f, &tally, "two\n");
        expect_file(in_folder("l"), "two\n");
}

Test(logfile, keeps_lines_while_the_folder_is_missing) {
        _cleanup_(logfile_freep) LogFile *f = NULL;
        LogTally tally = {};

        f = open_log("sub/l", 0, 0);
        cr_expect_eq(logfile_get_error(f), ENOENT);
        cr_expect_lt(logfile_get_retry_usec(f), USEC_INFINITY);
        put_text(f, &tally, "kept\n");

        logfile_retry(f);
        cr_expect_eq(logfile_get_error(f), ENOENT);

        cr_assert_eq(mkdir(in_folder("sub"), 0755), 0);
        logfile_retry(f);
        cr_expect_eq(logfile_get_error(f), 0);
        cr_expect_eq(logfile_get_retry_usec(f), USEC_INFINITY);
        put_text(f, &tally, "more\n");
        expect_file(in_folder("sub/l"), "kept\nmore\n");
        cr_expect_eq(tally.dropped_bytes, 0);
}

Test(logfile, keeps_lines_when_the_folder_is_deleted_under_it) {
        _cleanup_(logfile_freep) LogFile *f = NULL;
        LogTally tally = {};

        cr_assert_eq(mkdir(in_folder("sub"), 0755), 0);
        f = open_log("sub/l", 0, 0);
        put_text(f, &tally, "one\n");
        cr_assert_eq(unlink(in_folder("sub/l")), 0);
        cr_assert_eq(rmdir(in_folder("sub")), 0);

        put_text(f, &tally, "two\n");
        cr_expect_eq(logfile_get_error(f), ENOENT);
        cr_assert_eq(mkdir(in_folder("sub"), 0755), 0);
        logfile_retry(f);
        expect_file(in_folder("sub/l"), "two\n");
}

Test(logfile, drops_whole_lines_and_counts_them) {
        _cleanup_(logfile_freep) LogFile *f = open_log("sub/l", 0, 0);
        LogTally tally = {};
        char line[1024];
        const unsigned n = 1000;
        unsigned seen = 0, number;

        for (unsigned i = 0; i < n; i++) {
                memset(line, '.', sizeof(line));
                line[snprintf(line, sizeof(line), "%06u", i)] = '.';
                line[sizeof(line) - 1] = '\n';
                logfile_write(f, &tally, line, sizeof(line));
        }

        cr_assert_eq(mkdir(in_folder("sub"), 0755), 0);
        logfile_retry(f);

        _cleanup_(fclosep) FILE *in = fopen(in_folder("sub/l"), "re");
        cr_assert(in);
        while (fgets(line, sizeof(line), in)) {
                if (line[0] == '\n')
                        continue;
                cr_assert_eq(sscanf(line, "%u", &number), 1);
                cr_assert_eq(number, seen);
                seen++;
        }
        cr_expect_gt(seen, 100);
        cr_expect_lt(seen, n);
        cr_expect_eq(tally.dropped_lines, n - seen);
        cr_expect_eq(tally.dropped_bytes, (n - seen) * sizeof(line));
}

/* A line of which part was taken is ended before the next one, so that the two are not glued. */
Test(logfile, ends_a_line_whose_end_was_dropped) {
        _cleanup_(logfile_freep) LogFile *f = open_log("sub/l", 0, 0);
        _cleanup_(freep) char *text = NULL;
        static char block[300 * 1024];
        LogTally tally = {};
        size_t kept;

        memset(block, 'x', sizeof(block));
        logfile_write(f, &tally, block, sizeof(block)); /* more than is kept */
        kept = logfile_get_kept(f);
        put_text(f, &tally, "yyy\nz\n");
        cr_expect_eq(tally.dropped_lines, 2);
        cr_expect_eq(tally.dropped_bytes, sizeof(block) - kept + 3 + 2);

        cr_assert_eq(mkdir(in_folder("sub"), 0755), 0);
        logfile_retry(f);
        put_text(f, &tally, "next\n");

        text = slurp(in_folder("sub/l"));
        cr_assert(text);
        cr_expect_eq(strlen(text), kept + strlen("\nnext\n"));
        cr_expect_str_eq(text + kept, "\nnext\n");
}

Test(logfile, resumes_in_the_middle_of_a_dropped_line_with_the_next_one) {
        _cleanup_(logfile_freep) LogFile *f = open_log("sub/l", 0, 0);
        _cleanup_(freep) char *text = NULL;
        static char block[256 * 1024];
        LogTally tally = {};

        memset(block, 'x', sizeof(block));
        block[sizeof(block) - 1] = '\n';
        logfile_write(f, &tally, block, sizeof(block)); /* fills what is kept */
        put_text(f, &tally, "dropped ");

        cr_assert_eq(mkdir(in_folder("sub"), 0755), 0);
        logfile_retry(f);
        put_text(f, &tally, "too\nnext\n");

        text = slurp(in_folder("sub/l"));
        cr_assert(text);
        cr_expect_str_eq(text + sizeof(block), "next\n");
        cr_expect_eq(tally.dropped_lines, 1);
        cr_expect_eq(tally.dropped_bytes, strlen("dropped too\n"));
}

Test(logfile, accounts_for_every_line_of_a_full_disk) {
        _cleanup_(logfile_freep) LogFile *f = NULL;
        LogTally tally = {};

        mount_small("size=1m");
        f = open_log("disk/l", 30000, 90);
        put_numbers(f, &tally, 0, 3000);
        cr_expect_eq(logfile_get_error(f), 0);

        fill(in_folder("disk/ballast"));
        put_numbers(f, &tally, 3000, 40000);
        logfile_retry(f);
        cr_expect_eq(logfile_get_error(f), ENOSPC);
        cr_expect_gt(tally.dropped_lines, 10000);

        cr_assert_eq(unlink(in_folder("disk/ballast")), 0);
        logfile_retry(f);
        cr_expect_eq(logfile_get_error(f), 0);
        put_numbers(f, &tally, 40000, 43000);

        cr_expect_eq(count_missing("disk/l", 43000, false), tally.dropped_lines);
}

Test(logfile, writes_into_a_fifo_and_never_blocks) {
        _cleanup_(logfile_freep) LogFile *f = NULL;
        _cleanup_(closep) int reader = -1;
        LogTally tally = {};
        static char block[65536];

        memset(block, 'x', sizeof(block));
        block[sizeof(block) - 1] = '\n';
        cr_assert_eq(mkfifo(in_folder("fifo"), 0600), 0);
        f = open_log("fifo", 1, 3);
        cr_expect_eq(logfile_get_error(f), 0);

        for (int i = 0; i < 10; i++)
                logfile_write(f, &tally, block, sizeof(block));
        cr_expect_eq(logfile_get_error(f), EAGAIN);
        cr_expect_eq(logfile_get_retry_usec(f), USEC_INFINITY);
        cr_expect_gt(tally.dropped_lines, 0);

        reader = open(in_folder("fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        cr_assert_geq(reader, 0);
        while (logfile_get_error(f) != 0) {
                struct pollfd p = { .fd = logfile_get_fd(f), .events = POLLOUT };

                cr_assert_gt(read(reader, block, sizeof(block)), 0);
                cr_assert_eq(poll(&p, 1, -1), 1);
                logfile_retry(f);
        }
        cr_expect_eq(logfile_get_kept(f), 0);
        cr_expect_neq(access(in_folder("fifo.1"), F_OK), 0);
}

Test(logfile, survives_the_reader_of_a_pipe) {
        _cleanup_(logfile_freep) LogFile *f = NULL;
        LogTally tally = {};
        int ends[2];

        cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
        cr_assert_eq(logfile_new_fd(ends[1], "pipe", &f), 0);
        safe_close(ends[0]);
        put_text(f, &tally, "nobody\n");
        cr_expect_eq(logfile_get_error(f), EPIPE);
        cr_expect_lt(logfile_get_retry_usec(f), USEC_INFINITY);
        cr_expect_eq(logfile_rotate(f), -ENOTTY);
        safe_close(ends[1]);
}

Test(logfile, leaves_the_flags_of_a_shared_descriptor_alone) {
        _cleanup_(logfile_freep) LogFile *f = NULL;
        int ends[2];

        cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
        cr_assert_eq(logfile_new_fd(ends[1], "pipe", &f), 0);
        cr_expect_eq(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
        safe_close(ends[0]);
        safe_close(ends[1]);
}

Test(logfile, grows_on_where_it_cannot_be_rotated) {
        _cleanup_(logfile_freep) LogFile *f = open_log("l", 8, 1);
        LogTally tally = {};

        cr_assert_eq(mkdir(in_folder("l.1"), 0755), 0);
        put_text(f, &tally, "0123456789\n");
        cr_expect_eq(logfile_get_rotation_error(f), EISDIR);
        put_text(f, &tally, "more\n");
        expect_file(in_folder("l"), "0123456789\nmore\n");
        cr_expect_eq(logfile_get_error(f), 0);

        cr_assert_eq(rmdir(in_folder("l.1")), 0);
        cr_expect_eq(logfile_rotate(f), 0);
        cr_expect_eq(logfile_get_rotation_error(f), 0);
        expect_file(in_folder("l.1"), "0123456789\nmore\n");
}
