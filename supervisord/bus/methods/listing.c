/*
 * Answers that only look. Lists are given in pages, so that no client has the daemon put together
 * more than BUS_PAGE_MAX of anything at a time.
 */
#include "bus/methods/listing.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "bus/client/call-arguments.h"
#include "bus/client/connection.h"
#include "bus/client/message.h"
#include "bus/methods/record.h"
#include "daemon/entry/history.h"
#include "daemon/reload.h"
#include "protocol/bus-names.h"

#define LAST_LINES 10

/* ---------------------------------------------------------------- pages */

static uint32_t page_size(uint32_t limit) {
        return limit == 0 ? BUS_PAGE_MAX : MIN(limit, (uint32_t)BUS_PAGE_MAX);
}

/* Mark the processes that @names mean, all if there are none, in a byte for each of the table. */
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

typedef struct Listing { /* what is told of each process */
        const char *contents;
        int (*append)(sd_bus_message *m, const Entry *entry, const WallClock *clock);
} Listing;

/* Append at most page[1] marked processes from the index page[0] on, and where the next page
 * begins; page[0] becomes that, or 0 at the end. */
static int append_page(sd_bus_message *m,
                       const Supervisor *s,
                       const Listing *listing,
                       const char *marks,
                       uint32_t page[static 2]) {
        WallClock clock = wall_clock_now();
        uint32_t n = 0;
        size_t i;
        int r;

        r = sd_bus_message_open_container(m, 'a', listing->contents);
        for (i = page[0]; r >= 0 && i < engine_size(s->engine) && n < page[1]; i++) {
                if (!marks[i])
                        continue;
                r = listing->append(m, s->entries[i], &clock);
                n++;
        }
        page[0] = i < engine_size(s->engine) ? (uint32_t)i : 0;
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : sd_bus_message_append(m, "tu", clock.real_usec, page[0]);
}

static int
list(sd_bus_message *m, const Supervisor *s, const Listing *listing, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(selection_done) Selection selection = { 0 };
        _cleanup_(strv_freep) char **names = NULL;
        _cleanup_(freep) char *marks = NULL;
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
                r = append_page(reply, s, listing, marks, page);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', BUS_RESULT);
        if (r >= 0 && is_first)
                r = append_all_unknown(reply, &selection);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int method_list_processes(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        static const Listing records = { BUS_RECORD, append_record };

        return list(m, ((Connection *)userdata)->supervisor, &records, error);
}

int method_list_states(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        static const Listing states = { BUS_STATE, append_state };

        return list(m, ((Connection *)userdata)->supervisor, &states, error);
}

/* ---------------------------------------------------------------- what is configured */

typedef struct ListedConfig {
        const ProcessConfig *config;
        bool in_use;
} ListedConfig;

static int compare_configured(const void *x, const void *y) {
        const ListedConfig *a = x, *b = y;
        int r = strcmp(a->config->group, b->config->group);

        if (r == 0)
                r = strcmp(a->config->name, b->config->name);
        return r != 0 ? r : (int)b->in_use - (int)a->in_use;
}

/* What is in the table and what was read last, each process once. */
static int list_configured(const Supervisor *s, ListedConfig **ret, size_t *ret_n) {
        const Config *config = supervisor_get_available(s);
        ListedConfig *list;
        size_t n = 0, kept = 0;

        list = calloc(engine_size(s->engine) + config->n_processes + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (p->config)
                        list[n++] = (ListedConfig){ p->next_config ?: p->config, true };
        }
        for (size_t i = 0; i < config->n_processes; i++)
                list[n++] = (ListedConfig){ config->processes[i], false };
        qsort(list, n, sizeof(*list), compare_configured);
        for (size_t i = 0; i < n; i++)
                if (kept == 0 || strcmp(list[kept - 1].config->group, list[i].config->group) != 0 ||
                    strcmp(list[kept - 1].config->name, list[i].config->name) != 0)
                        list[kept++] = list[i];
        *ret = list;
        *ret_n = kept;
        return 0;
}

static int append_configured(sd_bus_message *m, const ListedConfig *item) {
        _cleanup_(freep) char *group = NULL, *name = NULL;
        const ProcessConfig *c = item->config;

        return sd_bus_message_append(m, BUS_CONFIGURED, message_text(c->group, &group),
                                     message_text(c->name, &name), item->in_use,
                                     c->settings->autostart, c->group_priority, c->priority);
}

int method_list_configured(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(freep) ListedConfig *list = NULL;
        const Connection *c = userdata;
        uint32_t cursor, limit;
        size_t n, end;
        int r;

        r = sd_bus_message_read(m, "uu", &cursor, &limit);
        if (r < 0)
                return r;
        r = list_configured(c->supervisor, &list, &n);
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

        return sd_bus_message_append(m, BUS_STEP, (uint32_t)p->wave, message_text(c->group, &group),
                                     message_text(c->name, &name), c->group_priority, c->priority,
                                     grace_of(c));
}

int method_get_plan(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Connection *c = userdata;
        const Supervisor *s = c->supervisor;
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
                                     message_text(words, &owned));
}

static int append_lines(sd_bus_message *m, char *text) {
        int r = 0;

        for (char *line = text, *end; r >= 0 && line && *line; line = end) {
                end = strchr(line, '\n');
                if (end)
                        *end++ = '\0';
                r = append_text(m, line);
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
        const Supervisor *s = c->supervisor;
        WallClock clock = wall_clock_now();
        const Entry *entry;
        const char *name;
        size_t index;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r >= 0)
                r = find_process(s->engine, name, &index, error);
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
