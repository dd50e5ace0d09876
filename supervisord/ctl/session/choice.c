/* Which processes a command is about. */
#include "ctl/session/choice.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "ctl/text/namespec.h"

static int compare_processes(const void *a, const void *b) {
        const ProcessInfo *x = a, *y = b;

        return namespec_compare(x->group, x->name, y->group, y->name);
}

bool choice_fetch(Session *s, choice_list_fn list, char **words, ProcessList *ret) {
        bool all = !words[0] || strv_contains(words, "all");

        if (list(s->client, all ? NULL : words, ret) < 0) {
                session_report(s);
                return false;
        }
        if (ret->n > 0)
                qsort(ret->items, ret->n, sizeof(*ret->items), compare_processes);
        return true;
}

/* Add what @word means to @chosen, which has room for it. Returns how many, or -ENOMEM. */
static int
choose_word(const ProcessList *list, const char *word, FILE *errors, const ProcessInfo **chosen) {
        Namespec spec;
        int n = 0;

        if (namespec_parse(word, &spec) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < list->n; i++)
                if (namespec_matches(&spec, list->items[i].group, list->items[i].name))
                        chosen[n++] = &list->items[i];
        if (n == 0 && spec.kind == NAMESPEC_GROUP)
                fprintf(errors, "%s: ERROR (no such group)\n", spec.group);
        else if (n == 0)
                fprintf(errors, "%s: ERROR (no such process)\n", word);
        namespec_done(&spec);
        return n;
}

int choice_make(const ProcessList *list,
                char **words,
                FILE *errors,
                const ProcessInfo ***ret,
                bool *ret_all_known) {
        bool all = !words[0] || strv_contains(words, "all");
        const ProcessInfo **chosen;
        size_t n = 0;

        *ret_all_known = true;
        chosen = calloc(list->n * MAX(strv_length(words), 1U) + 1, sizeof(const ProcessInfo *));
        if (!chosen)
                return -ENOMEM;
        for (size_t i = 0; all && i < list->n; i++)
                chosen[n++] = &list->items[i];
        for (char **w = words; !all && *w; w++) {
                int r = choose_word(list, *w, errors, chosen + n);

                if (r <= 0)
                        *ret_all_known = false;
                n += (size_t)MAX(r, 0);
        }
        *ret = chosen;
        return 0;
}
