/*
 * Deeds that are done when they are answered. Each goes over the processes that a call means and
 * has a result for each; nothing waits for what follows from it.
 */
#include "bus/methods/at-once.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "bus/client/call-arguments.h"
#include "bus/client/message.h"
#include "bus/client/select.h"
#include "daemon/act/remembered.h"
#include "daemon/entry/hook.h"
#include "log/log.h"
#include "protocol/bus-names.h"

static OperationResult result_of_deed(const ForEach *each, const ProcessConfig *config, int r) {
        OperationResult result = { config->group, config->name, "", "", "" };

        if (r >= 0)
                result.done = each->done;
        else if (r == -ESRCH)
                result.error = BUS_ERROR_NOT_RUNNING;
        else if (r == -ENOENT)
                result.error = BUS_ERROR_NO_FILE;
        else {
                result.error = BUS_ERROR_FAILED;
                result.message = r == -ENOTSUP ? "it has no reload_command and no reload_signal"
                                               : strerror(-r);
        }
        return result;
}

static int
append_all(sd_bus_message *reply, Supervisor *s, const Selection *selection, const ForEach *each) {
        int r;

        r = sd_bus_message_open_container(reply, 'a', BUS_RESULT);
        if (r >= 0)
                r = append_all_unknown(reply, selection);
        for (size_t i = 0; r >= 0 && i < selection->n; i++) {
                const Selected *item = &selection->items[i];
                int k = each->act(s->entries[item->index], each->argument);
                OperationResult result =
                        result_of_deed(each, engine_get(s->engine, item->index)->config, k);

                if (k != -ESRCH || item->named)
                        r = append_result(reply, &result);
        }
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int for_each_process(sd_bus_message *m,
                     Connection *c,
                     char **names,
                     const ForEach *each,
                     sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(selection_done) Selection selection = { 0 };
        Supervisor *s = c->supervisor;
        int r;

        r = select_processes(s->engine, names, /* leaving= */ true, &selection);
        if (r < 0)
                return call_fail_errno(error, r);
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = append_all(reply, s, &selection, each);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* ---------------------------------------------------------------- signals */

/* Send signal @signo to the main process of @entry. Returns 0, -ESRCH if it has none, or -errno. */
static int signal_process(Entry *entry, int signo) {
        if (child_get_pid(entry->child) <= 0)
                return -ESRCH;
        return child_signal(entry->child, CHILD_LEADER, signo);
}

static int act_signal(Entry *entry, void *argument) {
        return signal_process(entry, *(int *)argument);
}

int method_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(strv_freep) char **names = NULL;
        int signo = 0, r;
        ForEach each = { .act = act_signal, .argument = &signo, .done = "signalled" };
        const char *text;

        r = sd_bus_message_read(m, "s", &text);
        if (r >= 0)
                r = read_signal(text, &signo, error);
        if (r >= 0)
                r = read_names(m, &names, error);
        return r < 0 ? r : for_each_process(m, userdata, names, &each, error);
}

int process_method_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *text;
        int signo, r;

        r = sd_bus_message_read(m, "s", &text);
        if (r >= 0)
                r = read_signal(text, &signo, error);
        if (r < 0)
                return r;
        r = signal_process(((ProcessObject *)userdata)->entry, signo);
        if (r == -ESRCH)
                return call_fail(error, BUS_ERROR_NOT_RUNNING, "it is not running");
        return r < 0 ? call_fail_errno(error, r) : sd_bus_reply_method_return(m, "");
}

/* ---------------------------------------------------------------- reload */

static int act_reload(Entry *entry, void *argument) {
        return entry_reload(entry);
}

int method_reload(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        ForEach each = { .act = act_reload, .done = "reloaded" };
        _cleanup_(strv_freep) char **names = NULL;
        int r;

        r = read_names(m, &names, error);
        return r < 0 ? r : for_each_process(m, userdata, names, &each, error);
}

/* ---------------------------------------------------------------- enable, disable */

static int set_disabled(Entry *entry, bool disabled) {
        Supervisor *s = entry->supervisor;
        const Process *p = engine_get(s->engine, entry->index);
        int r;

        r = remembered_set(s->remembered, p->config->group, p->config->name, disabled);
        if (r < 0)
                return r;
        engine_set_disabled(s->engine, entry->index, disabled);
        return 0;
}

static int act_enable(Entry *entry, void *argument) {
        return set_disabled(entry, /* disabled= */ false);
}

static int act_disable(Entry *entry, void *argument) {
        return set_disabled(entry, /* disabled= */ true);
}

static void on_saved(int result) {
        if (result < 0)
                log_warn("what is disabled cannot be remembered, it holds until supervisord ends: "
                         "%s",
                         strerror(-result));
}

static int enable(sd_bus_message *m, Connection *c, const ForEach *each, sd_bus_error *error) {
        const Supervisor *s = c->supervisor;
        _cleanup_(strv_freep) char **names = NULL;
        int r;

        r = read_names(m, &names, error);
        if (r >= 0)
                r = for_each_process(m, c, names, each, error);
        if (r < 0)
                return r;
        remembered_save(s->remembered, s->options->writers, on_saved);
        return 1;
}

int method_enable(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        ForEach each = { .act = act_enable, .done = "enabled" };

        return enable(m, userdata, &each, error);
}

int method_disable(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        ForEach each = { .act = act_disable, .done = "disabled" };

        return enable(m, userdata, &each, error);
}

/* ---------------------------------------------------------------- input */

int method_send_input(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const Connection *c = userdata;
        const Supervisor *s = c->supervisor;
        const char *name;
        const void *data;
        size_t size, index;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r >= 0)
                r = sd_bus_message_read_array(m, 'y', &data, &size);
        if (r >= 0)
                r = find_process(s->engine, name, &index, error);
        if (r < 0)
                return r;
        if (child_get_pid(s->entries[index]->child) <= 0)
                return call_fail(error, BUS_ERROR_NOT_RUNNING, "%s is not running", name);
        r = output_send_input(child_get_output(s->entries[index]->child), data, size);
        if (r == -ENOENT || r == -EPIPE)
                return call_fail(error, BUS_ERROR_NO_FILE, "%s reads no input from us", name);
        if (r == -EAGAIN)
                return call_fail(error, BUS_ERROR_FAILED, "%s has not read what it was sent before",
                                 name);
        if (r < 0)
                return call_fail_errno(error, r);
        return sd_bus_reply_method_return(m, "");
}
