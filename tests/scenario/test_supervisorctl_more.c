/* What supervisorctl has beyond Python's. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "harness-ctl.h"

TestSuite(supervisorctl_more, .timeout = 180);

#define UP "command=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n"
#define WEB "[program:web]\n" UP "numprocs=3\nprocess_name=web_%(process_num)02d\n"
#define DB_RUNS "db                               RUNNING   pid #, uptime #:#:#\n"
#define STUBBORN                                                                             \
        "[program:db]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\nstartsecs=0\n" \
        "stopwaitsecs=600\n"

static Scenario *running(const char *programs, size_t n) {
        Scenario *s = scenario_new();

        scenario_configure(s, "", programs);
        scenario_start(s, NULL);
        scenario_await_ready(s, n);
        scenario_await_count(s, n, "success: ");
        return s;
}

/* `supervisorctl @arguments` writes @part somewhere. */
static void expect_part(Scenario *s, const char *arguments, const char *part) {
        _cleanup_(freep) char *script = NULL, *text = NULL;
        int status;

        cr_assert(asprintf(&script, "exec $CTL %s", arguments) > 0);
        text = ctl_shell(s, script, &status);
        cr_expect_not_null(strstr(text, part), "%s\nwrote no '%s':\n%s", arguments, part, text);
}

Test(supervisorctl_more, takes_patterns_and_several_names_at_once) {
        _scenario_ s = running(WEB "[program:db]\n" UP, 4);

        ctl_expect(s, "stop 'w*_0[01]' db",
                   "web:web_00: stopped\nweb:web_01: stopped\ndb: stopped\n", 0);
        ctl_expect(s, "start db 'web*'", "db: started\nweb:web_00: started\nweb:web_01: started\n",
                   0);
        ctl_expect(s, "stop 'x*'", "x*: ERROR (no such process)\n", 1);
        scenario_stop(s);
}

Test(supervisorctl_more, prints_json) {
        _scenario_ s = running("[program:db]\n" UP, 1);

        ctl_expect_shell(s, "$CTL status --json | head -n 1", "[\n", 0);
        expect_part(s, "status --json db", "\"name\": \"db\"");
        expect_part(s, "status --json db", "\"statename\": \"RUNNING\"");
        expect_part(s, "status --json db", "\"state\": 20");
        ctl_expect_shell(s, "$CTL status --json nope 2>/dev/null", "[]\n", 4);
        scenario_stop(s);
}

Test(supervisorctl_more, kills_what_does_not_want_to_stop) {
        _scenario_ s = running(STUBBORN, 1);

        ctl_expect(s, "stop --timeout 100ms db", "db: ERROR (timed out)\n", 1);
        ctl_expect(s, "status db", "db                               STOPPING  \n", 0);
        ctl_expect(s, "kill db", "db: killed\n", 0);
        ctl_expect(s, "status db", "db                               STOPPED   @\n", 3);
        ctl_expect(s, "kill db", "db: ERROR (not running)\n", 0);
        scenario_stop(s);
}

Test(supervisorctl_more, does_not_wait_when_told_so) {
        _scenario_ s = running(STUBBORN, 1);

        ctl_expect(s, "stop --no-wait db", "db: stopping\n", 0);
        ctl_expect(s, "kill db", "db: killed\n", 0);
        ctl_expect(s, "start --no-wait db", "db: starting\n", 0);
        scenario_await_ready(s, 2);
        ctl_expect(s, "kill db", "db: killed\n", 0);
        ctl_expect(s, "stop --bogus db", "Error: bad argument --bogus\n", 1);
        scenario_stop(s);
}

Test(supervisorctl_more, waits_for_what_is_asked) {
        _scenario_ s = running("[program:db]\n" UP "[program:late]\ncommand=%(ENV_CHILD)s "
                               "append=%(here)s/ready await=%(here)s/go notify=READY=1\n"
                               "readiness=notify\nreadiness_timeout=600\nstartsecs=0\n",
                               2);

        ctl_expect(s, "wait db", "db: ready\n", 0);
        ctl_expect(s, "wait --timeout 50ms late", "late: ERROR (timed out)\n", 1);
        ctl_expect_shell(s, "$CTL wait db late & touch $DIR/go; wait $!",
                         "db: ready\nlate: ready\n", 0);
        ctl_expect(s, "wait --stopped --timeout 50ms db", "db: ERROR (timed out)\n", 1);
        ctl_expect_shell(s, "$CTL wait --stopped db & $CTL stop db >/dev/null; wait $!",
                         "db: stopped\n", 0);
        ctl_expect(s, "wait --timeout soon db", "Error: --timeout takes a duration, as in 30s\n",
                   1);
        ctl_expect(s, "wait nope", "nope: ERROR (no such process)\n", 1);
        scenario_stop(s);
}

