/*
 * The table of the manager. To add a property or method: a row here, its handler in methods/, its
 * description in supervisord-bus(5); a unit test holds the rows against the page.
 */
#include "bus/manager-object.h"

#include "base/clock.h"
#include "base/macro.h"
#include "bus/client/connection.h"
#include "bus/client/message.h"
#include "bus/methods/at-once.h"
#include "bus/methods/configure.h"
#include "bus/methods/ending.h"
#include "bus/methods/listing.h"
#include "bus/methods/log-files.h"
#include "bus/methods/operate.h"
#include "bus/methods/record.h"
#include "bus/methods/rolling-restart.h"
#include "bus/methods/subscription.h"
#include "protocol/bus-names.h"
#include "protocol/version.h"

/* ---------------------------------------------------------------- values */

static const Supervisor *supervisor_of(const void *connection) {
        return ((const Connection *)connection)->supervisor;
}

static bool is_shutting_down(const Supervisor *s) {
        return engine_shutdown_mode(s->engine) != SHUTDOWN_NONE;
}

static int get_version(sd_bus_message *m, const void *connection) {
        return append_text(m, SUPERVISORD_VERSION);
}

static int get_api_version(sd_bus_message *m, const void *connection) {
        return append_text(m, "3.0");
}

static int get_identifier(sd_bus_message *m, const void *connection) {
        return append_text(m, supervisor_of(connection)->config->daemon.identifier);
}

static int get_daemon_state(sd_bus_message *m, const void *connection) {
        const Supervisor *s = supervisor_of(connection);

        if (!is_shutting_down(s))
                return append_text(m, "RUNNING");
        return append_text(m, s->ending.restarts ? "RESTARTING" : "SHUTDOWN");
}

static int get_daemon_state_code(sd_bus_message *m, const void *connection) {
        const Supervisor *s = supervisor_of(connection);

        return sd_bus_message_append(m, "i", !is_shutting_down(s) ? 1 : s->ending.restarts ? 0 : -1);
}

static int get_configuration_file(sd_bus_message *m, const void *connection) {
        return append_text(m, supervisor_of(connection)->options->config_path);
}

static int get_log_file(sd_bus_message *m, const void *connection) {
        const DaemonConfig *config = &supervisor_of(connection)->config->daemon;

        return append_text(m, config->syslog ? "" : config->logfile);
}

static int get_daemon_pid(sd_bus_message *m, const void *connection) {
        return sd_bus_message_append(m, "u", (uint32_t)getpid());
}

static int get_number_of_processes(sd_bus_message *m, const void *connection) {
        const Engine *e = supervisor_of(connection)->engine;
        uint32_t n = 0;

        for (size_t i = 0; i < engine_size(e); i++)
                n += engine_get(e, i)->config != NULL;
        return sd_bus_message_append(m, "u", n);
}

static int get_number_of_connections(sd_bus_message *m, const void *connection) {
        return sd_bus_message_append(m, "u",
                                     (uint32_t)((const Connection *)connection)->clients->n);
}

static int get_daemon_started(sd_bus_message *m, const void *connection) {
        WallClock clock = wall_clock_now();

        return sd_bus_message_append(m, "t",
                                     wall_clock_of(&clock,
                                                   supervisor_of(connection)->outside.started_usec));
}

static int get_sequence(sd_bus_message *m, const void *connection) {
        return sd_bus_message_append(m, "t", supervisor_of(connection)->news.sequence);
}

static int get_shutdown_remaining(sd_bus_message *m, const void *connection) {
        return sd_bus_message_append(m, "t",
                                     engine_remaining_stop_usec(supervisor_of(connection)->engine,
                                                                now_usec()));
}

/* ---------------------------------------------------------------- the table */

static const PropertyRow properties[] = {
        { "Version", "s", get_version },
        { "APIVersion", "s", get_api_version },
        { "Identifier", "s", get_identifier },
        { "State", "s", get_daemon_state },
        { "ConfigurationFile", "s", get_configuration_file },
        { "LogFile", "s", get_log_file },
        { "StateCode", "i", get_daemon_state_code },
        { "PID", "u", get_daemon_pid },
        { "NumberOfProcesses", "u", get_number_of_processes },
        { "NumberOfConnections", "u", get_number_of_connections },
        { "StartedTime", "t", get_daemon_started },
        { "Sequence", "t", get_sequence },
        { "ShutdownRemaining", "t", get_shutdown_remaining },
};

/* clang-format off */

#define RESULTS "a" BUS_RESULT " results"
#define LISTED(record) "a" record " processes, t now, u next, a" BUS_RESULT " unknown"
#define FILE_AND_SIZE "h file, s path, t size"

