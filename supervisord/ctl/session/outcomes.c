/*
 * Outcomes on standard output, in the order of the words of the command, and the exit status that
 * they leave.
 */
#include "ctl/session/outcomes.h"

#include <errno.h>
#include <string.h>

#include "ctl/text/namespec.h"
#include "ctl/text/outcome-text.h"

ExitStatus fault_status(FaultCode code) {
        switch (code) {
        case FAULT_NONE:
                return EXIT_GOOD;
        case FAULT_SPAWN_ERROR:
        case FAULT_ABNORMAL_TERMINATION:
        case FAULT_NOT_RUNNING:
                return EXIT_NOT_RUNNING;
        default:
                return EXIT_GENERIC;
        }
}

static void print_one(Session *s, const Outcome *o, const OutcomeStyle *style) {
        ExitStatus status = fault_status(o->error);
        _cleanup_(freep) char *text = NULL;

        if (o->error == FAULT_NO_SUCH_GROUP && style->no_group)
                status = style->no_group;
        if (outcome_describe(o, style->failed_word, &text) == 0)
                puts(text);
        if (status != EXIT_GOOD && o->error != style->ignored)
                s->status = status;
}

/* Is @o about what @spec means? A name that means nothing comes back from the daemon as it was
 * given. */
static bool concerns(const Namespec *spec, const Outcome *o) {
        if (*o->name == '\0')
                return spec->group && strcmp(spec->group, o->group) == 0;
        return namespec_matches(spec, o->group, o->name) || strcmp(spec->text, o->name) == 0;
}

/* An outcome in the order of names; those of one process keep the order in which they came. */
typedef struct Ranked {
        const Outcome *outcome;
        bool printed;
} Ranked;

static int compare_ranked(const void *a, const void *b) {
        const Ranked *x = a, *y = b;
        int r = namespec_compare(x->outcome->group, x->outcome->name, y->outcome->group,
                                 y->outcome->name);

        return r ? r : x->outcome < y->outcome ? -1 : x->outcome > y->outcome;
}

static void
print_meant(Session *s, Ranked *list, size_t n, const char *word, const OutcomeStyle *style) {
        Namespec spec;

        if (namespec_parse(word, &spec) < 0)
                return;
        for (size_t i = 0; i < n; i++)
                if (!list[i].printed && concerns(&spec, list[i].outcome)) {
                        print_one(s, list[i].outcome, style);
                        list[i].printed = true;
                }
        namespec_done(&spec);
}

void outcomes_print(Session *s,
                    const Outcomes *outcomes,
                    char *const *words,
                    const OutcomeStyle *style) {
        _cleanup_(freep) Ranked *list = calloc(outcomes->n + 1, sizeof(*list));

        if (!list) {
                session_complain(s, EXIT_GENERIC, "no memory");
                return;
        }
        for (size_t i = 0; i < outcomes->n; i++)
                list[i].outcome = &outcomes->items[i];
        qsort(list, outcomes->n, sizeof(*list), compare_ranked);
        for (; words && *words; words++)
                print_meant(s, list, outcomes->n, *words, style);
        for (size_t i = 0; i < outcomes->n; i++)
                if (!list[i].printed)
                        print_one(s, list[i].outcome, style);
}

static void replace_word(char **text, const char *from, const char *to) {
        char *copy;

        if (strcmp(*text, from) != 0)
                return;
        copy = strdup(to);
        if (!copy)
                return; /* the less exact word stays */
        free(*text);
        *text = copy;
}

void outcomes_soften(Outcomes *outcomes) {
        for (size_t i = 0; i < outcomes->n; i++) {
                replace_word(&outcomes->items[i].done, "stopped", "stopping");
                replace_word(&outcomes->items[i].done, "started", "starting");
        }
}
