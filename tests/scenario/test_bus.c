/* What clients of the control socket get: processes looked at and ordered about. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "bus-client.h"

TestSuite(bus, .timeout = 120);

#define STAYS "command=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n"
#define A "[program:a]\n" STAYS "priority=1\n"
#define B "[program:b]\n" STAYS "priority=2\n"
#define DOWN "[program:down]\nautostart=false\n" STAYS

static Scenario *running(const char *programs, size_t n) {
        Scenario *s = scenario_new();

        scenario_configure(s, CONTROL_KEYS, programs);
        scenario_start(s, NULL);
        scenario_await_ready(s, n);
        scenario_await_count(s, n, "success: ");
        return s;
}

Test(bus, starts_and_stops_and_answers_when_that_is_done) {
        _scenario_ s = running(A B DOWN, 2);
        _client_ c = client_new(s);
        pid_t a = scenario_pid(s, "a");

        expect_state(c, "a", "RUNNING up");
        expect_order(c, "Stop", "a", "a stopped");
        cr_assert_not(is_alive(a));
        expect_state(c, "a", "STOPPED down");
        expect_order(c, "Start", "a", "a started");
        expect_state(c, "a", "RUNNING up");
        expect_order(c, "Start", "down", "down started");
        scenario_stop(s);
}

Test(bus, says_of_each_name_what_is_wrong_with_it) {
        _scenario_ s =
                running(A DOWN "[program:none]\nautostart=false\ncommand=/no/such/file\n"
                               "[program:data]\nautostart=false\ncommand=/etc/passwd\n"
                               "[program:brief]\nautostart=false\ncommand=%(ENV_CHILD)s exit=3\n",
                        1);
        _client_ c = client_new(s);

        expect_order(c, "Start", "a", "a AlreadyStarted");
        expect_order(c, "Stop", "down", "down NotRunning");
        expect_order(c, "Kill", "down", "down NotRunning");
        expect_order(c, "Start", "x", "x NoSuchProcess");
        expect_order(c, "Start", "x:*", "x: NoSuchGroup");
        expect_order(c, "Start", "a:x", "a:x NoSuchProcess");
        expect_order(c, "Start", "none", "none NoFile");
        expect_order(c, "Start", "data", "data NotExecutable");
        expect_order(c, "Start", "brief", "brief SpawnError");
        expect_order(c, "Stop", "x a down", "x NoSuchProcess, down NotRunning, a stopped");
        scenario_stop(s);
}

Test(bus, leaves_out_what_nobody_named_and_is_as_it_should_be) {
        _scenario_ s = running(A DOWN, 1);
        _client_ c = client_new(s);

        expect_order(c, "Start", "all", "down started");
        expect_order(c, "Start", "all", "");
        expect_order(c, "Stop", "a:*", "a stopped");
        expect_order(c, "Stop", "a:* d*", "down stopped");
        expect_order(c, "Stop", "all", "");
        scenario_stop(s);
}

Test(bus, orders_follow_the_plan_whatever_the_order_of_names) {
        _scenario_ s = running(A B, 2);
        _client_ c = client_new(s);

        expect_order(c, "Stop", "a b", "b stopped, a stopped");
        scenario_mark(s);
        expect_order(c, "Start", "b a", "a started, b started");
        scenario_await_count(s, 2, "spawned: ");
        cr_expect_lt(scenario_position(s, "spawned: 'a'"), scenario_position(s, "spawned: 'b'"));
        scenario_stop(s);
}

Test(bus, a_restart_tells_of_both_halves) {
        _scenario_ s = running(A DOWN, 1);
        _client_ c = client_new(s);
        pid_t before = scenario_pid(s, "a");

        expect_order(c, "Restart", "a", "a stopped, a started");
        cr_expect_not(is_alive(before));
        expect_order(c, "Restart", "down", "down NotRunning, down started");
        scenario_stop(s);
}

Test(bus, a_kill_ends_a_grace) {
        _scenario_ s = running("[program:deaf]\nstartsecs=0\nstopwaitsecs=1000\n"
                               "command=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\n",
                               1);
        _client_ waiting = client_new(s);
        _client_ c = client_new(s);
        _message_ m = new_call(waiting, "Stop");
        pid_t deaf = scenario_pid(s, "deaf");

        append_names(m, "deaf");
        cr_assert(sd_bus_message_append(m, "a{sv}", 0) >= 0);
        cr_assert(sd_bus_call_async(waiting, NULL, m, NULL, NULL, 0) >= 0);
        cr_assert(sd_bus_flush(waiting) >= 0);
        scenario_await(s, "waiting for deaf to stop");
        expect_state(c, "deaf", "STOPPING down");
        expect_order(c, "Kill", "deaf", "deaf killed");
        cr_assert_not(is_alive(deaf));
        scenario_stop(s);
}

Test(bus, sends_signals_to_what_runs) {
        _scenario_ s = running("[program:a]\nstartsecs=0\nautorestart=false\n"
                               "command=%(ENV_CHILD)s on=10:0:7 append=%(here)s/ready\n" DOWN,
                               1);
        _client_ c = client_new(s);

        expect_call(c, "Signal", "BadSignal", "sas", "NOPE", 1, "a");
        expect_call(c, "Signal", "", "sas", "USR1", 1, "a");
        scenario_await(s, "exited: a \\(exit status 7");
        scenario_stop(s);
}

/* Begin to stop what takes its time, without waiting for the answer. */
static void begin_stop(sd_bus *c, const char *names, uint64_t *ret_id) {
        _message_ m = new_call(c, "Stop");

        append_names(m, names);
        cr_assert(sd_bus_message_append(m, "a{sv}", 0) >= 0);
        cr_assert(sd_bus_call_async(c, NULL, m, NULL, NULL, 0) >= 0);
        cr_assert(sd_bus_message_get_cookie(m, ret_id) >= 0);
        cr_assert(sd_bus_flush(c) >= 0);
}

