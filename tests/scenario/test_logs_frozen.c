/*
 * Logs on a disk that hangs for good: a real file system that is frozen, which stops every write
 * and every open there in the kernel, as a dead file server does.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

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
