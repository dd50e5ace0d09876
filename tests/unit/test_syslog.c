#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

#include "files.h"
#include "log/syslog.h"

TestSuite(syslog, .init = make_folder, .fini = remove_folder, .timeout = 10);
TestSuite(journal, .init = make_folder, .fini = remove_folder, .timeout = 10);

static int receiver(const char *path) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        cr_assert_geq(fd, 0);
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
        return fd;
}

static const SyslogTag tag = { .priority = LOG_DAEMON | LOG_WARNING,
                               .identifier = "test",
                               .pid = 7 };

Test(syslog, sends_priority_time_and_tag) {
        LogSocket s = { .path = in_folder("log"), .fd = -1 };
        _cleanup_(closep) int fd = receiver(s.path);
        char text[200] = {};

        cr_expect_eq(syslog_send(&s, &tag, "message!", 7), 0);
        cr_assert_gt(recv(fd, text, sizeof(text) - 1, 0), 0);
        cr_expect_eq(strncmp(text, "<28>", 4), 0);
        cr_expect_eq(text[strlen("<28>Jan  1 00:00:00") - 3], ':');
        cr_expect_str_eq(text + strlen("<28>Jan  1 00:00:00"), " test[7]: message");
        log_socket_close(&s);
}

Test(syslog, tells_that_nobody_listens) {
        LogSocket s = { .path = in_folder("log"), .fd = -1 };

        cr_expect_eq(syslog_send(&s, &tag, "x", 1), -ENOENT);
}

Test(syslog, finds_a_receiver_that_was_restarted) {
        LogSocket s = { .path = in_folder("log"), .fd = -1 };
        int fd = receiver(s.path);

        cr_expect_eq(syslog_send(&s, &tag, "x", 1), 0);
        safe_close(fd);
        cr_assert_eq(unlink(s.path), 0);
        cr_expect_lt(syslog_send(&s, &tag, "x", 1), 0);

        fd = receiver(s.path);
        cr_expect_eq(syslog_send(&s, &tag, "x", 1), 0);
        safe_close(fd);
        log_socket_close(&s);
}

Test(syslog, never_waits_for_a_busy_receiver) {
        LogSocket s = { .path = in_folder("log"), .fd = -1 };
        _cleanup_(closep) int fd = receiver(s.path);
        int r = 0;

        cr_assert_geq(fd, 0); /* nobody reads it */
        for (int i = 0; i < 100000 && r == 0; i++)
                r = syslog_send(&s, &tag, "x", 1);
        cr_expect_eq(r, -EAGAIN);
        log_socket_close(&s);
}

Test(journal, sends_fields_of_any_content) {
        LogSocket s = { .path = in_folder("journal"), .fd = -1 };
        _cleanup_(closep) int fd = receiver(s.path);
        const JournalField fields[] = {
                { "MESSAGE", "two\nlines", 9 },
                { "LEFT_OUT", NULL, 0 },
                { "PRIORITY", "6", 1 },
        };
        const char expected[] = "MESSAGE\n\x09\0\0\0\0\0\0\0two\nlines\n"
                                "PRIORITY\n\x01\0\0\0\0\0\0\0"
                                "6\n";
        char data[200];

        cr_expect_eq(journal_send(&s, fields, ELEMENTSOF(fields)), 0);
        cr_assert_eq(recv(fd, data, sizeof(data), 0), (ssize_t)sizeof(expected) - 1);
        cr_expect_eq(memcmp(data, expected, sizeof(expected) - 1), 0);
        log_socket_close(&s);
}
