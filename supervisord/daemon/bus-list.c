/* Looking: what the processes are, what is configured, the plan, why. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "daemon/bus-internal.h"

#define LAST_LINES 10

/* ---------------------------------------------------------------- one process */

static const Process *process_of(const Entry *entry) {
        return engine_get(entry->supervisor->engine, entry->index);
}

const char *entry_phase(const Entry *entry) {
        const Process *p = process_of(entry);

        return p->start_due && !phase_has_child(p->phase) ? "waiting" : phase_to_string(p->phase);
}

const char *exit_kind_to_string(ExitKind kind) {
        switch (kind) {
        case EXIT_STATUS:
                return "status";
        case EXIT_SIGNAL:
                return "signal";
        case EXIT_SPAWN_FAILED:
                return "spawn-failed";
        case EXIT_NONE:
                break;
        }
        return "";
}

const char *entry_spawn_error(const Entry *entry, char **owned) {
        const Process *p = process_of(entry);
        ProcessState state = phase_to_state(p->phase);

        *owned = NULL;
        if (entry->spawn_error)
                return entry->spawn_error;
        if (state != STATE_BACKOFF && state != STATE_FATAL && state != STATE_EXITED)
                return "";
        if (p->exit.kind == EXIT_SPAWN_FAILED)
                return strerror(p->exit.value);
        if (p->early)
                return "Exited too quickly (process log may have details)";
        if (p->exit.kind == EXIT_NONE || exit_is_expected(p->config, &p->exit))
                return "";
        if (asprintf(owned, "Bad exit code %d", p->exit.kind == EXIT_STATUS ? p->exit.value : -1) <
            0)
                *owned = NULL;
        return *owned ?: "";
}

uint64_t entry_deadline(const Entry *entry) {
        const Process *p = process_of(entry);

        if (p->phase != PHASE_BACKOFF && !phase_is_ending(p->phase))
                return USEC_INFINITY;
        return engine_process_deadline(entry->supervisor->engine, entry->index);
}

const char *entry_log_path(const Entry *entry, OutputStream stream) {
        const Output *output = child_get_output(entry->child);
        const LogTarget *log = &process_of(entry)->config->log[stream];

        if (output)
                return output_get_path(output, stream);
        return log->kind == LOG_KIND_FILE ? log->path : NULL; /* it was never started */
}

typedef struct Texts { /* of one record, as far as they had to be copied */
        char *group, *name, *spawn_error, *valid_error, *status, *logs[2];
} Texts;

static void texts_done(Texts *t) {
        free(t->group);
        free(t->name);
        free(t->spawn_error);
        free(t->valid_error);
        free(t->status);
        free(t->logs[0]);
        free(t->logs[1]);
}

static int append_record(sd_bus_message *m, const Entry *entry, const WallClock *clock) {
        _cleanup_(texts_done) Texts t = { 0 };
        const Process *p = process_of(entry);
        const ProcessConfig *c = p->config;
        const char *error = entry_spawn_error(entry, &t.spawn_error);
        int64_t priorities[2] = { c->group_priority, c->priority };

        return sd_bus_message_append(m, BUS_RECORD, bus_text(c->group, &t.group),
                                     bus_text(c->name, &t.name),
                                     process_state_to_string(phase_to_state(p->phase)),
                                     p->goal == GOAL_UP ? "up" : "down", entry_phase(entry),
                                     p->ready, (uint32_t)child_get_pid(entry->child),
                                     wall_clock_of(clock, p->changed_usec),
                                     wall_clock_of(clock, p->spawned_usec),
                                     wall_clock_of(clock, p->ended_usec),
                                     bus_text(error, &t.valid_error),
                                     exit_kind_to_string(p->exit.kind), (int32_t)p->exit.value,
                                     p->exit.core_dumped, (uint32_t)p->failures,
                                     (uint32_t)entry->n_starts,
                                     wall_clock_of(clock, entry_deadline(entry)), c->autostart,
                                     !c->disabled, priorities[0], priorities[1],
                                     bus_text(entry->notify_status, &t.status),
                                     bus_text(entry_log_path(entry, OUTPUT_STDOUT), &t.logs[0]),
                                     bus_text(entry_log_path(entry, OUTPUT_STDERR), &t.logs[1]), 0);
}

/* ---------------------------------------------------------------- pages */

static uint32_t page_size(uint32_t limit) {
        return limit == 0 ? BUS_PAGE_MAX : MIN(limit, (uint32_t)BUS_PAGE_MAX);
}

