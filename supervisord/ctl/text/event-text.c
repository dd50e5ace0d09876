/* Lines and JSON about events, one function for each kind. */
#include "ctl/text/event-text.h"

#include "base/macro.h"
#include "ctl/text/describe.h"
#include "ctl/text/namespec.h"
#include "ctl/text/status-text.h"

static void print_process(FILE *f, const DaemonEvent *e) {
        fprintf(f, "%s -> %s (%s)", e->from, e->to, e->cause);
        if (e->pid > 0)
                fprintf(f, " pid %d", e->pid);
        if (*e->message)
                fprintf(f, ": %s", e->message);
}

static void print_groups(FILE *f, const DaemonEvent *e) {
        static const char *const words[] = { "added", "changed", "removed" };
        const char *separator = "configuration:";

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                for (char **g = e->groups[i]; g && *g; g++) {
                        fprintf(f, "%s %s %s", separator, *g, words[i]);
                        separator = ",";
                }
        if (separator[0] != ',')
                fputs("configuration: no group has changed", f);
}

void event_print(FILE *f, const DaemonEvent *e) {
        char time[DESCRIBE_TIME_MAX];
        _cleanup_(freep) char *name = NULL;

        fprintf(f, "%s ", describe_time(e->time, TIME_COMPLETE, time));
        if (e->group && e->name && namespec_join(e->group, e->name, &name) == 0)
                fprintf(f, "%s ", name);
        switch (e->kind) {
        case EVENT_PROCESS:
                print_process(f, e);
                break;
        case EVENT_READY:
                fputs(e->ready ? "is ready" : "is not ready any more", f);
                break;
        case EVENT_CONFIGURATION:
                print_groups(f, e);
                break;
        case EVENT_SHUTDOWN:
                fprintf(f, "supervisord ends: %s", e->how);
                break;
        }
        fputc('\n', f);
}

static void put_list(JsonWriter *w, const char *key, char *const *list) {
        json_array_begin(w, key);
        for (; list && *list; list++)
                json_string(w, NULL, *list);
        json_array_end(w);
}

static void put_process(JsonWriter *w, const DaemonEvent *e) {
        json_string(w, "from", e->from);
        json_string(w, "to", e->to);
        json_string(w, "cause", e->cause);
        json_integer(w, "pid", e->pid);
        json_string(w, "message", e->message);
}

void event_put_json(JsonWriter *w, const DaemonEvent *e) {
        static const char *const kinds[] = {
                [EVENT_PROCESS] = "process",
                [EVENT_READY] = "ready",
                [EVENT_CONFIGURATION] = "configuration",
                [EVENT_SHUTDOWN] = "shutdown",
        };

        json_object_begin(w, NULL);
        json_string(w, "event", kinds[e->kind]);
        json_integer(w, "sequence", (int64_t)e->sequence);
        status_put_time(w, "time", e->time);
        if (e->group)
                json_string(w, "group", e->group);
        if (e->name)
                json_string(w, "name", e->name);
        switch (e->kind) {
        case EVENT_PROCESS:
                put_process(w, e);
                break;
        case EVENT_READY:
                json_boolean(w, "ready", e->ready);
                break;
        case EVENT_CONFIGURATION:
                put_list(w, "added", e->groups[0]);
                put_list(w, "changed", e->groups[1]);
                put_list(w, "removed", e->groups[2]);
                break;
        case EVENT_SHUTDOWN:
                json_string(w, "how", e->how);
                break;
        }
        json_object_end(w);
}
