/*
 * Logs on a disk that hangs for good: a real file system that is frozen, which stops every write
 * and every open there in the kernel, as a dead file server does.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macro.h"
#include "bus-client.h"

#define LINES 300000U

static char *disk; /* where the file system is mounted, or NULL */
static bool is_frozen;

static void freeze(bool on) {
        _cleanup_(closep) int fd = open(disk, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        cr_assert_geq(fd, 0);
        cr_assert_eq(ioctl(fd, on ? FIFREEZE : FITHAW, 0), 0, "%s", strerror(errno));
        is_frozen = on;
}

/* Nothing may stay frozen, or the machine would: not even after a failed test. */
static void thaw(void) {
        if (is_frozen)
                freeze(false);
        if (disk)
                (void)umount2(disk, MNT_DETACH);
}

TestSuite(logs_frozen, .fini = thaw, .timeout = 120);

/* A file system of its own in the scenario's folder, which only this process and its children see;
 * skips the test where that is refused. */
static void mount_disk(Scenario *s) {
        _cleanup_(freep) char *image = scenario_path(s, "image");
        _cleanup_(freep) char *folder = scenario_path(s, "disk");
        _cleanup_(freep) char *command = NULL;

        cr_assert_eq(mkdir(folder, 0755), 0);
        if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                cr_skip("needs the right to mount: %s", strerror(errno));
        cr_assert_gt(asprintf(&command,
                              "exec 2>/dev/null; PATH=$PATH:/sbin:/usr/sbin; "
                              "truncate -s 64M %s && mkfs.ext4 -q %s && mount -o loop %s %s",
                              image, image, image, folder),
                     0);
        if (system(command) != 0)
                cr_skip("needs a loop device and ext4");
        disk = TAKE_PTR(folder);
        freeze(true);
        freeze(false);
}

/* The daemon may be a sanitized one: looking for leaks would wait for the thread that hangs. */
static void start_without_leak_check(Scenario *s) {
        const char *options = getenv("ASAN_OPTIONS");
        _cleanup_(freep) char *with = NULL;

        cr_assert_gt(asprintf(&with, "%s:detect_leaks=0", options ? options : ""), 0);
        (void)setenv("ASAN_OPTIONS", with, true);
        scenario_start(s, NULL);
}

static long memory_kib(pid_t pid) {
        char path[64], line[256];
        long kib = -1;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        f = fopen(path, "re");
        cr_assert(f);
        while (kib < 0 && fgets(line, sizeof(line), f))
                (void)sscanf(line, "RssAnon: %ld", &kib);
        (void)fclose(f);
        cr_assert_geq(kib, 0);
        return kib;
}

static char state_of(pid_t pid) {
        char path[64], state = '?';
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        f = fopen(path, "re");
        if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
                state = '?';
        if (f)
                (void)fclose(f);
        return state;
}

/* How many of the numbered lines are not in the log NAME, which may begin with another one. */
static unsigned count_missing(Scenario *s, const char *name) {
        static const char rest[] = " of the lines\n";
        _cleanup_(freep) char *text = scenario_read(s, name);
        unsigned n = 0, next = 0;
        char *p = text;

        if (strncmp(text, "ready\n", strlen("ready\n")) == 0)
                p += strlen("ready\n");
        while (*p) {
                unsigned number = (unsigned)strtoul(p, &p, 10);

                cr_assert_geq(number, next);
                cr_assert_eq(strncmp(p, rest, strlen(rest)), 0, "%u%.40s", number, p);
                p += strlen(rest);
                next = number + 1;
                n++;
        }
        return LINES - n;
}

Test(logs_frozen, hold_up_neither_their_program_nor_anybody_else) {
        _scenario_ s = scenario_new();
        unsigned long long lost = 0;
        _cleanup_(freep) char *resumed = NULL;
        long before;

        mount_disk(s);
        scenario_configure(
                s, "",
                "[program:a]\nstartsecs=0\nautorestart=false\n"
                "stdout_logfile=%(here)s/disk/out\nstdout_logfile_maxbytes=0\n"
                "command=/bin/sh -c 'echo ready; "
                "while ! test -e %(here)s/frozen; do sleep 0.05; done; "
                "seq -f \"%%.0f of the lines\" 0 299999; touch %(here)s/a-done'\n"
                "[program:b]\nstartsecs=0\nautorestart=false\n"
                "stdout_logfile=%(here)s/b-out\nstdout_logfile_maxbytes=0\n"
                "command=/bin/sh -c 'while ! test -e %(here)s/a-done; do sleep 0.05; done; "
                "seq -f \"%%.0f of the lines\" 0 299999'\n"
                "[program:c]\ncommand=%(ENV_CHILD)s\nstdout_logfile=%(here)s/disk/c\n");
        start_without_leak_check(s);
        scenario_await_text(s, "disk/out", "ready\n");
        before = memory_kib(scenario_daemon(s));

        freeze(true);
        scenario_write(s, "frozen", "");
        scenario_await(s, "exited: a \\(exit status 0; expected\\)");
        scenario_await(
                s, "cannot write stdout of 'a' to .*/out, trying again: the disk does not answer");
        scenario_await(s, "exited: b \\(exit status 0; expected\\)");
        cr_expect_eq(count_missing(s, "b-out"), 0);
        cr_expect_lt(memory_kib(scenario_daemon(s)) - before, 4096);

        /* Signals and children are served as ever. */
        scenario_signal(s, SIGUSR1);
        scenario_await(s, "state: a:a EXITED");
        cr_assert_eq(kill(scenario_pid(s, "c"), SIGKILL), 0);
        scenario_await(s, "terminated by SIGKILL");
        scenario_await_count(s, 2, "spawned: 'c' with pid");
        scenario_signal(s, SIGUSR2);
        scenario_await(s, "supervisord logreopen");

        freeze(false);
        resumed = scenario_match(s, "stdout of 'a' is written to .* again, .* were lost");
        cr_assert_eq(sscanf(strstr(resumed, "again, "), "again, %llu lines", &lost), 1);
        scenario_stop(s);
        cr_expect_gt(lost, LINES / 2);
        cr_expect_eq(count_missing(s, "disk/out"), lost);
}

Test(logs_frozen, do_not_hold_up_the_end_for_ever) {
        _scenario_ s = scenario_new();
        pid_t daemon;

        mount_disk(s);
        scenario_configure(s, "",
                           "[program:a]\nstdout_logfile=%(here)s/disk/out\n"
                           "command=%(ENV_CHILD)s say=first await=%(here)s/frozen say=second "
                           "append=%(here)s/said\n");
        start_without_leak_check(s);
        scenario_await_text(s, "disk/out", "first\n");
        freeze(true);
        scenario_write(s, "frozen", "");
        free(scenario_read(s, "said")); /* waits for it */

        daemon = scenario_daemon(s);
        scenario_signal(s, SIGTERM);
        scenario_await(s, "stopped: a \\(");
        scenario_await(s, "7 bytes of logs could not be written, they are lost");

        /* Its last thread is the kernel's prisoner, but the daemon itself has ended. */
        while (state_of(daemon) != 'Z')
                (void)usleep(20000);
        freeze(false);
        cr_expect_eq(scenario_exit_status(s), 0);
}

Test(logs_frozen, what_is_disabled_is_remembered_when_the_disk_comes_back) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *state = scenario_path(s, "disk/state");
        _client_ c = NULL;

        mount_disk(s);
        cr_assert_eq(setenv("STATE_DIRECTORY", state, 1), 0);
        scenario_configure(s, CONTROL_KEYS,
                           "[program:a]\nstartsecs=0\ncommand=%(ENV_CHILD)s\n"
                           "[program:b]\nstartsecs=0\ncommand=%(ENV_CHILD)s\n");
        start_without_leak_check(s);
        scenario_await(s, "success: b");
        c = client_new(s);
        freeze(true);
        expect_order(c, "Disable", "a", "a disabled");
        expect_order(c, "Disable", "b", "b disabled");
        expect_order(c, "Enable", "a", "a enabled");
        expect_order(c, "Restart", "a", "a stopped, a started");
        scenario_signal(s, SIGUSR1);
        scenario_await(s, "state: a:a RUNNING");

        freeze(false);
        sd_bus_close_unref(TAKE_PTR(c));
        scenario_stop(s);
        scenario_mark(s);
        scenario_start(s, NULL);
        scenario_await(s, "success: a");
        c = client_new(s);
        expect_state(c, "b", "STOPPED down");
        scenario_stop(s);
}

