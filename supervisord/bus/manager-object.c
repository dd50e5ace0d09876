/* The object of the whole: what supervisord-bus(5) calls the manager. */

#include <string.h>

#include "bus/client/connection.h"
#include "protocol/version.h"

static const Supervisor *supervisor_of(const void *userdata) {
        return ((const Connection *)userdata)->bus->supervisor;
}

static const char *state_of(const Supervisor *s) {
        if (engine_shutdown_mode(s->engine) == SHUTDOWN_NONE)
                return "RUNNING";
        return s->restarts ? "RESTARTING" : "SHUTDOWN";
}

static int state_code_of(const Supervisor *s) {
        if (engine_shutdown_mode(s->engine) == SHUTDOWN_NONE)
                return 1;
        return s->restarts ? 0 : -1;
}

static uint32_t count_processes(const Supervisor *s) {
        uint32_t n = 0;

        for (size_t i = 0; i < engine_size(s->engine); i++)
                n += engine_get(s->engine, i)->config != NULL;
        return n;
}

static const char *text_property(const Supervisor *s, const char *property) {
        if (strcmp(property, "Version") == 0)
                return SUPERVISORD_VERSION;
        if (strcmp(property, "APIVersion") == 0)
                return "3.0";
        if (strcmp(property, "Identifier") == 0)
                return s->config->daemon.identifier;
        if (strcmp(property, "State") == 0)
                return state_of(s);
        if (strcmp(property, "LogFile") == 0)
                return s->config->daemon.syslog ? "" : s->config->daemon.logfile;
        return s->options->config_path;
}

/* NOLINTBEGIN(readability-function-size): the arguments are libsystemd's */

static int get_text(sd_bus *link,
                    const char *path,
                    const char *interface,
                    const char *property,
                    sd_bus_message *reply,
                    void *userdata,
                    sd_bus_error *error) {
        _cleanup_(freep) char *owned = NULL;

        return sd_bus_message_append(reply, "s",
                                     bus_text(text_property(supervisor_of(userdata), property),
                                              &owned));
}

static int get_number(sd_bus *link,
                      const char *path,
                      const char *interface,
                      const char *property,
                      sd_bus_message *reply,
                      void *userdata,
                      sd_bus_error *error) {
        const Supervisor *s = supervisor_of(userdata);

        if (strcmp(property, "PID") == 0)
                return sd_bus_message_append(reply, "u", (uint32_t)getpid());
        if (strcmp(property, "NumberOfProcesses") == 0)
                return sd_bus_message_append(reply, "u", count_processes(s));
        return sd_bus_message_append(reply, "u", (uint32_t)s->bus->n_connections);
}

static int get_time(sd_bus *link,
                    const char *path,
                    const char *interface,
                    const char *property,
                    sd_bus_message *reply,
                    void *userdata,
                    sd_bus_error *error) {
        const Supervisor *s = supervisor_of(userdata);
        WallClock clock = wall_clock_now();

        if (strcmp(property, "StartedTime") == 0)
                return sd_bus_message_append(reply, "t", wall_clock_of(&clock, s->started_usec));
        if (strcmp(property, "Sequence") == 0)
                return sd_bus_message_append(reply, "t", s->sequence);
        return sd_bus_message_append(reply, "t",
                                     engine_remaining_stop_usec(s->engine, supervisor_now()));
}

static int get_state_code(sd_bus *link,
                          const char *path,
                          const char *interface,
                          const char *property,
                          sd_bus_message *reply,
                          void *userdata,
                          sd_bus_error *error) {
        return sd_bus_message_append(reply, "i", (int32_t)state_code_of(supervisor_of(userdata)));
}

/* NOLINTEND(readability-function-size) */

/* What a caller may do is decided before, see access.h. */
#define OPEN_TO_ALL SD_BUS_VTABLE_UNPRIVILEGED
#define TEXT(name) SD_BUS_PROPERTY(name, "s", get_text, 0, 0)

#define NAMES SD_BUS_ARGS("as", names)
#define NAMES_AND_OPTIONS SD_BUS_ARGS("as", names, "a{sv}", options)
#define PAGE "u", cursor, "u", limit
#define RESULTS SD_BUS_RESULT("a" BUS_RESULT, results)