#define SLOW                                                                  \
        "[program:slow]\nstartsecs=0\nstopwaitsecs=1000\nautorestart=false\n" \
        "command=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\n"

Test(bus, a_client_that_goes_does_not_take_back_what_it_asked_for) {
        _scenario_ s = running(SLOW, 1);
        _client_ c = client_new(s);
        sd_bus *leaving = client_new(s);
        uint64_t id;

        begin_stop(leaving, "slow", &id);
        scenario_await(s, "waiting for slow to stop");
        sd_bus_close_unref(leaving);
        expect_state(c, "slow", "STOPPING down");
        expect_order(c, "Kill", "slow", "slow killed");
        expect_state(c, "slow", "STOPPED down");
        scenario_stop(s);
}

Test(bus, waiting_can_be_cancelled_and_ends_in_time) {
        _scenario_ s = running(SLOW, 1);
        _client_ c = client_new(s);
        _message_ m = NULL;
        _message_ reply = NULL;
        char error[64], *text;
        uint64_t id;

        begin_stop(c, "slow", &id);
        expect_call(c, "Cancel", "", "t", id);
        expect_call(c, "Cancel", "BadArgument", "t", id);
        expect_state(c, "slow", "STOPPING down");

        m = new_call(c, "Wait");
        append_names(m, "slow");
        cr_assert(sd_bus_message_append(m, "sa{sv}", "stopped", 1, "timeout", "t",
                                        (uint64_t)1000) >= 0);
        reply = ask_message(c, m, error);
        cr_assert(reply, "%s", error);
        text = results_text(reply);
        cr_expect_str_eq(text, "slow Timeout");
        free(text);
        expect_order(c, "Kill", "slow", "slow killed");
        scenario_stop(s);
}

Test(bus, refuses_what_it_does_not_understand) {
        _scenario_ s = running(A, 1);
        _client_ c = client_new(s);

        expect_call(c, "Start", "BadArgument", "asa{sv}", 1, "a", 1, "tiemout", "t", (uint64_t)1);
        expect_call(c, "Start", "BadArgument", "asa{sv}", 1, "a", 1, "wait", "s", "yes");
        expect_call(c, "Wait", "BadArgument", "assa{sv}", 1, "a", "rich", 0);
        expect_call(c, "OpenLog", "BadArgument", "ss", "a", "stdin");
        expect_call(c, "Shutdown", "BadArgument", "s", "never");
        expect_call(c, "NoSuchMethod", "UnknownMethod", "");
        expect_call(c, "Explain", "NoSuchProcess", "s", "x");
        expect_call(c, "Explain", "NoSuchGroup", "s", "x:y");
        expect_call(c, "Explain", "NoSuchProcess", "s", "*x*");
        scenario_stop(s);
}

