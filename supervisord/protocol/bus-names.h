/*
 * The names of objects, interfaces and errors on the control socket, and the D-Bus signatures of
 * the records that lists and signals carry; supervisord-bus(5) describes them all. Daemon and
 * clients share this file, so that neither can drift from the other. What the records hold is
 * written by bus/ and read by ctl/client/.
 */
#pragma once

#define BUS_PATH "/org/supervisord"
#define BUS_PROCESS_PATH                                                         \
        "/org/supervisord/process" /* below it, sd_bus_path_encode() of the name \
                                    */
#define BUS_MANAGER "org.supervisord.Manager1"
#define BUS_PROCESS "org.supervisord.Process1"

/* The name of an error on the wire is this, followed by one of the names below. */
#define BUS_ERROR_PREFIX "org.supervisord.Error."
#define BUS_ERROR(name) BUS_ERROR_PREFIX name

/* Python's faults in its order, then ours. In results only the part after the prefix appears. */
#define BUS_ERROR_SHUTTING_DOWN "ShuttingDown"               /* SHUTDOWN_STATE 6 */
#define BUS_ERROR_NO_SUCH_PROCESS "NoSuchProcess"            /* BAD_NAME 10 */
#define BUS_ERROR_NO_SUCH_GROUP "NoSuchGroup"                /* BAD_NAME 10 */
#define BUS_ERROR_BAD_SIGNAL "BadSignal"                     /* BAD_SIGNAL 11 */
#define BUS_ERROR_NO_FILE "NoFile"                           /* NO_FILE 20 */
#define BUS_ERROR_NOT_EXECUTABLE "NotExecutable"             /* NOT_EXECUTABLE 21 */
#define BUS_ERROR_FAILED "Failed"                            /* FAILED 30 */
#define BUS_ERROR_ABNORMAL_TERMINATION "AbnormalTermination" /* ABNORMAL_TERMINATION 40 */
#define BUS_ERROR_SPAWN_ERROR "SpawnError"                   /* SPAWN_ERROR 50 */
#define BUS_ERROR_ALREADY_STARTED "AlreadyStarted"           /* ALREADY_STARTED 60 */
#define BUS_ERROR_NOT_RUNNING "NotRunning"                   /* NOT_RUNNING 70 */
#define BUS_ERROR_ALREADY_ADDED "AlreadyAdded"               /* ALREADY_ADDED 90 */
#define BUS_ERROR_STILL_RUNNING "StillRunning"               /* STILL_RUNNING 91 */
#define BUS_ERROR_CANNOT_REREAD "CantReread"                 /* CANT_REREAD 92 */
#define BUS_ERROR_ACCESS_DENIED "AccessDenied"
#define BUS_ERROR_BAD_ARGUMENT "BadArgument"
#define BUS_ERROR_CANCELLED "Cancelled"
#define BUS_ERROR_TIMEOUT "Timeout"
#define BUS_ERROR_TOO_MANY "TooMany"

/*
 * One process in the answer of ListProcesses: group, name, state, goal, phase, ready, pid, changed,
 * started, stopped, spawn error, kind of exit, its value, core dumped, failures, starts, deadline,
 * autostart, enabled, group priority, priority, status text, stdout log, stderr log, more.
 */
#define BUS_RECORD_PLAIN "sssssbutttssibuutbbxxsss"
#define BUS_RECORD_FIELDS BUS_RECORD_PLAIN "a{sv}"
#define BUS_RECORD "(" BUS_RECORD_FIELDS ")"

/* One process in the answer of ListStates: group, name, state, pid, started, stopped, spawn error.
 */
#define BUS_STATE_FIELDS "sssutts"
#define BUS_STATE "(" BUS_STATE_FIELDS ")"

/* One process in the answer of ListConfigured: group, name, in use, autostart, group priority,
 * priority. */
#define BUS_CONFIGURED_FIELDS "ssbbxx"
#define BUS_CONFIGURED "(" BUS_CONFIGURED_FIELDS ")"

/* What became of one process: group, name, what was done or "", error or "", message or "". */
#define BUS_RESULT_FIELDS "sssss"
#define BUS_RESULT "(" BUS_RESULT_FIELDS ")"

/* One change of state: sequence number, time, from, to, cause, pid, message. */
#define BUS_CHANGE_FIELDS "ttsssus"
#define BUS_CHANGE "(" BUS_CHANGE_FIELDS ")"

/* One process in the answer of PlanUpdate: group, name, action, keys that differ. */
#define BUS_UPDATE_FIELDS "sssas"
#define BUS_UPDATE "(" BUS_UPDATE_FIELDS ")"

/* One process in the answer of GetPlan: wave, group, name, group priority, priority, grace. */
#define BUS_STEP_FIELDS "ussxxt"
#define BUS_STEP "(" BUS_STEP_FIELDS ")"

/* As many entries as a list gives at once, whatever is asked for. */
#define BUS_PAGE_MAX 1000
