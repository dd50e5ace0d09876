#include <poll.h>
#include <regex.h>
#include <sys/wait.h>

#include "files.h"
#include "log/log.h"

TestSuite(log, .init = make_folder, .fini = remove_folder, .timeout = 20);

static void expect_match(const char *text, const char *pattern) {
        regex_t regex;

        cr_assert_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
        cr_expect_eq(regexec(&regex, text, 0, NULL, 0), 0, "'%s' is not like '%s'", text, pattern);
        regfree(&regex);
}

static void open_main_log(LogLevel level) {
        const LogOptions options = { .level = level, .file = in_folder("log") };

        cr_assert_eq(log_open(&options), 0);
}

#define STAMP "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]{3}"

Test(log, writes_lines_as_tools_expect_them) {
        _cleanup_(freep) char *text = NULL;

        open_main_log(LOG_LEVEL_BLATHER);
        log_critical("one %d", 1);
        log_error("two");
        log_warn("three");
        log_info("four");
        log_debug("five");
        log_trace("six");
        log_message(LOG_LEVEL_BLATHER, "seven");
        log_close();

        text = slurp(in_folder("log"));
        expect_match(text, "^" STAMP " CRIT one 1\n" STAMP " ERRO two\n" STAMP " WARN three\n" STAMP
                           " INFO four\n" STAMP " DEBG five\n" STAMP " TRAC six\n" STAMP
                           " BLAT seven\n$");
}

Test(log, leaves_out_what_is_below_the_level) {
        _cleanup_(freep) char *text = NULL;

        open_main_log(LOG_LEVEL_WARN);
        log_info("hidden");
        log_warn("shown");
        log_set_level(LOG_LEVEL_INFO);
        log_info("now");
        log_close();

        text = slurp(in_folder("log"));
        expect_match(text, "^" STAMP " WARN shown\n" STAMP " INFO now\n$");
}

Test(log, writes_long_lines_whole_and_keeps_errno) {
        _cleanup_(freep) char *text = NULL;
        static char long_text[5000];

        memset(long_text, 'x', sizeof(long_text) - 1);
        open_main_log(LOG_LEVEL_INFO);
        errno = EXDEV;
        log_info("%s%m", long_text);
        cr_expect_eq(errno, EXDEV);
        log_close();

        text = slurp(in_folder("log"));
        cr_assert(text);
        cr_expect_eq(strlen(text), strlen("2026-01-31 12:00:00,123 INFO ") + sizeof(long_text) - 1 +
                                           strlen(strerror(EXDEV)) + 1);
}

Test(log, discards_what_comes_before_it_is_open) {
        log_info("nowhere");
        cr_expect_eq(log_get_fd(), -1);
        log_dispatch();
        log_close();
}

Test(log, says_why_it_cannot_be_opened_and_goes_on_as_it_was) {
        const LogOptions bad = { .level = LOG_LEVEL_INFO, .file = in_folder("no/log") };
        _cleanup_(freep) char *text = NULL;

        open_main_log(LOG_LEVEL_INFO);
        cr_expect_eq(log_open(&bad), -ENOENT);
        log_info("still here");
        log_close();

        text = slurp(in_folder("log"));
        expect_match(text, "still here\n$");
}

Test(log, is_rotated_by_size) {
        const LogOptions options = {
                .level = LOG_LEVEL_INFO, .file = in_folder("log"), .max_bytes = 1000, .backups = 2
        };
        struct stat st;

        cr_assert_eq(log_open(&options), 0);
        for (int i = 0; i < 100; i++)
                log_info("a message of some length, number %d", i);
        log_close();

        cr_assert_eq(stat(in_folder("log.1"), &st), 0);
        cr_expect_geq(st.st_size, 1000);
        cr_expect_lt(st.st_size, 1100);
        cr_expect_eq(access(in_folder("log.2"), F_OK), 0);
        cr_expect_neq(access(in_folder("log.3"), F_OK), 0);
}

Test(log, is_opened_again_by_its_name) {
        _cleanup_(freep) char *text = NULL;

        open_main_log(LOG_LEVEL_INFO);
        log_info("one");
        cr_assert_eq(rename(in_folder("log"), in_folder("moved")), 0);
        cr_expect_eq(log_reopen(), 0);
        log_info("two");
        log_close();

        text = slurp(in_folder("log"));
        expect_match(text, "^" STAMP " INFO two\n$");
}

/* Standard output becomes a pipe whose other end is *ret. */
static void log_to_pipe(int *ret) {
        const LogOptions options = { .level = LOG_LEVEL_INFO, .console = true };
        int ends[2];

        cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
        cr_assert_geq(dup2(ends[1], STDOUT_FILENO), 0);
        safe_close(ends[1]);
        (void)unsetenv("JOURNAL_STREAM");
        cr_assert_eq(log_open(&options), 0);
        *ret = ends[0];
}

static bool is_readable(int fd) {
        struct pollfd p = { .fd = fd, .events = POLLIN };

        return poll(&p, 1, 0) > 0;
}

