/*
 * From messages to answers. The fields of a struct are read in the order in which
 * protocol/bus-names.h has their types.
 */
#include "ctl/client/answer-reader.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/macro.h"
#include "protocol/bus-names.h"

/* Reads one element into the zeroed @element, which is freed after a failure as well. */
typedef int (*ReadElement)(sd_bus_message *m, void *element);

typedef struct ArrayReader {
        const char *fields; /* of one struct */
        size_t size;        /* of an element in memory */
        ReadElement read;
} ArrayReader;

/* Read an array of structs behind the @n elements that @array has. An element that cannot be read
 * counts, too, so that it is freed with the others. */
static int read_array(sd_bus_message *m, const ArrayReader *reader, void **array, size_t *n) {
        char contents[64];
        int r;

        (void)snprintf(contents, sizeof(contents), "(%s)", reader->fields);
        r = sd_bus_message_enter_container(m, 'a', contents);
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'r', reader->fields)) > 0) {
                void *room = array_room(*array, *n, reader->size), *element;

                if (!room)
                        return -ENOMEM;
                *array = room;
                element = (char *)room + *n * reader->size;
                memset(element, 0, reader->size);
                (*n)++;
                r = reader->read(m, element);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int own(const char *text, char **target) {
        char *copy = strdup(text);

        if (!copy)
                return -ENOMEM;
        free(*target);
        *target = copy;
        return 0;
}

/* Read a string and own a copy. */
static int read_string(sd_bus_message *m, char **ret) {
        const char *text;
        int r;

        r = sd_bus_message_read_basic(m, 's', &text);
        if (r < 0)
                return r;
        return own(text, ret);
}

/* The same for each of @n strings in a row. */
static int read_strings(sd_bus_message *m, char **const targets[], size_t n) {
        for (size_t i = 0; i < n; i++) {
                int r = read_string(m, targets[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

#define READ_STRINGS(m, ...)                             \
        read_strings(m, (char **const[]){ __VA_ARGS__ }, \
                     sizeof((char **[]){ __VA_ARGS__ }) / sizeof(char **))

/* One of the fields that only some processes have. */
static int read_more(sd_bus_message *m, ProcessInfo *p) {
        const char *name, *text;
        uint32_t number = 0;
        int r;

        r = sd_bus_message_read_basic(m, 's', &name);
        if (r < 0)
                return r;
        if (strcmp(name, "HealthFailures") == 0) {
                r = sd_bus_message_read(m, "v", "u", &number);
                p->health_failures = number;
                return r;
        }
        if (strcmp(name, "Health") != 0 && strcmp(name, "HealthText") != 0)
                return sd_bus_message_skip(m, "v"); /* from a newer daemon */
        r = sd_bus_message_read(m, "v", "s", &text);
        if (r < 0)
                return r;
        return own(text, strcmp(name, "Health") == 0 ? &p->health : &p->health_text);
}

static int read_all_more(sd_bus_message *m, ProcessInfo *p) {
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_more(m, p);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* sd-bus reads a boolean into an int. */
static int read_process_fields(sd_bus_message *m, ProcessInfo *p) {
        int ready = 0, dumped = 0, autostart = 0, enabled = 0, r;
        uint32_t pid = 0;
        int32_t value = 0;

        r = READ_STRINGS(m, &p->group, &p->name, &p->state, &p->goal, &p->phase);
        if (r >= 0)
                r = sd_bus_message_read(m, "buttt", &ready, &pid, &p->changed, &p->started,
                                        &p->stopped);
        if (r >= 0)
                r = READ_STRINGS(m, &p->spawn_error, &p->exit_kind);
        if (r >= 0)
                r = sd_bus_message_read(m, "ibuutbbxx", &value, &dumped, &p->failures, &p->starts,
                                        &p->deadline, &autostart, &enabled, &p->group_priority,
                                        &p->priority);
        if (r >= 0)
                r = READ_STRINGS(m, &p->status_text, &p->log[0], &p->log[1]);
        p->ready = ready;
        p->pid = (pid_t)pid;
        p->exit_value = value;
        p->dumped_core = dumped;
        p->autostart = autostart;
        p->enabled = enabled;
        return r < 0 ? r : read_all_more(m, p);
}

static int read_process(sd_bus_message *m, void *element) {
        return read_process_fields(m, element);
}

int read_process_infos(sd_bus_message *m, ProcessList *ret) {
        static const ArrayReader reader = { BUS_RECORD_FIELDS, sizeof(ProcessInfo), read_process };

        return read_array(m, &reader, (void **)&ret->items, &ret->n);
}

static int read_state(sd_bus_message *m, void *element) {
        ProcessInfo *p = element;
        uint32_t pid = 0;
        int r;

        r = READ_STRINGS(m, &p->group, &p->name, &p->state);
        if (r >= 0)
                r = sd_bus_message_read(m, "utt", &pid, &p->started, &p->stopped);
        p->pid = (pid_t)pid;
        return r < 0 ? r : read_string(m, &p->spawn_error);
}

int read_process_states(sd_bus_message *m, ProcessList *ret) {
        static const ArrayReader reader = { BUS_STATE_FIELDS, sizeof(ProcessInfo), read_state };

        return read_array(m, &reader, (void **)&ret->items, &ret->n);
}

int read_process_info(sd_bus_message *m, ProcessInfo *ret) {
        int r;

        r = sd_bus_message_enter_container(m, 'r', BUS_RECORD_FIELDS);
        if (r >= 0)
                r = read_process_fields(m, ret);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_outcome(sd_bus_message *m, void *element) {
        _cleanup_(freep) char *error = NULL;
        Outcome *result = element;
        int r;

        r = READ_STRINGS(m, &result->group, &result->name, &result->done, &error, &result->message);
        if (r >= 0)
                result->error = fault_from_name(error);
        return r;
}

int read_outcomes(sd_bus_message *m, Outcomes *ret) {
        static const ArrayReader reader = { BUS_RESULT_FIELDS, sizeof(Outcome), read_outcome };

        return read_array(m, &reader, (void **)&ret->items, &ret->n);
}

static int read_one_configured(sd_bus_message *m, void *element) {
        ConfiguredProcess *c = element;
        int in_use = 0, autostart = 0, r;

        r = READ_STRINGS(m, &c->group, &c->name);
        if (r >= 0)
                r = sd_bus_message_read(m, "bbxx", &in_use, &autostart, &c->group_priority,
                                        &c->priority);
        c->in_use = in_use;
        c->autostart = autostart;
        return r;
}

int read_configured(sd_bus_message *m, ConfiguredList *ret) {
        static const ArrayReader reader = { BUS_CONFIGURED_FIELDS, sizeof(ConfiguredProcess),
                                            read_one_configured };

        return read_array(m, &reader, (void **)&ret->items, &ret->n);
}

static int read_change(sd_bus_message *m, void *element) {
        DaemonEvent *e = element;
        uint32_t pid = 0;
        int r;

        r = sd_bus_message_read(m, "tt", &e->sequence, &e->time);
        if (r >= 0)
                r = READ_STRINGS(m, &e->from, &e->to, &e->cause);
        if (r >= 0)
                r = sd_bus_message_read(m, "u", &pid);
        e->pid = (pid_t)pid;
        return r < 0 ? r : read_string(m, &e->message);
}

int read_changes(sd_bus_message *m, DaemonEvent **ret, size_t *ret_n) {
        static const ArrayReader reader = { BUS_CHANGE_FIELDS, sizeof(DaemonEvent), read_change };

        return read_array(m, &reader, (void **)ret, ret_n);
}

static int read_update_step(sd_bus_message *m, void *element) {
        UpdateStep *s = element;
        int r;

        r = READ_STRINGS(m, &s->group, &s->name, &s->action);
        return r < 0 ? r : sd_bus_message_read_strv(m, &s->keys);
}

int read_update_plan(sd_bus_message *m, UpdatePlan *ret) {
        static const ArrayReader reader = { BUS_UPDATE_FIELDS, sizeof(UpdateStep),
                                            read_update_step };

        return read_array(m, &reader, (void **)&ret->items, &ret->n);
}

static int read_plan_step(sd_bus_message *m, void *element) {
        PlanStep *s = element;
        uint32_t wave = 0;
        int r;

        r = sd_bus_message_read(m, "u", &wave);
        s->wave = wave;
        if (r >= 0)
                r = READ_STRINGS(m, &s->group, &s->name);
        if (r >= 0)
                r = sd_bus_message_read(m, "xxt", &s->group_priority, &s->priority, &s->grace_usec);
        return r;
}

int read_plan_steps(sd_bus_message *m, DaemonPlan *ret) {
        static const ArrayReader reader = { BUS_STEP_FIELDS, sizeof(PlanStep), read_plan_step };

        return read_array(m, &reader, (void **)&ret->items, &ret->n);
}

static int read_process_event(sd_bus_message *m, DaemonEvent *e) {
        uint32_t pid = 0;
        int r;

        e->kind = EVENT_PROCESS;
        r = READ_STRINGS(m, &e->group, &e->name, &e->from, &e->to, &e->cause);
        if (r >= 0)
                r = sd_bus_message_read(m, "u", &pid);
        e->pid = (pid_t)pid;
        return r < 0 ? r : read_string(m, &e->message);
}

static int read_ready_event(sd_bus_message *m, DaemonEvent *e) {
        int ready = 0, r;

        e->kind = EVENT_READY;
        r = READ_STRINGS(m, &e->group, &e->name);
        if (r >= 0)
                r = sd_bus_message_read(m, "b", &ready);
        e->ready = ready;
        return r;
}

static int read_configuration_event(sd_bus_message *m, DaemonEvent *e) {
        int r = 0;

        e->kind = EVENT_CONFIGURATION;
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(e->groups); i++)
                r = sd_bus_message_read_strv(m, &e->groups[i]);
        return r;
}

static int read_shutdown_event(sd_bus_message *m, DaemonEvent *e) {
        e->kind = EVENT_SHUTDOWN;
        return read_string(m, &e->how);
}

int read_event(sd_bus_message *m, DaemonEvent *ret) {
        static const struct {
                const char *member;
                int (*read)(sd_bus_message *m, DaemonEvent *e);
        } table[] = {
                { "ProcessChanged", read_process_event },
                { "ReadyChanged", read_ready_event },
                { "ConfigurationChanged", read_configuration_event },
                { "ShutdownBegan", read_shutdown_event },
        };
        const char *member = sd_bus_message_get_member(m);
        DaemonEvent e = { 0 };
        int r;

        for (size_t i = 0; member && i < ELEMENTSOF(table); i++) {
                if (strcmp(table[i].member, member) != 0)
                        continue;
                r = sd_bus_message_read(m, "tt", &e.sequence, &e.time);
                if (r >= 0)
                        r = table[i].read(m, &e);
                if (r < 0) {
                        daemon_event_done(&e);
                        return r;
                }
                *ret = e;
                return 1;
        }
        return 0;
}
