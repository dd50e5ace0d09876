/* What programs say through sd_notify(3), and what they cannot do by it. */
#include <criterion/criterion.h>
#include <string.h>

#include "manager/notify-message.h"

TestSuite(readiness_message, .timeout = 20);

static char text[NOTIFY_MESSAGE_SIZE];

/* The result points into a static text. */
static NotifyMessage parsed(const char *message) {
        NotifyMessage m;

        (void)snprintf(text, sizeof(text), "%s", message);
        notify_message_parse(text, &m);
        return m;
}

static void expect_nothing(const char *message) {
        NotifyMessage m = parsed(message);
        bool flags = m.ready || m.reloading || m.stopping || m.watchdog || m.watchdog_trigger ||
                     m.fds_refused;

        cr_expect(!flags && m.extend_usec == 0 && m.monotonic_usec == 0 && m.main_pid == 0 &&
                          m.watchdog_usec == USEC_INFINITY && m.error == 0 && !m.status &&
                          !m.bus_error,
                  "'%s' said something", message);
}

Test(readiness_message, is_read_line_by_line) {
        NotifyMessage m = parsed("READY=1\nSTATUS=Serving 3 clients\nMAINPID=4711\n"
                                 "X_OTHER=1\nWATCHDOG_USEC=20000000\nEXTEND_TIMEOUT_USEC=5\n");

        cr_expect(m.ready && !m.reloading && !m.stopping && !m.watchdog);
        cr_expect_str_eq(m.status, "Serving 3 clients");
        cr_expect_eq(m.main_pid, 4711);
        cr_expect_eq(m.watchdog_usec, 20000000);
        cr_expect_eq(m.extend_usec, 5);
}

Test(readiness_message, knows_every_flag) {
        NotifyMessage m = parsed("RELOADING=1\nMONOTONIC_USEC=12\nSTOPPING=1\nWATCHDOG=1\n"
                                 "FDSTORE=1\nERRNO=2\nBUSERROR=org.x.Failed");

        cr_expect(!m.ready && m.reloading && m.stopping && m.watchdog && !m.watchdog_trigger);
        cr_expect(m.fds_refused);
        cr_expect_eq(m.monotonic_usec, 12);
        cr_expect_eq(m.error, 2);
        cr_expect_str_eq(m.bus_error, "org.x.Failed");
        cr_expect(parsed("WATCHDOG=trigger").watchdog_trigger);
}

Test(readiness_message, tells_an_empty_status_from_none) {
        cr_expect_str_eq(parsed("STATUS=").status, "");
        cr_expect_null(parsed("READY=1").status);
}

Test(readiness_message, tells_a_watchdog_of_0_from_none) {
        cr_expect_eq(parsed("WATCHDOG_USEC=0").watchdog_usec, 0);
        cr_expect_eq(parsed("WATCHDOG=1").watchdog_usec, USEC_INFINITY);
}

Test(readiness_message, counts_the_first_of_a_repeated_line) {
        NotifyMessage m = parsed("STATUS=a\nSTATUS=b\nMAINPID=5\nMAINPID=6\nERRNO=7\nERRNO=8");

        cr_expect_str_eq(m.status, "a");
        cr_expect_eq(m.main_pid, 5);
        cr_expect_eq(m.error, 7);
}

Test(readiness_message, says_nothing_where_it_is_malformed) {
        static const char *const rubbish[] = {
                "",
                "\n\n\n",
                "=",
                "READY",
                "READY=",
                "READY=2",
                "READY=1 ",
                " READY=1",
                "ready=1",
                "MAINPID=",
                "MAINPID=0",
                "MAINPID=1",
                "MAINPID=-5",
                "MAINPID=12x",
                "MAINPID= 12",
                "MAINPID=2147483648",
                "MAINPID=99999999999999999999999",
                "EXTEND_TIMEOUT_USEC=+1",
                "EXTEND_TIMEOUT_USEC=18446744073709551615",
                "EXTEND_TIMEOUT_USEC=18446744073709551616",
                "WATCHDOG_USEC=1s",
                "ERRNO=-2",
                "ERRNO=4096",
                "STATUS=\xff\xfe",
                "BUSERROR=\xc3",
                "\x80\x81\x82",
        };

        for (size_t i = 0; i < ELEMENTSOF(rubbish); i++)
                expect_nothing(rubbish[i]);
}

Test(readiness_message, cannot_act_on_the_terminal_that_shows_it) {
        cr_expect_str_eq(parsed("STATUS=a\033[2Jb\rc\td\x7f").status, "a?[2Jb?c?d?");
        cr_expect_str_eq(parsed("STATUS=a\xc2\x9b"
                                "b\xc2\xa0\xc3\xbc")
                                 .status,
                         "a??b\xc2\xa0\xc3\xbc");
}