Test(log, never_waits_for_the_reader_of_its_standard_output) {
        _cleanup_(closep) int reader = -1;
        static char data[1024 * 1024];
        size_t lines = 0, size = 0;
        ssize_t n;

        log_to_pipe(&reader);
        for (int i = 0; i < 20000; i++)
                log_info("message %d of many that nobody reads", i);
        cr_expect_gt(log_get_dropped(), 0);
        cr_expect_not(is_readable(log_get_fd()), "nothing to do while the pipe is full");

        (void)fcntl(reader, F_SETFL, O_NONBLOCK);
        while ((n = read(reader, data + size, sizeof(data) - size - 1)) > 0) {
                size += (size_t)n;
                if (is_readable(log_get_fd()))
                        log_dispatch();
        }
        cr_expect_not(is_readable(log_get_fd()), "nothing is left to do");

        for (char *p = data; (p = strchr(p, '\n')); p++)
                lines++;
        cr_expect_eq(lines, 20000 - log_get_dropped() + 1);
        expect_match(data, "WARN [0-9]+ lines of this log were lost here\n");
        log_close();
}

Test(log, survives_the_reader_of_its_standard_output) {
        int reader;

        log_to_pipe(&reader);
        safe_close(reader);
        log_info("nobody");
        log_info("listens");
        log_close();
}

Test(log, is_plain_where_there_is_no_terminal) {
        _cleanup_(closep) int reader = -1;
        char data[200] = {};

        (void)setenv("TERM", "xterm", 1);
        log_to_pipe(&reader);
        log_error("plain");
        cr_assert_gt(read(reader, data, sizeof(data) - 1), 0);
        expect_match(data, "^" STAMP " ERRO plain\n$");
        log_close();
}

static void read_terminal(char *ret, size_t size, const char *no_color) {
        const LogOptions options = { .level = LOG_LEVEL_INFO, .console = true };
        _cleanup_(closep) int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        _cleanup_(closep) int slave = -1;
        ssize_t n;

        cr_assert_geq(master, 0);
        cr_assert_eq(unlockpt(master), 0);
        slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
        cr_assert_geq(slave, 0);
        cr_assert_geq(dup2(slave, STDOUT_FILENO), 0);
        (void)setenv("TERM", "xterm", 1);
        (void)setenv("NO_COLOR", no_color, 1);
        cr_assert_eq(log_open(&options), 0);
        log_error("coloured?");
        log_close();

        n = read(master, ret, size - 1);
        cr_assert_gt(n, 0);
        ret[n] = '\0';
}

Test(log, colours_the_level_on_a_terminal) {
        char data[200];

        read_terminal(data, sizeof(data), "");
        expect_match(data, "^" STAMP " \033\\[31mERRO\033\\[0m coloured\\?\r\n$");
}

Test(log, honours_no_color) {
        char data[200];

        read_terminal(data, sizeof(data), "1");
        expect_match(data, "^" STAMP " ERRO coloured\\?\r\n$");
}

/* Nobody serves the journal's socket here, so the stream itself must do. */
Test(log, speaks_the_journals_language_to_its_stream) {
        const LogOptions options = { .level = LOG_LEVEL_INFO, .console = true };
        char stream[64], data[200] = {};
        struct stat st;
        int ends[2];

        if (access("/run/systemd/journal/socket", F_OK) >= 0)
                cr_skip("a real journal listens here");

        cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
        cr_assert_geq(dup2(ends[1], STDOUT_FILENO), 0);
        cr_assert_eq(fstat(STDOUT_FILENO, &st), 0);
        (void)snprintf(stream, sizeof(stream), "%lu:%lu", (unsigned long)st.st_dev,
                       (unsigned long)st.st_ino);
        (void)setenv("JOURNAL_STREAM", stream, 1);
        cr_assert_eq(log_open(&options), 0);
        log_warn("to the journal");
        cr_assert_gt(read(ends[0], data, sizeof(data) - 1), 0);
        cr_expect_str_eq(data, "<4>WARN to the journal\n");
        log_close();
}

Test(log, keeps_messages_for_a_disk_that_is_full) {
        LogOptions options = { .level = LOG_LEVEL_INFO };
        _cleanup_(freep) char *text = NULL;
        static char block[4096];
        int fd;

        mount_small("size=64k");
        options.file = in_folder("disk/log");
        cr_assert_eq(log_open(&options), 0);
        fd = open(in_folder("disk/ballast"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        while (write(fd, block, sizeof(block)) > 0)
                continue;
        safe_close(fd);

        log_info("kept");
        cr_assert_eq(unlink(in_folder("disk/ballast")), 0);
        while (!is_readable(log_get_fd()))
                (void)poll(&(struct pollfd){ .fd = log_get_fd(), .events = POLLIN }, 1, -1);
        log_dispatch();
        cr_expect_not(is_readable(log_get_fd()));

        text = slurp(in_folder("disk/log"));
        expect_match(text, "INFO kept\n$");
        log_close();
}
