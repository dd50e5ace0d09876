/* Lines and JSON about processes, as `status` and `why` show them. */
#include "ctl/text/status-text.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "base/macro.h"
#include "ctl/text/describe.h"
#include "ctl/text/namespec.h"

#define NAME_WIDTH_MIN 30
#define NAME_GAP 3
#define STATE_WIDTH 10

static size_t width_of(const ProcessInfo *p) {
        size_t n = strlen(p->name);

        return strcmp(p->group, p->name) != 0 ? strlen(p->group) + 1 + n : n;
}

/* Append @text and fill up to @width. Returns 0 or -ENOMEM. */
static int append_column(Buffer *b, const char *text, size_t width) {
        static const char blanks[] = "                                        ";
        size_t n = strlen(text);
        int r;

        r = buffer_append(b, text, n);
        for (; r == 0 && n < width; n += MIN(width - n, strlen(blanks)))
                r = buffer_append(b, blanks, MIN(width - n, strlen(blanks)));
        return r;
}

static int append_line(Buffer *b, const ProcessInfo *p, size_t width, uint64_t now) {
        _cleanup_(freep) char *text = NULL;
        int r;

        r = describe_process(p, now, &text);
        if (r == 0 && strcmp(p->group, p->name) != 0) {
                width -= strlen(p->group) + 1;
                r = buffer_append(b, p->group, strlen(p->group));
                if (r == 0)
                        r = buffer_append(b, ":", 1);
        }
        if (r == 0)
                r = append_column(b, p->name, width);
        if (r == 0)
                r = append_column(b, p->state, STATE_WIDTH);
        if (r == 0)
                r = append_column(b, text, 0);
        return r < 0 ? r : buffer_append(b, "\n", 1);
}

void status_print(FILE *f, const ProcessInfo *const *list, uint64_t now) {
        _cleanup_(buffer_done) Buffer lines = { 0 };
        size_t width = NAME_WIDTH_MIN;

        for (const ProcessInfo *const *p = list; *p; p++)
                width = MAX(width, width_of(*p));
        for (const ProcessInfo *const *p = list; *p; p++) {
                size_t before = lines.n;

                if (append_line(&lines, *p, width + NAME_GAP, now) < 0)
                        lines.n = before; /* no memory for a line: the others are shown */
        }
        if (lines.n > 0) /* a reader that is gone cannot be told */
                (void)fwrite(lines.data, 1, lines.n, f);
}

void status_put_time(JsonWriter *w, const char *key, uint64_t usec) {
        if (usec == 0)
                json_null(w, key);
        else
                json_number(w, key, round((double)usec / USEC_PER_MSEC) / 1000);
}

void status_put_json(JsonWriter *w, const ProcessInfo *p, uint64_t now) {
        _cleanup_(freep) char *text = NULL, *name = NULL;

        (void)describe_process(p, now, &text); /* null without memory, as the next one */
        (void)namespec_join(p->group, p->name, &name);
        json_object_begin(w, NULL);
        json_string(w, "display_name", name);
        json_string(w, "group", p->group);
        json_string(w, "name", p->name);
        json_integer(w, "state", state_code(p->state));
        json_string(w, "statename", p->state);
        json_string(w, "description", text);
        json_string(w, "goal", p->goal);
        json_string(w, "phase", p->phase);
        json_boolean(w, "ready", p->ready);
        json_string(w, "health", p->health); /* null while it is not checked */
        if (p->health) {
                json_integer(w, "health_failures", p->health_failures);
                json_string(w, "health_text", p->health_text);
        }
        json_integer(w, "pid", p->pid);
        status_put_time(w, "changed", p->changed);
        status_put_time(w, "start", p->started);
        status_put_time(w, "stop", p->stopped);
        status_put_time(w, "now", now);
        status_put_time(w, "deadline", p->deadline);
        json_string(w, "spawnerr", p->spawn_error);
        if (strcmp(p->exit_kind, "status") == 0)
                json_integer(w, "exitstatus", p->exit_value);
        else
                json_null(w, "exitstatus");
        if (strcmp(p->exit_kind, "signal") == 0)
                json_integer(w, "signal", p->exit_value);
        else
                json_null(w, "signal");
        json_boolean(w, "dumped_core", p->dumped_core);
        json_integer(w, "failures", p->failures);
        json_integer(w, "starts", p->starts);
        json_boolean(w, "autostart", p->autostart);
        json_boolean(w, "enabled", p->enabled);
        json_integer(w, "group_priority", p->group_priority);
        json_integer(w, "priority", p->priority);
        json_string(w, "status_text", p->status_text);
        json_string(w, "stdout_logfile", p->log[0]);
        json_string(w, "stderr_logfile", p->log[1]);
        json_object_end(w);
}