static const MethodRow methods[] = {
        { "ListProcesses", "as names, u cursor, u limit", LISTED(BUS_RECORD), method_list_processes, ACCESS_READ },
        { "ListStates", "as names, u cursor, u limit", LISTED(BUS_STATE), method_list_states, ACCESS_READ },
        { "ListConfigured", "u cursor, u limit", "a" BUS_CONFIGURED " processes, u next", method_list_configured, ACCESS_READ },
        { "Explain", "s name", BUS_RECORD " process, a" BUS_CHANGE " changes, as output", method_explain, ACCESS_READ },
        { "GetPlan", "u cursor, u limit", "a" BUS_STEP " steps, t worst, u next", method_get_plan, ACCESS_READ },
        { "Wait", "as names, s target, a{sv} options", RESULTS, method_wait, ACCESS_READ },
        { "Subscribe", "", "t sequence", method_subscribe, ACCESS_READ },
        { "Unsubscribe", "", "", method_unsubscribe, ACCESS_READ },
        { "GetEvents", "t since", "a(" RECENT_FIELDS ") changes, b complete", method_get_events, ACCESS_READ },

        { "Start", "as names, a{sv} options", RESULTS, method_start, ACCESS_OPERATE },
        { "Stop", "as names, a{sv} options", RESULTS, method_stop, ACCESS_OPERATE },
        { "Restart", "as names, a{sv} options", RESULTS, method_restart, ACCESS_OPERATE },
        { "Roll", "as names, a{sv} options", RESULTS, method_roll, ACCESS_OPERATE },
        { "Reload", "as names", RESULTS, method_reload, ACCESS_OPERATE },
        { "Kill", "as names, a{sv} options", RESULTS, method_kill, ACCESS_OPERATE },
        { "Signal", "s signal, as names", RESULTS, method_signal, ACCESS_OPERATE },
        { "Cancel", "t operation", "", method_cancel, ACCESS_READ },
        { "Enable", "as names", RESULTS, method_enable, ACCESS_OPERATE },
        { "Disable", "as names", RESULTS, method_disable, ACCESS_OPERATE },
        { "Scale", "s program, u number", RESULTS, method_scale, ACCESS_OPERATE },
        { "SendInput", "s name, ay data", "", method_send_input, ACCESS_OPERATE },

        { "OpenLog", "s name, s stream", FILE_AND_SIZE, method_open_log, ACCESS_READ },
        { "OpenMainLog", "", FILE_AND_SIZE, method_open_main_log, ACCESS_READ },
        { "ClearLog", "as names", RESULTS, method_clear_log, ACCESS_OPERATE },
        { "RotateLog", "as names", RESULTS, method_rotate_log, ACCESS_OPERATE },
        { "ClearMainLog", "", "", method_clear_main_log, ACCESS_ALL },
        { "ReopenLogs", "", "", method_reopen_logs, ACCESS_OPERATE },

        { "Reread", "", "as added, as changed, as removed", method_reread, ACCESS_ALL },
        { "PlanUpdate", "as groups", "a" BUS_UPDATE " plan", method_plan_update, ACCESS_READ },
        { "Update", "as groups, a{sv} options", RESULTS, method_update, ACCESS_ALL },
        { "AddGroup", "s group", "", method_add_group, ACCESS_ALL },
        { "RemoveGroup", "s group", "", method_remove_group, ACCESS_ALL },
        { "Shutdown", "s how", "", method_shutdown, ACCESS_ALL },
        { "RestartDaemon", "", "", method_restart_daemon, ACCESS_ALL },
};

static const SignalRow signals[] = {
        { "ProcessChanged", "t sequence, t time, s group, s name, s from, s to, s cause, u pid, s message" },
        { "ReadyChanged", "t sequence, t time, s group, s name, b ready" },
        { "ConfigurationChanged", "t sequence, t time, as added, as changed, as removed" },
        { "ShutdownBegan", "t sequence, t time, s how" },
        { "OperationProgress", "t operation, " BUS_RESULT " result" },
};

/* clang-format on */

/* NOLINTNEXTLINE(readability-function-size): the arguments are libsystemd's */
static int get_property_of_manager(sd_bus *link,
                                   const char *path,
                                   const char *interface,
                                   const char *property,
                                   sd_bus_message *reply,
                                   void *connection,
                                   sd_bus_error *error) {
        return object_get_property(&manager_object, property, reply, connection);
}

const ObjectRows manager_object = {
        .interface = BUS_MANAGER,
        .getter = get_property_of_manager,
        .properties = properties,
        .n_properties = ELEMENTSOF(properties),
        .methods = methods,
        .n_methods = ELEMENTSOF(methods),
        .signals = signals,
        .n_signals = ELEMENTSOF(signals),
};