typedef struct Events {
        uint64_t last;
        unsigned n_gaps;
        char text[512];
} Events;

static int on_event(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *group, *name, *from, *to, *cause;
        Events *e = userdata;
        uint64_t sequence, time;

        cr_assert(sd_bus_message_read(m, "tt", &sequence, &time) >= 0);
        e->n_gaps += sequence != e->last + 1;
        e->last = sequence;
        if (strcmp(sd_bus_message_get_member(m), "ProcessChanged") != 0)
                return 0;
        cr_assert(sd_bus_message_read(m, "sssss", &group, &name, &from, &to, &cause) >= 0);
        (void)snprintf(e->text + strlen(e->text), sizeof(e->text) - strlen(e->text), "%s %s %s; ",
                       name, to, cause);
        return 0;
}

Test(bus, tells_those_who_subscribe_of_every_change_in_order) {
        _scenario_ s = running(A, 1);
        _client_ listening = client_new(s);
        _client_ c = client_new(s);
        _message_ m = new_call(listening, "Subscribe");
        _message_ reply = NULL;
        Events e = { 0 };
        char error[64];

        reply = ask_message(listening, m, error);
        cr_assert(reply && sd_bus_message_read(reply, "t", &e.last) > 0, "%s", error);
        cr_assert(sd_bus_match_signal(listening, NULL, NULL, BUS_PATH, BUS_MANAGER, NULL, on_event,
                                      &e) >= 0);
        expect_order(c, "Restart", "a", "a stopped, a started");
        while (!strstr(e.text, "RUNNING")) {
                cr_assert(sd_bus_process(listening, NULL) >= 0);
                cr_assert(sd_bus_wait(listening, 1000) >= 0);
        }
        cr_expect_str_eq(
                e.text,
                "a STOPPING command; a STOPPED stopped; a STARTING command; a RUNNING up; ");
        cr_expect_eq(e.n_gaps, 0);
        scenario_stop(s);
}

