#include "ctl/result.h"

#include <errno.h>
#include <string.h>

#include "ctl/namespec.h"

const char *fault_words(FaultCode code) {
        switch (code) {
        case FAULT_SHUTTING_DOWN:
                return "shutting down";
        case FAULT_NO_SUCH_PROCESS:
                return "no such process";
        case FAULT_NO_SUCH_GROUP:
                return "no such group";
        case FAULT_BAD_SIGNAL:
                return "bad signal name";
        case FAULT_NO_FILE:
                return "no such file";
        case FAULT_NOT_EXECUTABLE:
                return "file is not executable";
        case FAULT_ABNORMAL_TERMINATION:
                return "abnormal termination";
        case FAULT_SPAWN_ERROR:
                return "spawn error";
        case FAULT_ALREADY_STARTED:
                return "already started";
        case FAULT_NOT_RUNNING:
                return "not running";
        case FAULT_ACCESS_DENIED:
                return "access denied";
        case FAULT_TIMEOUT:
                return "timed out";
        case FAULT_CANCELLED:
                return "cancelled";
        default:
                return NULL;
        }
}

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

static int display_name(const Result *r, char **ret) {
        if (*r->name)
                return namespec_join(r->group, r->name, ret);
        *ret = strdup(r->group);
        return *ret ? 0 : -ENOMEM;
}

int result_describe(const Result *r, const ResultStyle *style, char **ret) {
        _cleanup_(freep) char *name = NULL;
        const char *words;

        if (display_name(r, &name) < 0)
                return -ENOMEM;
        if (r->error == FAULT_NONE)
                return asprintf(ret, "%s: %s", name, r->done) < 0 ? -ENOMEM : 0;
        words = r->error == FAULT_FAILED ? style->failed_word : fault_words(r->error);
        return asprintf(ret, "%s: ERROR (%s)", name,
                        words
                                ?: *r->message ? r->message
                                               : "failed") < 0
                       ? -ENOMEM
                       : 0;
}

static void print_one(Session *s, const Result *r, const ResultStyle *style) {
        ExitStatus status =
                r->error == FAULT_NO_SUCH_GROUP ? style->no_group : fault_status(r->error);
        _cleanup_(freep) char *text = NULL;

        if (result_describe(r, style, &text) == 0)
                puts(text);
        if (status != EXIT_GOOD && r->error != style->ignored)
                s->status = status;
}

/* Is @r about what @spec means? The daemon repeats names that mean nothing as they were given. */
static bool concerns(const Namespec *spec, const Result *r) {
        if (*r->name == '\0')
                return spec->group && strcmp(spec->group, r->group) == 0;
        return namespec_matches(spec, r->group, r->name) || strcmp(spec->text, r->name) == 0;
}

/* A result and where it came, so that those of one process keep their order. */
typedef struct Ranked {
        const Result *result;
        bool printed;
} Ranked;

static int compare_ranked(const void *a, const void *b) {
        const Ranked *x = a, *y = b;
        int r = strcmp(x->result->group, y->result->group);

        if (r == 0)
                r = strcmp(x->result->name, y->result->name);
        return r ? r : x->result < y->result ? -1 : x->result > y->result;
}

static void
print_meant(Session *s, Ranked *list, size_t n, const char *word, const ResultStyle *style) {
        Namespec spec;

        if (namespec_parse(word, &spec) < 0)
                return;
        for (size_t i = 0; i < n; i++)
                if (!list[i].printed && concerns(&spec, list[i].result)) {
                        print_one(s, list[i].result, style);
                        list[i].printed = true;
                }
        namespec_done(&spec);
}

void results_print(Session *s,
                   const Results *results,
                   char *const *words,
                   const ResultStyle *style) {
        _cleanup_(freep) Ranked *list = calloc(results->n + 1, sizeof(*list));

        if (!list) {
                session_complain(s, EXIT_GENERIC, "no memory");
                return;
        }
        for (size_t i = 0; i < results->n; i++)
                list[i].result = &results->items[i];
        qsort(list, results->n, sizeof(*list), compare_ranked);
        for (; words && *words; words++)
                print_meant(s, list, results->n, *words, style);
        for (size_t i = 0; i < results->n; i++)
                if (!list[i].printed)
                        print_one(s, list[i].result, style);
}

static void replace(char **text, const char *from, const char *to) {
        char *copy;

        if (strcmp(*text, from) != 0)
                return;
        copy = strdup(to);
        if (!copy)
                return; /* the coarser word then */
        free(*text);
        *text = copy;
}

void results_soften(Results *results) {
        for (size_t i = 0; i < results->n; i++) {
                replace(&results->items[i].done, "stopped", "stopping");
                replace(&results->items[i].done, "started", "starting");
        }
}