const sd_bus_vtable bus_manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        TEXT("Version"),
        TEXT("APIVersion"),
        TEXT("Identifier"),
        TEXT("State"),
        TEXT("ConfigurationFile"),
        TEXT("LogFile"),
        SD_BUS_PROPERTY("StateCode", "i", get_state_code, 0, 0),
        SD_BUS_PROPERTY("PID", "u", get_number, 0, 0),
        SD_BUS_PROPERTY("NumberOfProcesses", "u", get_number, 0, 0),
        SD_BUS_PROPERTY("NumberOfConnections", "u", get_number, 0, 0),
        SD_BUS_PROPERTY("StartedTime", "t", get_time, 0, 0),
        SD_BUS_PROPERTY("Sequence", "t", get_time, 0, 0),
        SD_BUS_PROPERTY("ShutdownRemaining", "t", get_time, 0, 0),

        SD_BUS_METHOD_WITH_ARGS("ListProcesses",
                                SD_BUS_ARGS("as", names, PAGE),
                                SD_BUS_RESULT("a" BUS_RECORD,
                                              processes,
                                              "t",
                                              now,
                                              "u",
                                              next,
                                              "a" BUS_RESULT,
                                              unknown),
                                method_list_processes,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("ListStates",
                                SD_BUS_ARGS("as", names, PAGE),
                                SD_BUS_RESULT("a" BUS_STATE,
                                              processes,
                                              "t",
                                              now,
                                              "u",
                                              next,
                                              "a" BUS_RESULT,
                                              unknown),
                                method_list_states,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("ListConfigured",
                                SD_BUS_ARGS(PAGE),
                                SD_BUS_RESULT("a" BUS_CONFIGURED, processes, "u", next),
                                method_list_configured,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Explain",
                                SD_BUS_ARGS("s", name),
                                SD_BUS_RESULT(BUS_RECORD,
                                              process,
                                              "a" BUS_CHANGE,
                                              changes,
                                              "as",
                                              output),
                                method_explain,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("GetPlan",
                                SD_BUS_ARGS(PAGE),
                                SD_BUS_RESULT("a" BUS_STEP, steps, "t", worst, "u", next),
                                method_get_plan,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Wait",
                                SD_BUS_ARGS("as", names, "s", target, "a{sv}", options),
                                RESULTS,
                                method_wait,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Subscribe",
                                SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("t", sequence),
                                method_subscribe,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Unsubscribe",
                                SD_BUS_NO_ARGS,
                                SD_BUS_NO_RESULT,
                                method_unsubscribe,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("GetEvents",
                                SD_BUS_ARGS("t", since),
                                SD_BUS_RESULT("a(ttsssssus)", changes, "b", complete),
                                method_get_events,
                                OPEN_TO_ALL),

        SD_BUS_METHOD_WITH_ARGS("Start", NAMES_AND_OPTIONS, RESULTS, method_start, OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Stop", NAMES_AND_OPTIONS, RESULTS, method_stop, OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Restart", NAMES_AND_OPTIONS, RESULTS, method_restart, OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Roll", NAMES_AND_OPTIONS, RESULTS, method_roll, OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Reload", NAMES, RESULTS, method_reload, OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Kill", NAMES_AND_OPTIONS, RESULTS, method_kill, OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Signal",
                                SD_BUS_ARGS("s", signal, "as", names),
                                RESULTS,
                                method_signal,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Cancel",
                                SD_BUS_ARGS("t", operation),
                                SD_BUS_NO_RESULT,
                                method_cancel,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Enable", NAMES, RESULTS, method_enable, OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Disable", NAMES, RESULTS, method_disable, OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Scale",
                                SD_BUS_ARGS("s", program, "u", number),
                                RESULTS,
                                method_scale,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("SendInput",
                                SD_BUS_ARGS("s", name, "ay", data),
                                SD_BUS_NO_RESULT,
                                method_send_input,
                                OPEN_TO_ALL),

        SD_BUS_METHOD_WITH_ARGS("OpenLog",
                                SD_BUS_ARGS("s", name, "s", stream),
                                SD_BUS_RESULT("h", file, "s", path, "t", size),
                                method_open_log,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("OpenMainLog",
                                SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("h", file, "s", path, "t", size),
                                method_open_main_log,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("ClearLog", NAMES, RESULTS, method_clear_log, OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("RotateLog", NAMES, RESULTS, method_rotate_log, OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("ClearMainLog",
                                SD_BUS_NO_ARGS,
                                SD_BUS_NO_RESULT,
                                method_clear_main_log,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("ReopenLogs",
                                SD_BUS_NO_ARGS,
                                SD_BUS_NO_RESULT,
                                method_reopen_logs,
                                OPEN_TO_ALL),

        SD_BUS_METHOD_WITH_ARGS("Reread",
                                SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("as", added, "as", changed, "as", removed),
                                method_reread,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("PlanUpdate",
                                SD_BUS_ARGS("as", groups),
                                SD_BUS_RESULT("a" BUS_UPDATE, plan),
                                method_plan_update,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Update",
                                SD_BUS_ARGS("as", groups, "a{sv}", options),
                                RESULTS,
                                method_update,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("AddGroup",
                                SD_BUS_ARGS("s", group),
                                SD_BUS_NO_RESULT,
                                method_add_group,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("RemoveGroup",
                                SD_BUS_ARGS("s", group),
                                SD_BUS_NO_RESULT,
                                method_remove_group,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Shutdown",
                                SD_BUS_ARGS("s", how),
                                SD_BUS_NO_RESULT,
                                method_shutdown,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("RestartDaemon",
                                SD_BUS_NO_ARGS,
                                SD_BUS_NO_RESULT,
                                method_restart_daemon,
                                OPEN_TO_ALL),

        SD_BUS_SIGNAL_WITH_ARGS("ProcessChanged",
                                SD_BUS_ARGS("t",
                                            sequence,
                                            "t",
                                            time,
                                            "s",
                                            group,
                                            "s",
                                            name,
                                            "s",
                                            from,
                                            "s",
                                            to,
                                            "s",
                                            cause,
                                            "u",
                                            pid,
                                            "s",
                                            message),
                                0),
        SD_BUS_SIGNAL_WITH_ARGS("ReadyChanged",
                                SD_BUS_ARGS("t",
                                            sequence,
                                            "t",
                                            time,
                                            "s",
                                            group,
                                            "s",
                                            name,
                                            "b",
                                            ready),
                                0),
        SD_BUS_SIGNAL_WITH_ARGS("ConfigurationChanged",
                                SD_BUS_ARGS("t",
                                            sequence,
                                            "t",
                                            time,
                                            "as",
                                            added,
                                            "as",
                                            changed,
                                            "as",
                                            removed),
                                0),
        SD_BUS_SIGNAL_WITH_ARGS("ShutdownBegan",
                                SD_BUS_ARGS("t", sequence, "t", time, "s", how),
                                0),
        SD_BUS_SIGNAL_WITH_ARGS("OperationProgress",
                                SD_BUS_ARGS("t", operation, BUS_RESULT, result),
                                0),
        SD_BUS_VTABLE_END,
};

static int
list_nothing(sd_bus *bus, const char *path, void *userdata, char ***ret, sd_bus_error *error) {
        return 0;
}

/*
 * Libsystemd makes the nodes above an object with it, and without memory forgets those that it has
 * made so far: freeing the connection then aborts. So each node is made by itself, from the root
 * down, with something in it that has it freed.
 */
static int add_ancestors(sd_bus *link) {
        static const char *const paths[] = { "/", "/org" };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(paths) && r >= 0; i++)
                r = sd_bus_add_node_enumerator(link, NULL, paths[i], list_nothing, NULL);
        return r;
}

int bus_add_objects(Connection *c) {
        int r;

        r = add_ancestors(c->link);
        if (r >= 0)
                r = sd_bus_add_object_vtable(c->link, NULL, BUS_PATH, BUS_MANAGER,
                                             bus_manager_vtable, c);
        if (r >= 0)
                r = sd_bus_add_fallback_vtable(c->link, NULL, BUS_PROCESS_PATH, BUS_PROCESS,
                                               bus_process_vtable, bus_find_process_object, c);
        if (r >= 0)
                r = sd_bus_add_node_enumerator(c->link, NULL, BUS_PROCESS_PATH,
                                               bus_list_process_objects, c);
        return r;
}
