/* Every command, in the order in which the help names them. */
#include "ctl/command.h"

const Command commands[] = {
        { "add", command_add, ARGUMENTS_GROUPS, false,
          "add <name> [...]\tActivates any updates in config for process/group" },
        { "avail", command_avail, ARGUMENTS_NONE, false,
          "avail\t\t\tDisplay all configured processes" },
        { "clear", command_clear, ARGUMENTS_PROCESSES, false,
          "clear <name>\t\tClear a process' log files.\n"
          "clear <name> <name>\tClear multiple process' log files\n"
          "clear all\t\tClear all process' log files" },
        { "exit", command_leave, ARGUMENTS_NONE, false, "exit\tExit the supervisor shell." },
        { "fg", command_fg, ARGUMENTS_PROCESSES, false,
          "fg <process>\tConnect to a process in foreground mode\n"
          "\t\tCtrl-C to exit" },
        { "maintail", command_maintail, ARGUMENTS_NONE, false,
          "maintail -f \tContinuous tail of supervisor main log file (Ctrl-C to exit)\n"
          "maintail -100\tlast 100 *bytes* of supervisord main log file\n"
          "maintail -n 10\tlast 10 lines of it\n"
          "maintail\tlast 1600 *bytes* of supervisor main log file\n" },
        { "open", command_open, ARGUMENTS_NONE, false,
          "open <url>\tConnect to a remote supervisord process.\n"
          "\t\t(for UNIX domain socket, use unix:///socket/path)" },
        { "pid", command_pid, ARGUMENTS_PROCESSES, false,
          "pid\t\t\tGet the PID of supervisord.\n"
          "pid <name>\t\tGet the PID of a single child process by name.\n"
          "pid all\t\t\tGet the PID of every child process, one per line." },
        { "quit", command_leave, ARGUMENTS_NONE, false, "quit\tExit the supervisor shell." },
        { "reload", command_reload, ARGUMENTS_NONE, false,
          "reload \t\tRestart the remote supervisord." },
        { "remove", command_remove, ARGUMENTS_GROUPS, false,
          "remove <name> [...]\tRemoves process/group from active config" },
        { "reread", command_reread, ARGUMENTS_NONE, false,
          "reread \t\t\tReload the daemon's configuration files without add/remove" },
        { "restart", command_restart, ARGUMENTS_PROCESSES, false,
          "restart <name>\t\tRestart a process\n"
          "restart <gname>:*\tRestart all processes in a group\n"
          "restart <name> <name>\tRestart multiple processes or groups\n"
          "restart all\t\tRestart all processes\n"
          "Note: restart does not reread config files. For that, see reread and update." },
        { "shutdown", command_shutdown, ARGUMENTS_NONE, false,
          "shutdown \tShut the remote supervisord down.\n"
          "shutdown --fast\tShorten every grace that is left\n"
          "shutdown --now\tKill what is left at once\n"
          "shutdown --wait\tReturn when it is gone" },
        { "signal", command_signal, ARGUMENTS_SIGNAL, false,
          "signal <signal name> <name>\t\tSignal a process\n"
          "signal <signal name> <gname>:*\t\tSignal all processes in a group\n"
          "signal <signal name> <name> <name>\tSignal multiple processes or groups\n"
          "signal <signal name> all\t\tSignal all processes" },
        { "start", command_start, ARGUMENTS_PROCESSES, false,
          "start <name>\t\tStart a process\n"
          "start <gname>:*\t\tStart all processes in a group\n"
          "start <name> <name>\tStart multiple processes or groups\n"
          "start all\t\tStart all processes" },
        { "status", command_status, ARGUMENTS_PROCESSES, false,
          "status <name>\t\tGet status for a single process\n"
          "status <gname>:*\tGet status for all processes in a group\n"
          "status <name> <name>\tGet status for multiple named processes\n"
          "status\t\t\tGet all process status info\n"
          "status --json\t\tThe same as JSON\n"
          "status --exit-ok=<states>\tStates that do not count as down, as in EXITED,STOPPED" },
        { "stop", command_stop, ARGUMENTS_PROCESSES, false,
          "stop <name>\t\tStop a process\n"
          "stop <gname>:*\t\tStop all processes in a group\n"
          "stop <name> <name>\tStop multiple processes or groups\n"
          "stop all\t\tStop all processes" },
        { "tail", command_tail, ARGUMENTS_PROCESSES, false,
          "tail [-f] <name> [stdout|stderr] (default stdout)\n"
          "Ex:\n"
          "tail -f <name>\t\tContinuous tail of named process stdout\n"
          "\t\t\tCtrl-C to exit.\n"
          "tail -100 <name>\tlast 100 *bytes* of process stdout\n"
          "tail -n 10 <name>\tlast 10 lines of process stdout\n"
          "tail <name> stderr\tlast 1600 *bytes* of process stderr" },
        { "update", command_update, ARGUMENTS_GROUPS, false,
          "update\t\t\tReload config and add/remove as necessary, and will restart affected "
          "programs\n"
          "update all\t\tReload config and add/remove as necessary, and will restart affected "
          "programs\n"
          "update <gname> [...]\tUpdate specific groups\n"
          "update --plan [...]\tOnly say what would change, and how" },
        { "version", command_version, ARGUMENTS_NONE, false,
          "version\t\t\tShow the version of the remote supervisord process" },

        { "disable", command_disable, ARGUMENTS_PROCESSES, true,
          "disable <name> [...]\tDo not start on its own any more; remembered over restarts" },
        { "enable", command_enable, ARGUMENTS_PROCESSES, true,
          "enable <name> [...]\tLet autostart decide again" },
        { "events", command_events, ARGUMENTS_NONE, true,
          "events\t\t\tShow changes as they happen (Ctrl-C to exit)\n"
          "events --json\t\tThe same as JSON, one object per line" },
        { "kill", command_kill, ARGUMENTS_PROCESSES, true,
          "kill <name> [...]\tSIGKILL to the process and all that it has started, at once" },
        { "names", command_names, ARGUMENTS_NONE, true,
          "names\t\t\tNames of all processes and groups, one per line" },
        { "plan", command_plan, ARGUMENTS_NONE, true,
          "plan\t\t\tShow the order of start and how long a stop of all may take" },
        { "refresh", command_refresh, ARGUMENTS_PROCESSES, true,
          "refresh <name> [...]\tHave programs read their own configuration again" },
        { "rolling-restart", command_rolling_restart, ARGUMENTS_PROCESSES, true,
          "rolling-restart [--parallel <n>] <name> [...]\n"
          "\t\t\tRestart one (or n) at a time, each ready before the next;\n"
          "\t\t\tthe first failure ends it" },
        { "rotate", command_rotate, ARGUMENTS_PROCESSES, true,
          "rotate <name> [...]\tRotate the log files of processes\n"
          "rotate all\t\tRotate the log files of all processes" },
        { "scale", command_scale, ARGUMENTS_GROUPS, true,
          "scale <program> <n>\tHave n copies of a program with numprocs" },
        { "wait", command_wait, ARGUMENTS_PROCESSES, true,
          "wait <name> [...] [--ready|--running|--stopped] [--timeout <duration>]\n"
          "\t\t\tReturn when all have got there (default: ready)" },
        { "why", command_why, ARGUMENTS_PROCESSES, true,
          "why <name> [...]\tExplain the state: last changes, last output, what is next\n"
          "why --json <name>\tThe same as JSON" },
};
const size_t n_commands = ELEMENTSOF(commands);
