/* What can complete a line: the rows of the commands say what each takes. */
#include "ctl/completion.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "ctl/client/questions.h"
#include "ctl/command-table.h"
#include "ctl/session/word-list.h"
#include "ctl/text/namespec.h"

/* Add @candidate if it begins with @text and is not there yet. */
static int offer(char ***list, const char *candidate, const char *text) {
        if (strncmp(candidate, text, strlen(text)) != 0)
                return 0;
        return *list && strv_contains(*list, candidate) ? 0 : strv_extend(list, candidate);
}

static int offer_commands(char ***list, const char *text) {
        int r = offer(list, "help", text);

        for (const Command *const *c = commands; r == 0 && *c; c++)
                r = offer(list, (*c)->name, text);
        return r;
}

static int offer_process(char ***list, const ProcessInfo *p, const char *text) {
        _cleanup_(freep) char *name = NULL, *whole = NULL;
        int r;

        r = namespec_join(p->group, p->name, &name);
        if (r == 0)
                r = offer(list, name, text);
        if (r < 0 || strcmp(p->group, p->name) == 0)
                return r;
        if (asprintf(&whole, "%s:*", p->group) < 0) {
                whole = NULL;
                return -ENOMEM;
        }
        return offer(list, whole, text);
}

/* Without a daemon there is nothing to offer. */
static int offer_names(Session *s, char ***list, const char *text, bool groups) {
        _cleanup_(process_list_done) ProcessList processes = { 0 };
        _cleanup_(freep) char *why = NULL;
        int r;

        if (session_connect(s, &why) < 0 || client_list(s->client, NULL, &processes) < 0)
                return 0;
        r = offer(list, "all", text);
        for (size_t i = 0; r == 0 && i < processes.n; i++)
                r = groups ? offer(list, processes.items[i].group, text)
                           : offer_process(list, &processes.items[i], text);
        return r;
}

static int offer_signals(char ***list, const char *text) {
        static const char *const signals[] = { "HUP",  "INT",  "QUIT", "TERM", "KILL",
                                               "USR1", "USR2", "CONT", "STOP" };
        int r = 0;

        for (size_t i = 0; r == 0 && i < ELEMENTSOF(signals); i++)
                r = offer(list, signals[i], text);
        return r;
}

static int offer_arguments(Session *s, char **words, size_t n, const char *text, char ***list) {
        const Command *command = command_find(words[0]);

        if (strcmp(words[0], "help") == 0)
                return offer_commands(list, text);
        if (!command)
                return 0;
        switch (command->takes) {
        case TAKES_SIGNAL:
                return n == 1 ? offer_signals(list, text) : offer_names(s, list, text, false);
        case TAKES_PROCESSES:
                return offer_names(s, list, text, false);
        case TAKES_GROUPS:
                return offer_names(s, list, text, true);
        case TAKES_WORDS:
        case TAKES_NOTHING:
        default:
                return 0;
        }
}

int completion_find(Session *s, const char *line, const char *text, char ***ret) {
        _cleanup_(strv_freep) char **words = NULL, **list = NULL;
        size_t n;
        int r;

        r = words_split(line, &words);
        if (r < 0)
                return r;
        n = strv_length(words);
        if (*text != '\0' && n > 0)
                n--; /* the last word is what is completed */
        r = n == 0 ? offer_commands(&list, text) : offer_arguments(s, words, n, text, &list);
        if (r < 0)
                return r;
        strv_sort(list);
        *ret = TAKE_PTR(list);
        return 0;
}
