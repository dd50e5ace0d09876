/* status: the state of processes, in lines or as JSON, and as an exit status. */
#include "ctl/commands/command-status.h"

#include <string.h>

#include "base/macro.h"
#include "ctl/session/choice.h"
#include "ctl/session/word-list.h"
#include "ctl/text/describe.h"
#include "ctl/text/status-text.h"

static void print_json(const ProcessInfo *const *list, uint64_t now) {
        JsonWriter w = { .file = stdout };

        json_array_begin(&w, NULL);
        for (; *list; list++)
                status_put_json(&w, *list, now);
        json_array_end(&w);
}

/* Is @state among the comma separated @list? */
static bool is_listed(const char *state, const char *list) {
        size_t n = strlen(state);

        for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',')
                if (strncasecmp(p, state, n) == 0 && (p[n] == ',' || p[n] == '\0'))
                        return true;
        return false;
}

static void run_status(Session *s, char **words) {
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
            !choice_fetch(s, json ? client_list : client_list_states, words, &list))
                return;
        if (choice_make(&list, words, json ? stderr : stdout, &chosen, &known) < 0) {
                session_complain(s, EXIT_GENERIC, "no memory");
                return;
        }
        if (!known) /* choice_make() has said so, beside the JSON */
                s->status = EXIT_STATUS_UNKNOWN;
        if (json)
                print_json(chosen, list.now);
        else
                status_print(stdout, chosen, list.now);
        for (const ProcessInfo **p = chosen; *p; p++)
                if (state_is_down((*p)->state) && !is_listed((*p)->state, fine))
                        s->status = EXIT_STATUS_NOT_RUNNING;
}

const Command command_status = {
        .name = "status",
        .takes = TAKES_PROCESSES,
        .run = run_status,
        .help = "status <name>\t\tGet status for a single process\n"
                "status <gname>:*\tGet status for all processes in a group\n"
                "status <name> <name>\tGet status for multiple named processes\n"
                "status\t\t\tGet all process status info\n"
                "status --json\t\tThe same as JSON\n"
                "status --exit-ok=<states>\tStates that do not count as down, as in EXITED,STOPPED",
};
