/* add, remove and scale: groups that come, go and grow. */
#include "ctl/commands/command-groups.h"

#include "base/parse.h"
#include "base/strv.h"
#include "ctl/client/orders.h"
#include "ctl/session/outcomes.h"

#define SCALE_MAX 100000

/* Tell why the group @name was not added or removed. */
static void report_group(Session *s, const char *name) {
        const Fault *f = client_fault(s->client);

        switch (f->code) {
        case FAULT_SHUTTING_DOWN:
                puts("ERROR: shutting down");
                break;
        case FAULT_ALREADY_ADDED:
                puts("ERROR: process group already active");
                return; /* a success for Python */
        case FAULT_STILL_RUNNING:
                printf("ERROR: process/group still running: %s\n", name);
                break;
        case FAULT_NO_SUCH_GROUP:
        case FAULT_NO_SUCH_PROCESS:
                printf("ERROR: no such process/group: %s\n", name);
                break;
        default:
                session_report(s);
        }
        s->status = EXIT_GENERIC;
}

static void change_groups(Session *s, char **words, const char *method, const char *done) {
        for (; *words && session_open(s); words++)
                if (client_call(s->client, method, *words) < 0)
                        report_group(s, *words);
                else
                        printf("%s: %s process group\n", *words, done);
}

static void run_add(Session *s, char **words) {
        change_groups(s, words, "AddGroup", "added");
}

const Command command_add = {
        .name = "add",
        .takes = TAKES_GROUPS,
        .run = run_add,
        .help = "add <name> [...]\tActivates any updates in config for process/group",
};

static void run_remove(Session *s, char **words) {
        change_groups(s, words, "RemoveGroup", "removed");
}

const Command command_remove = {
        .name = "remove",
        .takes = TAKES_GROUPS,
        .run = run_remove,
        .help = "remove <name> [...]\tRemoves process/group from active config",
};

/* ---------------------------------------------------------------- scale */

static void run_scale(Session *s, char **words) {
        static const OutcomeStyle style = { 0 };
        _cleanup_(outcomes_done) Outcomes outcomes = { 0 };
        int64_t n = -1;

        if (strv_length(words) != 2 || parse_integer(words[1], &n) < 0 || n < 0 || n > SCALE_MAX) {
                session_complain(s, EXIT_GENERIC, "scale requires a program and a number");
                puts(s->command->help);
                return;
        }
        if (client_scale(s->client, words[0], (unsigned)n, &outcomes) >= 0)
                outcomes_print(s, &outcomes, NULL, &style);
        else if (session_faulted(s, FAULT_NO_SUCH_GROUP) ||
                 session_faulted(s, FAULT_NO_SUCH_PROCESS)) {
                printf("%s: ERROR (no such program)\n", words[0]);
                s->status = EXIT_GENERIC;
        } else
                session_report(s);
}

const Command command_scale = {
        .name = "scale",
        .takes = TAKES_GROUPS,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_scale,
        .help = "scale <program> <n>\tHave n copies of a program with numprocs",
};
