/* status, pid, avail and names: what is there. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "ctl/command.h"
#include "ctl/commands/status.h"
#include "ctl/describe.h"
#include "ctl/namespec.h"
#include "ctl/words.h"

/* ---------------------------------------------------------------- what is meant */

static int compare_processes(const void *a, const void *b) {
        const ProcessInfo *x = a, *y = b;
        int r = strcmp(x->group, y->group);

        return r ? r : strcmp(x->name, y->name);
}

typedef int (*List)(Client *c, char **names, ProcessList *ret);

static bool fetch(Session *s, List list, char **words, ProcessList *ret) {
        bool all = !words[0] || words_contain(words, "all");

        if (list(s->client, all ? NULL : words, ret) < 0) {
                session_report(s);
                return false;
        }
        if (ret->n > 0)
                qsort(ret->items, ret->n, sizeof(*ret->items), compare_processes);
        return true;
}

bool status_fetch(Session *s, char **words, ProcessList *ret) {
        return fetch(s, client_list_states, words, ret);
}

/* Add what @word means to @chosen, which has room for it. Returns how many, or -ENOMEM. */
static int
choose(const ProcessList *list, const char *word, FILE *errors, const ProcessInfo **chosen) {
        Namespec spec;
        int n = 0;

        if (namespec_parse(word, &spec) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < list->n; i++)
                if (namespec_matches(&spec, list->items[i].group, list->items[i].name))
                        chosen[n++] = &list->items[i];
        if (n == 0 && spec.kind == NAMESPEC_GROUP)
                fprintf(errors, "%s: ERROR (no such group)\n", spec.group);
        else if (n == 0)
                fprintf(errors, "%s: ERROR (no such process)\n", word);
        namespec_done(&spec);
        return n;
}

int status_choose(const ProcessList *list,
                  char **words,
                  FILE *errors,
                  const ProcessInfo ***ret,
                  bool *ret_all_known) {
        bool all = !words[0] || words_contain(words, "all");
        const ProcessInfo **chosen;
        size_t n = 0;

        *ret_all_known = true;
        chosen = calloc(list->n * MAX(words_count(words), 1U) + 1, sizeof(const ProcessInfo *));
        if (!chosen)
                return -ENOMEM;
        for (size_t i = 0; all && i < list->n; i++)
                chosen[n++] = &list->items[i];
        for (char **w = words; !all && *w; w++) {
                int r = choose(list, *w, errors, chosen + n);

                if (r <= 0)
                        *ret_all_known = false;
                n += (size_t)MAX(r, 0);
        }
        *ret = chosen;
        return 0;
}

/* ---------------------------------------------------------------- how it is shown */

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
        if (lines.n > 0) /* as printf(): a reader that is gone is not told */
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

static void print_json(const ProcessInfo *const *list, uint64_t now) {
        JsonWriter w = { .file = stdout };

        json_array_begin(&w, NULL);
        for (; *list; list++)
                status_put_json(&w, *list, now);
        json_array_end(&w);
}

/* ---------------------------------------------------------------- the commands */

/* Is @state among the comma separated @list? */
static bool is_listed(const char *state, const char *list) {
        size_t n = strlen(state);

        for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',')
                if (strncasecmp(p, state, n) == 0 && (p[n] == ',' || p[n] == '\0'))
                        return true;
        return false;
}

void command_status(Session *s, char **words) {
        _cleanup_(process_list_done) ProcessList list = { 0 };
        _cleanup_(freep) const ProcessInfo **chosen = NULL;
        bool json = words_take_flag(words, "--json"), known;
        const char *fine = NULL;

        if (words_take_value(words, "--exit-ok", &fine) < 0) {
                session_complain(s, EXIT_GENERIC, "--exit-ok takes states, as in EXITED,STOPPED");
                return;
        }
        if (!session_up(s)) {
                s->status = EXIT_STATUS_UNKNOWN;
                return;
        }
        if (!words_are_names(s, words) ||
            !fetch(s, json ? client_list : client_list_states, words, &list))
                return;
        if (status_choose(&list, words, json ? stderr : stdout, &chosen, &known) < 0) {
                session_complain(s, EXIT_GENERIC, "no memory");
                return;
        }
        if (!known) /* said where it does not spoil the JSON */
                s->status = EXIT_STATUS_UNKNOWN;
        if (json)
                print_json(chosen, list.now);
        else
                status_print(stdout, chosen, list.now);
        for (const ProcessInfo **p = chosen; *p; p++)
                if (state_is_down((*p)->state) && !is_listed((*p)->state, fine))
                        s->status = EXIT_STATUS_NOT_RUNNING;
}