/* Which entries are meant: a byte for each. */
static int mark_selected(const Supervisor *s, char **names, Selection *selection, char **ret) {
        char *marks;
        int r;

        *ret = NULL;
        if (names && *names)
                r = select_processes(s->engine, names, /* leaving= */ true, selection);
        else
                r = select_all(s->engine, /* leaving= */ true, selection);
        if (r < 0)
                return r;
        marks = calloc(engine_size(s->engine) + 1, 1);
        if (!marks)
                return -ENOMEM;
        for (size_t i = 0; i < selection->n; i++)
                marks[selection->items[i].index] = 1;
        *ret = marks;
        return 0;
}

/* At most @limit records from entry @cursor on; *ret_next is where to go on, 0 at the end. */
static int append_records(sd_bus_message *m,
                          const Supervisor *s,
                          const char *marks,
                          uint32_t page[static 2],
                          const WallClock *clock) {
        uint32_t cursor = page[0], limit = page[1], n = 0;
        size_t i;
        int r;

        r = sd_bus_message_open_container(m, 'a', BUS_RECORD);
        for (i = cursor; r >= 0 && i < engine_size(s->engine) && n < limit; i++) {
                if (!marks[i])
                        continue;
                r = append_record(m, s->entries[i], clock);
                n++;
        }
        page[0] = i < engine_size(s->engine) ? (uint32_t)i : 0;
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int method_list_processes(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(selection_done) Selection selection = { 0 };
        _cleanup_(strv_freep) char **names = NULL;
        _cleanup_(freep) char *marks = NULL;
        const Connection *c = userdata;
        const Supervisor *s = c->bus->supervisor;
        WallClock clock = wall_clock_now();
        uint32_t page[2];
        bool is_first;
        int r;

        r = read_names(m, &names, error);
        if (r >= 0)
                r = sd_bus_message_read(m, "uu", &page[0], &page[1]);
        if (r < 0)
                return r;
        is_first = page[0] == 0;
        page[1] = page_size(page[1]);
        r = mark_selected(s, names, &selection, &marks);
        if (r < 0)
                return call_fail_errno(error, r);

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = append_records(reply, s, marks, page, &clock);
        if (r >= 0)
                r = sd_bus_message_append(reply, "tu", clock.real_usec, page[0]);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', BUS_RESULT);
        for (size_t i = 0; r >= 0 && is_first && i < selection.n_unknown; i++)
                r = append_unknown(reply, &selection.unknown[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* ---------------------------------------------------------------- what is configured */

typedef struct Configured {
        const ProcessConfig *config;
        bool in_use;
} Configured;

static int compare_configured(const void *x, const void *y) {
        const Configured *a = x, *b = y;
        int r = strcmp(a->config->group, b->config->group);

        if (r == 0)
                r = strcmp(a->config->name, b->config->name);
        return r != 0 ? r : (int)b->in_use - (int)a->in_use;
}

/* What is in the table and what was read last, each process once. */
static int list_configured(const Supervisor *s, Configured **ret, size_t *ret_n) {
        const Config *config = supervisor_get_available(s);
        Configured *list;
        size_t n = 0, kept = 0;

        list = calloc(engine_size(s->engine) + config->n_processes + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (p->config)
                        list[n++] = (Configured){ p->next_config ?: p->config, true };
        }
        for (size_t i = 0; i < config->n_processes; i++)
                list[n++] = (Configured){ config->processes[i], false };
        qsort(list, n, sizeof(*list), compare_configured);
        for (size_t i = 0; i < n; i++)
                if (kept == 0 || strcmp(list[kept - 1].config->group, list[i].config->group) != 0 ||
                    strcmp(list[kept - 1].config->name, list[i].config->name) != 0)
                        list[kept++] = list[i];
        *ret = list;
        *ret_n = kept;
        return 0;
}

static int append_configured(sd_bus_message *m, const Configured *item) {
        _cleanup_(freep) char *group = NULL, *name = NULL;
        const ProcessConfig *c = item->config;

        return sd_bus_message_append(m, BUS_CONFIGURED, bus_text(c->group, &group),
                                     bus_text(c->name, &name), item->in_use, c->autostart,
                                     c->group_priority, c->priority);
}

int method_list_configured(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(freep) Configured *list = NULL;
        const Connection *c = userdata;
        uint32_t cursor, limit;
        size_t n, end;
        int r;

        r = sd_bus_message_read(m, "uu", &cursor, &limit);
        if (r < 0)
                return r;
        r = list_configured(c->bus->supervisor, &list, &n);
        if (r < 0)
                return call_fail_errno(error, r);
        end = MIN(n, (size_t)cursor + page_size(limit));

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', BUS_CONFIGURED);
        for (size_t i = cursor; r >= 0 && i < end; i++)
                r = append_configured(reply, &list[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_message_append(reply, "u", end < n ? (uint32_t)end : 0);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* ---------------------------------------------------------------- the plan */

static uint64_t grace_of(const ProcessConfig *c) {
        int64_t usec = process_config_grace_usec(c);

        return usec == DURATION_INFINITY ? USEC_INFINITY : (uint64_t)MAX(usec, 0);
}

static uint64_t worst_stop(const Supervisor *s) {
        const Plan *plan = engine_plan(s->engine);
        uint64_t sum = 0;

        for (size_t w = 0; w < plan->n_waves; w++) {
                uint64_t longest = 0;

                for (size_t k = 0; k < plan->waves[w].n; k++) {
                        const Process *p =
                                engine_get(s->engine, plan->order[plan->waves[w].first + k]);

                        if (p->config)
                                longest = MAX(longest, grace_of(p->config));
                }
                if (longest == USEC_INFINITY)
                        return USEC_INFINITY;
                sum += longest;
        }
        return sum;
}

static int append_step(sd_bus_message *m, const Process *p) {
        _cleanup_(freep) char *group = NULL, *name = NULL;
        const ProcessConfig *c = p->next_config ?: p->config;

        return sd_bus_message_append(m, BUS_STEP, (uint32_t)p->wave, bus_text(c->group, &group),
                                     bus_text(c->name, &name), c->group_priority, c->priority,
                                     grace_of(c));
}

int method_get_plan(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Connection *c = userdata;
        const Supervisor *s = c->bus->supervisor;
        const Plan *plan = engine_plan(s->engine);
        uint32_t cursor, limit;
        size_t end;
        int r;

        r = sd_bus_message_read(m, "uu", &cursor, &limit);
        if (r < 0)
                return r;
        end = MIN(plan->n_order, (size_t)cursor + page_size(limit));

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', BUS_STEP);
        for (size_t k = cursor; r >= 0 && k < end; k++) {
                const Process *p = engine_get(s->engine, plan->order[k]);

                if (p->config)
                        r = append_step(reply, p);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_message_append(reply, "tu", worst_stop(s),
                                          end < plan->n_order ? (uint32_t)end : 0);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* ---------------------------------------------------------------- why */

static int append_change(sd_bus_message *m, const StateChange *change) {
        _cleanup_(freep) char *words = NULL, *owned = NULL;
        int r;

        r = change_describe(change, &words);
        if (r < 0)
                return r;
        return sd_bus_message_append(m, BUS_CHANGE, change->sequence, change->usec,
                                     process_state_to_string(change->from),
                                     process_state_to_string(change->to),
                                     cause_to_string(change->cause), (uint32_t)change->pid,
                                     bus_text(words, &owned));
}

static int append_lines(sd_bus_message *m, char *text) {
        int r = 0;

        for (char *line = text, *end; r >= 0 && line && *line; line = end) {
                _cleanup_(freep) char *owned = NULL;

                end = strchr(line, '\n');
                if (end)
                        *end++ = '\0';
                r = sd_bus_message_append(m, "s", bus_text(line, &owned));
        }
        return r;
}

static int append_output(sd_bus_message *m, const Entry *entry) {
        Output *output = child_get_output(entry->child);
        int r;

        r = sd_bus_message_open_container(m, 'a', "s");
        for (int stream = OUTPUT_STDOUT; r >= 0 && output && stream <= OUTPUT_STDERR; stream++) {
                _cleanup_(freep) char *text = NULL;

                r = output_last_lines(output, (OutputStream)stream, LAST_LINES, &text);
                if (r > 0)
                        r = append_lines(m, text);
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int method_explain(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Connection *c = userdata;
        const Supervisor *s = c->bus->supervisor;
        WallClock clock = wall_clock_now();
        const Entry *entry;
        const char *name;
        size_t index;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r >= 0)
                r = find_process(s, name, &index, error);
        if (r < 0)
                return r;
        entry = s->entries[index];

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = append_record(reply, entry, &clock);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', BUS_CHANGE);
        for (size_t i = 0; r >= 0 && i < entry->history.n; i++)
                r = append_change(reply, history_get(&entry->history, i));
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = append_output(reply, entry);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}