Test(supervisorctl_more, explains) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:db]\ncommand=%(ENV_CHILD)s say=no-disk exit=3\n"
                           "startretries=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "gave up: db");
        expect_part(s, "why db", "FATAL     Exited too quickly");
        expect_part(s, "why db", "exit status 3");
        expect_part(s, "why db", "STOPPED -> STARTING (autostart)");
        expect_part(s, "why db", "    | no-disk\n");
        expect_part(s, "why --json db", "\"no-disk\"");
        ctl_expect(s, "why nope", "nope: ERROR (no such process)\n", 1);
        scenario_stop(s);
}

/* db has exited; its restart waits, for longer than the test. */
#define PAUSES                                                                            \
        "[program:db]\ncommand=%(ENV_CHILD)s append=%(here)s/ready exit=0\nstartsecs=0\n" \
        "autorestart=true\nbackoff_min=600\n"
#define DB_EXITED "db                               EXITED    @\n"

static Scenario *pausing(void) {
        Scenario *s = running(PAUSES, 1);

        scenario_await(s, "exited: db");
        ctl_await(s, "status db", DB_EXITED);
        return s;
}

Test(supervisorctl_more, tells_when_what_has_exited_starts_again) {
        _scenario_ s = pausing();

        ctl_expect(s, "status db", DB_EXITED, 3);
        expect_part(s, "why db", "wanted up");
        expect_part(s, "why db", "next: start in ");
        expect_part(s, "status --json db", "\"pausing\"");
        ctl_expect(s, "wait --timeout 50ms db", "db: ERROR (timed out)\n", 1);
        ctl_expect(s, "wait --stopped db", "db: stopped\n", 0);
        ctl_expect(s, "start db", "db: started\n", 0);
        scenario_await_ready(s, 2);
        ctl_await(s, "status db", DB_EXITED);
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "spawned: 'db'"), 2);
}

Test(supervisorctl_more, calls_off_the_restart_of_what_has_exited) {
        _scenario_ s = pausing();

        ctl_expect(s, "stop db", "db: ERROR (not running)\n", 0);
        ctl_expect(s, "status db", DB_EXITED, 3);
        ctl_expect_shell(s, "$CTL why db | grep -e wanted -e next",
                         "  wanted down; started # time\n", 0);
        ctl_expect(s, "restart db", "db: ERROR (not running)\ndb: started\n", 0);
        scenario_await_ready(s, 2);
        ctl_await(s, "status db", DB_EXITED);
        ctl_expect(s, "stop all", "", 0);
        ctl_expect_shell(s, "$CTL why db | grep -c -e 'wanted down' -e next", "1\n", 0);
        scenario_stop(s);
}

Test(supervisorctl_more, shows_the_plan) {
        _scenario_ s = running("[program:db]\n" UP "priority=10\nstopwaitsecs=20\n"
                               "[program:web]\n" UP "priority=20\nstopwaitsecs=5\n",
                               2);

        ctl_expect(s, "plan",
                   "Started in this order, stopped in the reverse, together within a wave:\n"
                   "wave #\n  db                               10:10  grace 20 s\n"
                   "wave #\n  web                              20:20  grace 5 s\n"
                   "A stop of all may take 25 s.\n",
                   0);
        scenario_stop(s);
}

Test(supervisorctl_more, restarts_one_after_the_other) {
        _scenario_ s = running(WEB, 3);

        scenario_mark(s);
        ctl_expect(s, "rolling-restart 'web:*'",
                   "web:web_00: restarted\nweb:web_01: restarted\nweb:web_02: restarted\n", 0);
        scenario_await_count(s, 3, "success: ");
        /* each is up again before the next is stopped */
        cr_assert_lt(scenario_position(s, "success: web_00"),
                     scenario_position(s, "stopped: web_01"));
        cr_assert_lt(scenario_position(s, "success: web_01"),
                     scenario_position(s, "stopped: web_02"));
        ctl_expect(s, "rolling-restart nope", "nope: ERROR (no such process)\n", 1);
        ctl_expect(s, "rolling-restart --parallel 0 web:",
                   "Error: --parallel takes a number from 1 on\n", 1);
        scenario_stop(s);
}

/* Once the program is gone the first restart fails, and the second process must not be touched. */
Test(supervisorctl_more, a_failing_restart_keeps_the_rest) {
        _scenario_ s = scenario_new();
        pid_t kept;

        scenario_configure(s, "",
                           "[program:web]\ncommand=%(here)s/program append=%(here)s/ready\n"
                           "startsecs=0\nnumprocs=2\nprocess_name=web_%(process_num)02d\n");
        ctl_expect_shell(s, "cp $CHILD $DIR/program", "", 0);
        scenario_start(s, NULL);
        scenario_await_ready(s, 2);
        scenario_await_count(s, 2, "success: ");
        kept = scenario_pid(s, "web_01");
        ctl_expect_shell(s, "rm $DIR/program", "", 0);
        ctl_expect(s, "rolling-restart web:",
                   "web:web_00: ERROR (no such file)\nweb:web_01: ERROR (cancelled)\n", 1);
        cr_assert(is_alive(kept));
        scenario_stop(s);
}