/* The pid of what @word means; of a pattern or group, all of them. */
static void print_pids(Session *s, const ProcessList *list, const char *word) {
        bool found = false;
        Namespec spec;

        if (namespec_parse(word, &spec) < 0) {
                session_complain(s, EXIT_GENERIC, "no memory");
                return;
        }
        for (size_t i = 0; i < list->n; i++) {
                if (!namespec_matches(&spec, list->items[i].group, list->items[i].name))
                        continue;
                found = true;
                printf("%d\n", list->items[i].pid);
                if (list->items[i].pid == 0)
                        s->status = EXIT_NOT_RUNNING;
        }
        namespec_done(&spec);
        if (!found) {
                printf("No such process %s\n", word);
                s->status = EXIT_GENERIC;
        }
}

void command_pid(Session *s, char **words) {
        _cleanup_(process_list_done) ProcessList list = { 0 };
        pid_t pid;

        if (!session_up(s))
                return;
        if (!words[0]) {
                if (client_pid(s->client, &pid) < 0)
                        session_report(s);
                else
                        printf("%d\n", pid);
                return;
        }
        if (!status_fetch(s, words, &list))
                return;
        if (words_contain(words, "all"))
                for (size_t i = 0; i < list.n; i++)
                        printf("%d\n", list.items[i].pid);
        else
                for (char **w = words; *w; w++)
                        print_pids(s, &list, *w);
}

/* Python sorts by the name within the group. */
static int compare_configured(const void *a, const void *b) {
        const Configured *x = a, *y = b;
        int r = strcmp(x->name, y->name);

        return r ? r : strcmp(x->group, y->group);
}

void command_avail(Session *s, char **words) {
        _cleanup_(configured_list_done) ConfiguredList list = { 0 };

        if (!words_expect_none(s, words, "avail") || !session_open(s))
                return;
        if (client_configured(s->client, &list) < 0) {
                if (session_faulted(s, FAULT_SHUTTING_DOWN)) {
                        puts("ERROR: supervisor shutting down");
                        s->status = EXIT_GENERIC;
                } else
                        session_report(s);
                return;
        }
        if (list.n > 0)
                qsort(list.items, list.n, sizeof(*list.items), compare_configured);
        for (size_t i = 0; i < list.n; i++) {
                const Configured *c = &list.items[i];
                _cleanup_(freep) char *name = NULL;

                if (namespec_join(c->group, c->name, &name) < 0)
                        continue;
                printf("%-32s %-9s %-9s %lld:%lld\n", name, c->in_use ? "in use" : "avail",
                       c->autostart ? "auto" : "manual", (long long)c->group_priority,
                       (long long)c->priority);
        }
}

/* For completion and scripts: what commands take for a process, a group with several as "g:*". */
void command_names(Session *s, char **words) {
        _cleanup_(process_list_done) ProcessList list = { 0 };
        const char *group = "";

        if (!words_expect_none(s, words, "names") || !session_up(s) ||
            !status_fetch(s, words, &list))
                return;
        for (size_t i = 0; i < list.n; i++) {
                const ProcessInfo *p = &list.items[i];

                if (strcmp(p->group, p->name) == 0) {
                        puts(p->name);
                        continue;
                }
                if (strcmp(p->group, group) != 0)
                        printf("%s:*\n", p->group);
                group = p->group;
                printf("%s:%s\n", p->group, p->name);
        }
}
