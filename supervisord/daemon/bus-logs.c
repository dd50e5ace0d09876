/* Log files: as descriptors to read from, cleared, rotated, opened again. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/strv.h"
#include "daemon/bus-internal.h"

/* A file that is no log of ours to read, a terminal or a pipe say, must not block us either. */
static int open_log_file(const char *path, int *ret, uint64_t *ret_size) {
        _cleanup_(closep) int fd = -1;
        struct stat st;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -ENOENT;
        *ret_size = (uint64_t)st.st_size;
        *ret = TAKE_FD(fd);
        return 0;
}

static int answer_with_file(sd_bus_message *m, const char *path, sd_bus_error *error) {
        _cleanup_(closep) int fd = -1;
        _cleanup_(freep) char *owned = NULL;
        uint64_t size = 0;
        int r;

        r = path ? open_log_file(path, &fd, &size) : -ENOENT;
        if (r == -ENOENT)
                return call_fail(error, BUS_ERROR_NO_FILE, "there is no log file");
        if (r < 0)
                return call_fail(error, BUS_ERROR_FAILED, "cannot open %s: %s", path, strerror(-r));
        return sd_bus_reply_method_return(m, "hst", fd, bus_text(path, &owned), size);
}

static int read_stream(const char *text, OutputStream *ret, sd_bus_error *error) {
        if (strcmp(text, "stdout") != 0 && strcmp(text, "stderr") != 0)
                return call_fail(error, BUS_ERROR_BAD_ARGUMENT,
                                 "there is no stream %s, only stdout and stderr", text);
        *ret = strcmp(text, "stdout") == 0 ? OUTPUT_STDOUT : OUTPUT_STDERR;
        return 0;
}

int method_open_log(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const Connection *c = userdata;
        const Supervisor *s = c->bus->supervisor;
        const char *name, *text;
        OutputStream stream = OUTPUT_STDOUT;
        size_t index;
        int r;

        r = sd_bus_message_read(m, "ss", &name, &text);
        if (r >= 0)
                r = read_stream(text, &stream, error);
        if (r >= 0)
                r = find_process(s, name, &index, error);
        return r < 0 ? r : answer_with_file(m, entry_log_path(s->entries[index], stream), error);
}

int method_open_main_log(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const Connection *c = userdata;
        const DaemonConfig *config = &c->bus->supervisor->config->daemon;

        return answer_with_file(m, config->syslog ? NULL : config->logfile, error);
}

/* ---------------------------------------------------------------- clearing and rotating */

/* Both streams of a process; -ENOENT is that of one without a file. */
static int clear_both(Entry *entry, void *argument) {
        Output *output = child_get_output(entry->child);
        int r = 0;

        for (int stream = OUTPUT_STDOUT; stream <= OUTPUT_STDERR; stream++) {
                const char *path = entry_log_path(entry, (OutputStream)stream);
                int k;

                if (output)
                        k = output_clear(output, (OutputStream)stream);
                else /* left by an earlier supervisord */
                        k = path && unlink(path) < 0 ? -errno : 0;
                if (k < 0 && k != -ENOENT)
                        r = k;
        }
        return r;
}

static int rotate_both(Entry *entry, void *argument) {
        Output *output = child_get_output(entry->child);
        int r = -ENOENT;

        for (int stream = OUTPUT_STDOUT; output && stream <= OUTPUT_STDERR; stream++) {
                int k = output_rotate(output, (OutputStream)stream);

                if (r == -ENOENT || (k < 0 && k != -ENOENT))
                        r = k;
        }
        return r;
}

static int change_logs(sd_bus_message *m,
                       Connection *c,
                       int (*change)(Entry *entry, void *argument),
                       const char *done,
                       sd_bus_error *error) {
        _cleanup_(strv_freep) char **names = NULL;
        ForEach each = { .act = change, .done = done };
        int r;

        r = read_names(m, &names, error);
        return r < 0 ? r : for_each_process(m, c, names, &each, error);
}

int method_clear_log(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return change_logs(m, userdata, clear_both, "cleared", error);
}

int method_rotate_log(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return change_logs(m, userdata, rotate_both, "rotated", error);
}

int method_clear_main_log(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        int r = log_clear();

        if (r == -ENOENT)
                return call_fail(error, BUS_ERROR_NO_FILE, "there is no log file");
        return r < 0 ? call_fail_errno(error, r) : sd_bus_reply_method_return(m, "");
}

int method_reopen_logs(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        supervisor_reopen_logs(((Connection *)userdata)->bus->supervisor);
        return sd_bus_reply_method_return(m, "");
}