Test(supervisorctl_more, starts_the_new_one_first_with_surge) {
        _scenario_ s = running("[program:db]\nsurge=true\nautorestart=true\n" UP, 1);
        pid_t old = scenario_pid(s, "db");

        scenario_mark(s);
        ctl_expect(s, "rolling-restart db", "db: restarted\n", 0);
        cr_assert_not(is_alive(old));
        scenario_await(s, "stopped: db");
        cr_assert_lt(scenario_position(s, "success: db"), scenario_position(s, "stopped: db"));
        ctl_expect(s, "status db", DB_RUNS, 0);
        ctl_expect(s, "stop db", "db: stopped\n", 0);
        scenario_stop(s);
}

Test(supervisorctl_more, keeps_the_old_one_when_the_new_one_fails) {
        _scenario_ s = scenario_new();
        pid_t old;

        scenario_configure(s, "",
                           "[program:db]\ncommand=%(here)s/program append=%(here)s/ready\n"
                           "startsecs=0\nsurge=true\n");
        ctl_expect_shell(s, "cp $CHILD $DIR/program", "", 0);
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_await(s, "success: db");
        old = scenario_pid(s, "db");
        ctl_expect_shell(s, "rm $DIR/program", "", 0);
        ctl_expect(s, "rolling-restart db", "db: ERROR (abnormal termination)\n", 7);
        cr_assert(is_alive(old));
        ctl_expect(s, "status db", DB_RUNS, 0);
        scenario_stop(s);
}

Test(supervisorctl_more, has_programs_read_their_configuration_again) {
        _scenario_ s = running("[program:db]\nreload_command=/bin/sh -c 'echo rereads'\n" UP
                               "[program:web]\n" UP,
                               2);

        ctl_expect(s, "refresh db web",
                   "db: reloaded\nweb: ERROR (it has no reload_command and no reload_signal)\n", 1);
        scenario_await(s, "reload_command of db: rereads");
        scenario_stop(s);
}

Test(supervisorctl_more, disables_and_enables) {
        _scenario_ s = running("[program:db]\n" UP, 1);

        ctl_expect(s, "disable db", "db: disabled\n", 0);
        ctl_expect(s, "disable nope", "nope: ERROR (no such process)\n", 1);
        ctl_expect(s, "status db", DB_RUNS, 0);
        scenario_stop(s);
        scenario_start(s, NULL);
        ctl_await(s, "status db", "db                               STOPPED   Not started\n");
        ctl_expect(s, "enable db", "db: enabled\n", 0);
        scenario_stop(s);
        scenario_mark(s);
        scenario_start(s, NULL);
        scenario_await(s, "success: db");
        scenario_stop(s);
}

Test(supervisorctl_more, scales) {
        _scenario_ s = running(WEB, 3);

        ctl_expect(s, "scale web 4", "web:web_03: added\n", 0);
        scenario_await_ready(s, 4);
        ctl_expect(s, "scale web x",
                   "Error: scale requires a program and a number\n"
                   "scale <program> <n>\tHave n copies of a program with numprocs\n",
                   1);
        ctl_expect(s, "scale nope 2", "nope: ERROR (no such program)\n", 1);
        scenario_stop(s);
}

Test(supervisorctl_more, streams_events) {
        _scenario_ s = running("[program:db]\n" UP, 1);

        ctl_expect_shell(s,
                         ": >$DIR/seen; $CTL events --json >$DIR/seen & events=$!\n"
                         "until grep -q '\"to\": \"STOPPED\"' $DIR/seen; do\n"
                         "  $CTL restart db >/dev/null; sleep 0.05; done\n"
                         "kill $events; wait $events 2>/dev/null; grep -vc '^{.*}$' $DIR/seen",
                         "0\n", 1);
        ctl_expect_shell(s,
                         ": >$DIR/text; $CTL events >$DIR/text & events=$!\n"
                         "until grep -q 'db RUNNING -> STOPPING (command)' $DIR/text; do\n"
                         "  $CTL restart db >/dev/null; sleep 0.05; done; kill $events",
                         "", 0);
        scenario_stop(s);
}

/* A stand-in for ssh that runs the words as the shell of the other side would. */
Test(supervisorctl_more, goes_to_another_host_through_ssh) {
        _scenario_ s = running("[program:db]\n" UP, 1);

        ctl_expect_shell(s,
                         "mkdir $DIR/bin; cat >$DIR/bin/ssh <<'END'\n"
                         "#!/bin/sh\n"
                         "test \"$1\" = -- && echo \"to $2\" && shift 2 && exec sh -c \"$*\"\n"
                         "END\n"
                         "chmod 755 $DIR/bin/ssh; ln -s \"${CTL%% *}\" $DIR/bin/supervisorctl\n"
                         "PATH=$DIR/bin:$PATH; $CTL -H web1 status \"it's\" db",
                         "to web1\nit's: ERROR (no such process)\n" DB_RUNS, 4);
        scenario_stop(s);
}