Test(bus, opens_logs_as_descriptors) {
        _scenario_ s = scenario_new();
        _client_ c = NULL;
        _message_ m = NULL;
        _message_ reply = NULL;
        const char *path;
        char error[64], text[16] = "";
        uint64_t size;
        int fd;

        scenario_configure(s, CONTROL_KEYS,
                           "[program:a]\nstartsecs=0\nstdout_logfile=%(here)s/out\n"
                           "stderr_logfile=NONE\n"
                           "command=%(ENV_CHILD)s say=hello append=%(here)s/ready\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_await_text(s, "out", "hello\n");
        c = client_new(s);

        m = new_call(c, "OpenLog");
        cr_assert(sd_bus_message_append(m, "ss", "a", "stdout") >= 0);
        reply = ask_message(c, m, error);
        cr_assert(reply, "%s", error);
        cr_assert(sd_bus_message_read(reply, "hst", &fd, &path, &size) > 0);
        cr_expect_eq(size, 6);
        cr_expect_eq(read(fd, text, sizeof(text) - 1), 6);
        cr_expect_str_eq(text, "hello\n");
        expect_call(c, "OpenLog", "NoFile", "ss", "a", "stderr");
        expect_call(c, "OpenMainLog", "NoFile", "");

        expect_order(c, "RotateLog", "a", "a rotated");
        scenario_await_text(s, "out.1", "hello\n");
        expect_order(c, "ClearLog", "a", "a cleared");
        expect_call(c, "ReopenLogs", "", "");
        scenario_stop(s);
}

/* The answer that carries one cannot be sent: the caller is told, and does not wait for it. */
Test(bus, tells_a_client_that_takes_no_descriptors_that_it_cannot_have_a_log) {
        _scenario_ s = scenario_new();
        _client_ c = NULL;
        int fd;

        scenario_configure(s, CONTROL_KEYS "logfile=%(here)s/main.log\n",
                           "[program:a]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        fd = client_raw(s);
        cr_assert(sd_bus_new(&c) >= 0);
        cr_assert(sd_bus_set_fd(c, fd, fd) >= 0);
        cr_assert(sd_bus_negotiate_fds(c, false) >= 0);
        cr_assert(sd_bus_start(c) >= 0);
        expect_call(c, "OpenMainLog", "Failed", "");
        expect_call(c, "GetNameOwner", "UnknownMethod", "");
        scenario_stop(s);
}

Test(bus, what_is_disabled_stays_so_over_restarts) {
        _scenario_ s = scenario_new();
        char *state = scenario_path(s, "state");

        setenv("STATE_DIRECTORY", state, 1);
        free(state);
        for (unsigned round = 0; round < 2; round++) {
                scenario_configure(s, CONTROL_KEYS, A B);
                scenario_start(s, NULL);
                scenario_await(s, "success: b");
                _client_ c = client_new(s);

                if (round == 0) {
                        scenario_await(s, "success: a");
                        expect_order(c, "Disable", "a", "a disabled");
                        expect_state(c, "a", "RUNNING up");
                } else {
                        expect_state(c, "a", "STOPPED down");
                        expect_order(c, "Start", "a", "a started");
                        expect_order(c, "Enable", "a", "a enabled");
                }
                scenario_stop(s);
                scenario_mark(s);
        }
}

Test(bus, runs_more_and_fewer_copies_until_the_file_is_read_again) {
        _scenario_ s = running("[program:w]\nprocess_name=%(process_num)d\nnumprocs=2\n" STAYS, 2);
        _client_ c = client_new(s);
        pid_t first = scenario_pid(s, "0");

        expect_call(c, "Scale", "", "su", "w", 3);
        scenario_await(s, "success: 2");
        expect_call(c, "Scale", "", "su", "w", 1);
        scenario_await_count(s, 2, "removed: ");
        expect_state(c, "w:1", "");
        cr_assert(is_alive(first));
        expect_call(c, "Scale", "NoSuchProcess", "su", "x", 1);
        expect_order(c, "Update", "", "w: updated");
        expect_state(c, "w:0", "RUNNING up");
        cr_assert(is_alive(first));
        scenario_stop(s);
}

Test(bus, applies_a_changed_file_only_when_told_to) {
        _scenario_ s = running(A B, 2);
        _client_ c = client_new(s);
        pid_t a = scenario_pid(s, "a");

        scenario_configure(s, CONTROL_KEYS,
                           A "[program:b]\n" STAYS "priority=2\numask=027\n[program:n]\n" STAYS);
        expect_call(c, "Reread", "", "");
        expect_state(c, "n", "");
        expect_call(c, "AddGroup", "AlreadyAdded", "s", "a");
        expect_call(c, "AddGroup", "NoSuchGroup", "s", "x");
        expect_call(c, "AddGroup", "", "s", "n");
        expect_call(c, "RemoveGroup", "StillRunning", "s", "a");
        expect_order(c, "Update", "x b", "x: NoSuchGroup, b: stopped, b: updated");

        scenario_configure(s, CONTROL_KEYS, A "[program:b]\ncommand=\n");
        scenario_write(s, "supervisord.conf", "[program:b]\nstartsecs=nonsense\n");
        expect_order(c, "Update", "", "CantReread");
        expect_call(c, "RestartDaemon", "CantReread", "");
        scenario_configure(s, CONTROL_KEYS, A);
        expect_order(c, "Update", "", "b: stopped, b: removed, n: stopped, n: removed");
        cr_assert(is_alive(a));
        scenario_stop(s);
}

Test(bus, what_the_program_reads_can_be_sent) {
        _scenario_ s = scenario_new();
        _client_ c = NULL;
        _message_ m = NULL;
        _message_ reply = NULL;
        char error[64];

        scenario_configure(s, CONTROL_KEYS,
                           "[program:cat]\nstartsecs=0\ncommand=cat\n"
                           "stdout_logfile=%(here)s/out\n" DOWN);
        scenario_start(s, NULL);
        scenario_await(s, "success: cat");
        c = client_new(s);
        m = new_call(c, "SendInput");
        cr_assert(sd_bus_message_append(m, "s", "cat") >= 0);
        cr_assert(sd_bus_message_append_array(m, 'y', "moo\n", 4) >= 0);
        reply = ask_message(c, m, error);
        cr_assert(reply, "%s", error);
        scenario_await_text(s, "out", "moo\n");
        expect_call(c, "SendInput", "NotRunning", "say", "down", 1, 'x');
        scenario_stop(s);
}

Test(bus, the_daemon_starts_anew_under_its_pid) {
        _scenario_ s = running(A, 1);
        _client_ c = client_new(s);

        scenario_mark(s);
        expect_call(c, "RestartDaemon", "", "");
        scenario_await(s, "stopped: a");
        scenario_await(s, "supervisord started with pid");
        scenario_await(s, "success: a");
        _client_ again = client_new(s);
        expect_state(again, "a", "RUNNING up");
        scenario_stop(s);
}

Test(bus, a_shutdown_can_be_asked_for_and_sharpened) {
        _scenario_ s = running(SLOW, 1);
        _client_ c = client_new(s);

        expect_call(c, "Shutdown", "", "s", "graceful");
        expect_call(c, "Shutdown", "ShuttingDown", "s", "graceful");
        expect_order(c, "Start", "slow", "ShuttingDown");
        expect_state(c, "slow", "STOPPING down");
        expect_call(c, "Shutdown", "", "s", "now");
        cr_expect_eq(scenario_exit_status(s), 0);
        scenario_assert_nothing_left(s);
}

Test(bus, each_process_is_an_object) {
        _scenario_ s = running(A DOWN, 1);
        _client_ c = client_new(s);
        _error_ error = SD_BUS_ERROR_NULL;
        _cleanup_(freep) char *path = NULL, *state = NULL;

        cr_assert(sd_bus_path_encode(BUS_PROCESS_PATH, "a:a", &path) >= 0);
        cr_assert(sd_bus_get_property_string(c, "org.supervisord", path, BUS_PROCESS, "State",
                                             &error, &state) >= 0,
                  "%s", error.message);
        cr_expect_str_eq(state, "RUNNING");
        cr_assert(sd_bus_call_method(c, "org.supervisord", path, BUS_PROCESS, "Stop", &error, NULL,
                                     "a{sv}", 0) >= 0,
                  "%s", error.message);
        expect_state(c, "a", "STOPPED down");
        cr_assert(sd_bus_call_method(c, "org.supervisord", path, BUS_PROCESS, "Stop", &error, NULL,
                                     "a{sv}", 0) < 0);
        cr_expect_str_eq(error.name, "org.supervisord.Error.NotRunning");
        sd_bus_error_free(&error);
        cr_assert(sd_bus_call_method(c, "org.supervisord", path, BUS_PROCESS, "Restart", &error,
                                     NULL, "a{sv}", 0) >= 0,
                  "%s", error.message);
        scenario_stop(s);
}

/* The page of the manual names every member of both interfaces. */
Test(bus, everything_is_in_the_manual) {
        _scenario_ s = running(A, 1);
        _client_ c = client_new(s);
        _error_ error = SD_BUS_ERROR_NULL;
        _message_ reply = NULL;
        const char *xml;
        char page[65536] = "", name[64];
        FILE *f = fopen("man/supervisord-bus.5", "re");
        unsigned n = 0;

        cr_assert(f && fread(page, 1, sizeof(page) - 1, f) > 1000);
        (void)fclose(f);
        cr_assert(sd_bus_call_method(c, "org.supervisord", BUS_PATH,
                                     "org.freedesktop.DBus.Introspectable", "Introspect", &error,
                                     &reply, "") >= 0);
        cr_assert(sd_bus_message_read(reply, "s", &xml) > 0);
        xml = strstr(xml, BUS_MANAGER);
        cr_assert(xml);
        for (; (xml = strstr(xml, " name=\"")); xml += 7)
                if (sscanf(xml, " name=\"%63[A-Za-z]\"", name) == 1 && name[0] < 'a') {
                        cr_expect(strstr(page, name), "%s is not in the manual", name);
                        n++;
                }
        cr_expect_gt(n, 45);
        scenario_stop(s);
}
