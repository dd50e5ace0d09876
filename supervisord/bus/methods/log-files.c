/*
 * Log files for clients. A file is opened, or removed, by a thread that writes logs, as a disk may
 * hang; the client's call waits, the loop does not.
 */
#include "bus/methods/log-files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strv.h"
#include "bus/client/call-arguments.h"
#include "bus/client/connection.h"
#include "bus/client/message.h"
#include "bus/methods/at-once.h"
#include "bus/methods/record.h"
#include "daemon/signals.h"
#include "log/errand.h"
#include "log/log.h"
#include "protocol/bus-names.h"

/* What is no file, a terminal or a pipe say, is not read, and must not block us when it is opened.
 */
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

/* A call that is answered when the file is open, which a disk may put off for ever. */
typedef struct LogOpening {
        PendingCall pending; /* must be first */
        char *path;
        int fd, result;
        uint64_t size;
} LogOpening;

/* The file is closed when it is open at last. */
static void on_client_left(PendingCall *p) {
        pending_end(p);
}

static void opening_free(LogOpening *o) {
        pending_end(&o->pending);
        safe_close(o->fd);
        free(o->path);
        free(o);
}

static void run_opening(void *data) {
        LogOpening *o = data;

        o->result = open_log_file(o->path, &o->fd, &o->size);
}

static int answer_opening(const LogOpening *o, sd_bus_error *error) {
        _cleanup_(freep) char *owned = NULL;

        if (o->result == -ENOENT)
                return call_fail(error, BUS_ERROR_NO_FILE, "there is no log file");
        if (o->result < 0)
                return call_fail(error, BUS_ERROR_FAILED, "cannot open %s: %s", o->path,
                                 strerror(-o->result));
        return sd_bus_reply_method_return(o->pending.call, "hst", o->fd,
                                          message_text(o->path, &owned), o->size);
}

/* If no descriptor can be sent, as there is none left or the client takes none, it is told so. */
static int answer_or_tell_why(const LogOpening *o) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = answer_opening(o, &error);

        if (r >= 0)
                return r;
        if (!sd_bus_error_is_set(&error))
                (void)call_fail(&error, BUS_ERROR_FAILED, "cannot hand out %s: %s", o->path,
                                strerror(-r));
        return sd_bus_reply_method_error(o->pending.call, &error);
}

static void opening_done(void *data) {
        LogOpening *o = data;
        Connection *c = o->pending.connection;
        int r = c && !c->is_over ? answer_or_tell_why(o) : 0;

        opening_free(o);
        if (r < 0)
                connection_fail(c, "answer", r);
        else if (c)
                connection_arm(c);
}

static int
answer_with_file(sd_bus_message *m, Connection *c, const char *path, sd_bus_error *error) {
        static const ErrandCalls calls = { .run = run_opening, .done = opening_done };
        LogOpening *o;
        int r;

        if (!path)
                return call_fail(error, BUS_ERROR_NO_FILE, "there is no log file");
        r = pending_check(&c->openings, error);
        if (r < 0)
                return r;
        o = calloc(1, sizeof(*o));
        if (!o)
                return call_fail_errno(error, -ENOMEM);
        o->fd = -1;
        o->pending.on_left = on_client_left;
        pending_begin(&o->pending, c, &c->openings, m);
        o->path = strdup(path);
        if (!o->path || errand_begin(c->supervisor->options->writers, &calls, o) < 0) {
                opening_free(o);
                return call_fail_errno(error, -ENOMEM);
        }
        return 1;
}

static int read_stream_name(const char *text, OutputStream *ret, sd_bus_error *error) {
        if (strcmp(text, "stdout") != 0 && strcmp(text, "stderr") != 0)
                return call_fail(error, BUS_ERROR_BAD_ARGUMENT,
                                 "there is no stream %s, only stdout and stderr", text);
        *ret = strcmp(text, "stdout") == 0 ? OUTPUT_STDOUT : OUTPUT_STDERR;
        return 0;
}

int method_open_log(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Connection *c = userdata;
        const Supervisor *s = c->supervisor;
        const char *name, *text;
        OutputStream stream = OUTPUT_STDOUT;
        size_t index;
        int r;

        r = sd_bus_message_read(m, "ss", &name, &text);
        if (r >= 0)
                r = read_stream_name(text, &stream, error);
        if (r >= 0)
                r = find_process(s->engine, name, &index, error);
        return r < 0 ? r : answer_with_file(m, c, entry_log_path(s->entries[index], stream), error);
}

int method_open_main_log(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Connection *c = userdata;
        const DaemonConfig *config = &c->supervisor->config->daemon;

        return answer_with_file(m, c, config->syslog ? NULL : config->logfile, error);
}

/* ---------------------------------------------------------------- clearing and rotating */

typedef struct Removal {
        int result;
        char path[];
} Removal;

static void run_removal(void *data) {
        Removal *removal = data;

        removal->result = unlink(removal->path) < 0 ? -errno : 0;
}

static void removal_done(void *data) {
        Removal *removal = data;

        if (removal->result < 0 && removal->result != -ENOENT)
                log_error("cannot clear %s: %s", removal->path, strerror(-removal->result));
        free(removal);
}

/* Remove the log that an earlier supervisord has left. Returns 0 or -ENOMEM; a failure is logged
 * when it happens. */
static int remove_left(const Supervisor *s, const char *path) {
        static const ErrandCalls calls = { .run = run_removal, .done = removal_done };
        size_t size = strlen(path) + 1;
        Removal *removal = malloc(sizeof(*removal) + size);
        int r;

        if (!removal)
                return -ENOMEM;
        memcpy(removal->path, path, size);
        r = errand_begin(s->options->writers, &calls, removal);
        if (r < 0)
                free(removal);
        return r;
}

/* Clear both streams of a process; a stream without a file is no failure. */
static int clear_both(Entry *entry, void *argument) {
        Output *output = child_get_output(entry->child);
        int r = 0;

        for (int stream = OUTPUT_STDOUT; stream <= OUTPUT_STDERR; stream++) {
                const char *path = entry_log_path(entry, (OutputStream)stream);
                int k;

                if (output)
                        k = output_clear(output, (OutputStream)stream);
                else
                        k = path ? remove_left(entry->supervisor, path) : 0;
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
        supervisor_reopen_logs(((Connection *)userdata)->supervisor);
        return sd_bus_reply_method_return(m, "");
}
