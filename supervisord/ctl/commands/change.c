/* reread, update, add, remove and scale: what the configuration has changed. */
#include <string.h>

#include "base/parse.h"
#include "base/strv.h"
#include "ctl/command.h"
#include "ctl/commands/order.h"
#include "ctl/namespec.h"
#include "ctl/result.h"
#include "ctl/words.h"

/* What reading the configuration met, in the words of `reread` and `update`. */
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

typedef struct Change {
        const char *group;
        const char *what;
} Change;

static int compare_changes(const void *a, const void *b) {
        const Change *x = a, *y = b;

        return strcmp(x->group, y->group);
}

static void print_changes(char **const groups[static 3]) {
        static const char *const words[] = { "available", "changed", "disappeared" };
        _cleanup_(freep) Change *changes = NULL;
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
                        changes[n++] = (Change){ *g, words[i] };
        qsort(changes, n, sizeof(*changes), compare_changes);
        for (size_t i = 0; i < n; i++)
                printf("%s: %s\n", changes[i].group, changes[i].what);
}

void command_reread(Session *s, char **words) {
        char **groups[3];

        if (!words_expect_none(s, words, "reread") || !session_open(s))
                return;
        if (client_reread(s->client, groups) < 0)
                report_reread(s, "ERROR: supervisor shutting down");
        else
                print_changes(groups);
        for (size_t i = 0; i < ELEMENTSOF(groups); i++)
                (void)strv_free(groups[i]);
}

/* ---------------------------------------------------------------- update */

/* Python has all of one kind before the next: removed, changed, added. */
static int rank_of(const Results *results, const Result *r) {
        int rank = 0;

        for (size_t i = 0; i < results->n; i++) {
                const Result *other = &results->items[i];

                if (strcmp(other->group, r->group) != 0)
                        continue;
                if (strcmp(other->done, "updated") == 0)
                        rank = 1;
                if (strcmp(other->done, "added") == 0)
                        rank = 2;
        }
        return rank;
}

static void print_update(Session *s, const Result *r) {
        if (r->error == FAULT_NO_SUCH_GROUP)
                printf("ERROR: no such group: %s\n", r->group);
        else if (r->error != FAULT_NONE)
                printf("%s: has problems; not removing\n", r->group);
        else if (strcmp(r->done, "stopped") == 0)
                printf("%s: stopped\n", r->group);
        else
                printf("%s: %s process group\n", r->group, r->done);
        if (r->error != FAULT_NONE)
                s->status = EXIT_GENERIC;
}

/* One pass per rank; unknown groups are told first, as in Python. */
static void print_updates(Session *s, const Results *results) {
        for (size_t i = 0; i < results->n; i++)
                if (results->items[i].error == FAULT_NO_SUCH_GROUP)
                        print_update(s, &results->items[i]);
        for (int rank = 0; rank < 3; rank++)
                for (size_t i = 0; i < results->n; i++)
                        if (results->items[i].error != FAULT_NO_SUCH_GROUP &&
                            rank_of(results, &results->items[i]) == rank)
                                print_update(s, &results->items[i]);
}

static int compare_steps(const void *a, const void *b) {
        const UpdateStep *x = a, *y = b;
        int r = strcmp(x->group, y->group);

        return r ? r : strcmp(x->name, y->name);
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

void command_update(Session *s, char **words) {
        _cleanup_(update_plan_done) UpdatePlan plan = { 0 };
        _cleanup_(results_done) Results results = { 0 };
        bool dry = words_take_flag(words, "--plan");
        Order order = { .method = "Update" };

        if (!session_open(s) || !words_are_names(s, words))
                return;
        order.names = words_contain(words, "all") ? NULL : words;
        if (dry ? client_plan_update(s->client, order.names, &plan) < 0
                : !order_give(s, &order, &results))
                report_reread(s, "ERROR: already shutting down");
        else if (dry)
                print_update_plan(&plan);
        else
                print_updates(s, &results);
}

/* ---------------------------------------------------------------- add, remove */

/* What a failing add or remove of the group @name is called, and whether it counts. */
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

void command_add(Session *s, char **words) {
        change_groups(s, words, "AddGroup", "added");
}

void command_remove(Session *s, char **words) {
        change_groups(s, words, "RemoveGroup", "removed");
}

/* ---------------------------------------------------------------- scale */

#define SCALE_MAX 100000

void command_scale(Session *s, char **words) {
        static const ResultStyle style = { FAULT_NONE, EXIT_GENERIC, NULL };
        _cleanup_(results_done) Results results = { 0 };
        int64_t n = -1;

        if (!session_up(s))
                return;
        if (words_count(words) != 2 || parse_integer(words[1], &n) < 0 || n < 0 || n > SCALE_MAX) {
                session_complain(s, EXIT_GENERIC, "scale requires a program and a number");
                command_print_help("scale");
                return;
        }
        if (client_scale(s->client, words[0], (unsigned)n, &results) >= 0)
                results_print(s, &results, NULL, &style);
        else if (session_faulted(s, FAULT_NO_SUCH_GROUP) ||
                 session_faulted(s, FAULT_NO_SUCH_PROCESS)) {
                printf("%s: ERROR (no such program)\n", words[0]);
                s->status = EXIT_GENERIC;
        } else
                session_report(s);
}
