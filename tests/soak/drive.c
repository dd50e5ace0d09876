#include "drive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol/bus-names.h"

void drive_die(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        (void)fprintf(stderr, "%s: ", program_invocation_short_name);
        (void)vfprintf(stderr, format, ap);
        (void)fprintf(stderr, "\n");
        va_end(ap);
        _exit(1);
}

/* ---------------------------------------------------------------- calls */

sd_bus *drive_connect(const char *folder) {
        char address[256];
        sd_bus *bus = NULL;
        int r;

        (void)snprintf(address, sizeof(address), "unix:path=%s/control", folder);
        if (sd_bus_new(&bus) < 0 || sd_bus_set_address(bus, address) < 0 ||
            sd_bus_set_method_call_timeout(bus, DRIVE_ANSWER_USEC) < 0)
                drive_die("no memory");
        r = sd_bus_start(bus);
        if (r < 0) {
                sd_bus_unref(bus);
                errno = -r;
                return NULL;
        }
        return bus;
}

sd_bus_message *drive_new_call(sd_bus *bus, const char *member) {
        sd_bus_message *m = NULL;

        if (sd_bus_message_new_method_call(bus, &m, "org.supervisord", BUS_PATH, BUS_MANAGER,
                                           member) < 0)
                drive_die("no memory");
        return m;
}

/* ---------------------------------------------------------------- processes */

static pid_t parent_of(const char *pid) {
        char path[300], text[512] = "";
        const char *after;
        pid_t ppid = 0;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%s/stat", pid);
        f = fopen(path, "re");
        if (!f)
                return 0;
        after = fgets(text, sizeof(text), f) ? strrchr(text, ')') : NULL;
        if (after)
                (void)sscanf(after + 1, " %*c %d", &ppid);
        (void)fclose(f);
        return ppid;
}

size_t drive_list_children(pid_t parent, size_t pick, pid_t *ret_pid) {
        DIR *proc = opendir("/proc");
        const struct dirent *entry;
        size_t n = 0;

        *ret_pid = 0;
        while (proc && (entry = readdir(proc))) {
                if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
                        continue;
                if (parent_of(entry->d_name) == parent && n++ == pick)
                        *ret_pid = (pid_t)strtol(entry->d_name, NULL, 10);
        }
        if (proc)
                (void)closedir(proc);
        return n;
}

size_t drive_resident_kb(pid_t pid) {
        char path[64], line[128];
        size_t kb = 0;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        f = fopen(path, "re");
        while (f && fgets(line, sizeof(line), f))
                if (sscanf(line, "VmRSS: %zu", &kb) == 1)
                        break;
        if (f)
                (void)fclose(f);
        return kb;
}

/* ---------------------------------------------------------------- the daemon */

pid_t drive_start(const char *program, const char *folder) {
        char config[256], log[256];
        sd_bus *bus = NULL;
        pid_t pid;
        int fd;

        (void)snprintf(config, sizeof(config), "%s/supervisord.conf", folder);
        (void)snprintf(log, sizeof(log), "%s/console", folder);
        pid = fork();
        if (pid == 0) {
                fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
                if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
                        _exit(9);
                (void)close(fd);
                (void)execl(program, program, "-n", "-s", "-c", config, NULL);
                _exit(9);
        }
        for (unsigned i = 0; !bus && i < 3000; i++) { /* bound, it may not listen yet */
                (void)usleep(10000);
                bus = drive_connect(folder);
        }
        if (!bus)
                drive_die("%s does not start, see %s", program, log);
        sd_bus_close_unref(bus);
        return pid;
}

void drive_stop(pid_t daemon, const char *folder) {
        int status;
        pid_t pid;

        (void)kill(daemon, SIGTERM);
        if (waitpid(daemon, &status, 0) != daemon || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
                drive_die("the daemon ended with status %#x, see %s/console", (unsigned)status,
                          folder);
        (void)usleep(1000);
        if (drive_list_children(getpid(), 0, &pid) > 0)
                drive_die("the daemon has left a process behind");
}