/* Every open of the scenario's file @name hangs until the descriptor that it gives is closed; skips
 * the test where that is refused. */
static int hold_openings(Scenario *s, const char *name) {
        _cleanup_(freep) char *path = scenario_path(s, name);
        int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);

        if (fd < 0 || fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, path) < 0)
                cr_skip("needs the right to hold up open(2): %s", strerror(errno));
        return fd;
}

static sd_bus_message *open_log(sd_bus *bus, const char *name, char error[static 64]) {
        _message_ m = new_call(bus, "OpenLog");

        cr_assert_geq(sd_bus_message_append(m, "ss", name, "stdout"), 0);
        return ask_message(bus, m, error);
}

Test(logs_frozen, that_cannot_be_opened_hold_up_only_who_asked_for_them) {
        _scenario_ s = scenario_new();
        _client_ patient = NULL;
        _client_ gone = NULL;
        _client_ other = NULL;
        _message_ call = NULL;
        _message_ reply = NULL;
        _cleanup_(closep) int held = -1;
        struct pollfd asked = { .events = POLLIN };
        char error[64];

        scenario_configure(s, CONTROL_KEYS,
                           "[program:a]\nstdout_logfile=%(here)s/out\nstartsecs=0\n"
                           "command=%(ENV_CHILD)s say=hello\n"
                           "[program:b]\nstdout_logfile=%(here)s/b-out\nstartsecs=0\n"
                           "command=%(ENV_CHILD)s say=hello\n");
        start_without_leak_check(s);
        scenario_await_text(s, "out", "hello\n");
        scenario_await_text(s, "b-out", "hello\n");
        patient = client_new(s);
        gone = client_new(s);
        other = client_new(s);
        asked.fd = held = hold_openings(s, "out");

        call = new_call(gone, "OpenLog");
        cr_assert_geq(sd_bus_message_append(call, "ss", "a", "stdout"), 0);
        cr_assert_geq(sd_bus_send(gone, call, NULL), 0);
        cr_assert_geq(sd_bus_flush(gone), 0);
        cr_assert_eq(poll(&asked, 1, PATIENCE_MSEC), 1);
        sd_bus_close_unref(TAKE_PTR(gone));
        expect_order(other, "Restart", "a", "a stopped, a started");
        scenario_signal(s, SIGUSR1);
        scenario_await(s, "state: b:b RUNNING");
        reply = open_log(other, "b", error);
        cr_expect(reply, "%s", error);

        safe_close(TAKE_FD(held));
        sd_bus_message_unref(reply);
        reply = open_log(patient, "a", error);
        cr_expect(reply, "%s", error);
        scenario_stop(s);
}
