/* reread and update: what has changed in the configuration, and making it so. */
#include "ctl/commands/command-update.h"

#include <string.h>

#include "base/strv.h"
#include "ctl/client/questions.h"
#include "ctl/session/give-order.h"
#include "ctl/session/word-list.h"
#include "ctl/text/namespec.h"

/* Tell why the configuration was not read. */
static void report_reread(Session *s, const char *shutting_down) {
        const Fault *f = client_fault(s->client);

        if (f->code == FAULT_SHUTTING_DOWN)
                puts(shutting_down);
        else if (f->code == FAULT_CANNOT_REREAD)
                printf("ERROR: CANT_REREAD: %s\n", f->message + strspn(f->message, "\n"));
        else
                session_report(s);
        s->status = EXIT_GENERIC;
}

/* ---------------------------------------------------------------- reread */

typedef struct RereadLine {
        const char *group;
        const char *what;
} RereadLine;

static int compare_changes(const void *a, const void *b) {
        const RereadLine *x = a, *y = b;

        return strcmp(x->group, y->group);
}

static void print_changes(char **const groups[static 3]) {
        static const char *const words[] = { "available", "changed", "disappeared" };
        _cleanup_(freep) RereadLine *changes = NULL;
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                n += strv_length(groups[i]);
        changes = calloc(n + 1, sizeof(*changes));
        if (n == 0 || !changes) {
                puts("No config updates to processes");
                return;
        }
        n = 0;
        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                for (char **g = groups[i]; g && *g; g++)
                        changes[n++] = (RereadLine){ *g, words[i] };
        qsort(changes, n, sizeof(*changes), compare_changes);
        for (size_t i = 0; i < n; i++)
                printf("%s: %s\n", changes[i].group, changes[i].what);
}

static void run_reread(Session *s, char **words) {
        char **groups[3];

        if (client_reread(s->client, groups) < 0)
                report_reread(s, "ERROR: supervisor shutting down");
        else
                print_changes(groups);
        for (size_t i = 0; i < ELEMENTSOF(groups); i++)
                (void)strv_free(groups[i]);
}

const Command command_reread = {
        .name = "reread",
        .takes = TAKES_NOTHING,
        .needs = NEEDS_OPEN,
        .run = run_reread,
        .help = "reread \t\t\tReload the daemon's configuration files without add/remove",
};

/* ---------------------------------------------------------------- update */

/* Where the group of @o comes: Python tells all that are removed, then those changed, then those
 * added. */
static int rank_of(const Outcomes *outcomes, const Outcome *o) {
        int rank = 0;

        for (size_t i = 0; i < outcomes->n; i++) {
                const Outcome *other = &outcomes->items[i];

                if (strcmp(other->group, o->group) != 0)
                        continue;
                if (strcmp(other->done, "updated") == 0)
                        rank = 1;
                if (strcmp(other->done, "added") == 0)
                        rank = 2;
        }
        return rank;
}

static void print_update(Session *s, const Outcome *o) {
        if (o->error == FAULT_NO_SUCH_GROUP)
                printf("ERROR: no such group: %s\n", o->group);
        else if (o->error != FAULT_NONE)
                printf("%s: has problems; not removing\n", o->group);
        else if (strcmp(o->done, "stopped") == 0)
                printf("%s: stopped\n", o->group);
        else
                printf("%s: %s process group\n", o->group, o->done);
        if (o->error != FAULT_NONE)
                s->status = EXIT_GENERIC;
}

/* Groups that do not exist come first, as in Python, then one rank after the other. */
static void print_updates(Session *s, const Outcomes *outcomes) {
        for (size_t i = 0; i < outcomes->n; i++)
                if (outcomes->items[i].error == FAULT_NO_SUCH_GROUP)
                        print_update(s, &outcomes->items[i]);
        for (int rank = 0; rank < 3; rank++)
                for (size_t i = 0; i < outcomes->n; i++)
                        if (outcomes->items[i].error != FAULT_NO_SUCH_GROUP &&
                            rank_of(outcomes, &outcomes->items[i]) == rank)
                                print_update(s, &outcomes->items[i]);
}

static int compare_steps(const void *a, const void *b) {
        const UpdateStep *x = a, *y = b;

        return namespec_compare(x->group, x->name, y->group, y->name);
}

/* "web:web_00: restart (command, environment)" */
static void print_update_plan(UpdatePlan *plan) {
        if (plan->n == 0)
                puts("No config updates to processes");
        else
                qsort(plan->items, plan->n, sizeof(*plan->items), compare_steps);
        for (size_t i = 0; i < plan->n; i++) {
                const UpdateStep *step = &plan->items[i];
                _cleanup_(freep) char *name = NULL;

                if (namespec_join(step->group, step->name, &name) < 0)
                        continue;
                printf("%s: %s", name, step->action);
                for (char **key = step->keys; key && *key; key++)
                        printf("%s%s", key == step->keys ? " (" : ", ", *key);
                puts(step->keys && *step->keys ? ")" : "");
        }
}

static void run_update(Session *s, char **words) {
        _cleanup_(update_plan_done) UpdatePlan plan = { 0 };
        _cleanup_(outcomes_done) Outcomes outcomes = { 0 };
        bool dry = words_take_flag(words, "--plan");
        ProcessOrder order = { .method = "Update" };

        if (!words_are_names(s, words))
                return;
        order.names = strv_contains(words, "all") ? NULL : words;
        if (dry ? client_plan_update(s->client, order.names, &plan) < 0
                : !give_order(s, &order, &outcomes))
                report_reread(s, "ERROR: already shutting down");
        else if (dry)
                print_update_plan(&plan);
        else
                print_updates(s, &outcomes);
}

const Command command_update = {
        .name = "update",
        .takes = TAKES_GROUPS,
        .needs = NEEDS_OPEN,
        .run = run_update,
        .help = "update\t\t\tReload config and add/remove as necessary, and will restart affected "
                "programs\n"
                "update all\t\tReload config and add/remove as necessary, and will restart affected "
                "programs\n"
                "update <gname> [...]\tUpdate specific groups\n"
                "update --plan [...]\tOnly say what would change, and how",
};
