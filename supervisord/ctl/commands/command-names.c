/* pid, avail and names: what processes there are, for people and scripts. */
#include "ctl/commands/command-names.h"

#include <string.h>

#include "base/strv.h"
#include "ctl/session/choice.h"
#include "ctl/text/namespec.h"

/* Print the pid of each process that @word means. */
static void print_pids(Session *s, const ProcessList *list, const char *word) {
        bool found = false;
        Namespec spec;

        if (namespec_parse(word, &spec) < 0) {
                session_complain(s, EXIT_GENERIC, "no memory");
                return;
        }
        for (size_t i = 0; i < list->n; i++) {
                if (!namespec_matches(&spec, list->items[i].group, list->items[i].name))
                        continue;
                found = true;
                printf("%d\n", list->items[i].pid);
                if (list->items[i].pid == 0)
                        s->status = EXIT_NOT_RUNNING;
        }
        namespec_done(&spec);
        if (!found) {
                printf("No such process %s\n", word);
                s->status = EXIT_GENERIC;
        }
}

static void run_pid(Session *s, char **words) {
        _cleanup_(process_list_done) ProcessList list = { 0 };
        pid_t pid;

        if (!words[0]) {
                if (client_pid(s->client, &pid) < 0)
                        session_report(s);
                else
                        printf("%d\n", pid);
                return;
        }
        if (!choice_fetch(s, client_list_states, words, &list))
                return;
        if (strv_contains(words, "all"))
                for (size_t i = 0; i < list.n; i++)
                        printf("%d\n", list.items[i].pid);
        else
                for (char **w = words; *w; w++)
                        print_pids(s, &list, *w);
}

const Command command_pid = {
        .name = "pid",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .run = run_pid,
        .help = "pid\t\t\tGet the PID of supervisord.\n"
                "pid <name>\t\tGet the PID of a single child process by name.\n"
                "pid all\t\t\tGet the PID of every child process, one per line.",
};

/* Python sorts by the name within the group. */
static int compare_configured(const void *a, const void *b) {
        const ConfiguredProcess *x = a, *y = b;

        return namespec_compare(x->name, x->group, y->name, y->group);
}

static void run_avail(Session *s, char **words) {
        _cleanup_(configured_list_done) ConfiguredList list = { 0 };

        if (client_configured(s->client, &list) < 0) {
                if (session_faulted(s, FAULT_SHUTTING_DOWN)) {
                        puts("ERROR: supervisor shutting down");
                        s->status = EXIT_GENERIC;
                } else
                        session_report(s);
                return;
        }
        if (list.n > 0)
                qsort(list.items, list.n, sizeof(*list.items), compare_configured);
        for (size_t i = 0; i < list.n; i++) {
                const ConfiguredProcess *c = &list.items[i];
                _cleanup_(freep) char *name = NULL;

                if (namespec_join(c->group, c->name, &name) < 0)
                        continue;
                printf("%-32s %-9s %-9s %lld:%lld\n", name, c->in_use ? "in use" : "avail",
                       c->autostart ? "auto" : "manual", (long long)c->group_priority,
                       (long long)c->priority);
        }
}

const Command command_avail = {
        .name = "avail",
        .takes = TAKES_NOTHING,
        .needs = NEEDS_OPEN,
        .run = run_avail,
        .help = "avail\t\t\tDisplay all configured processes",
};

/* What commands take for processes, for completion and scripts: "g:*" stands for a whole group. */
static void run_names(Session *s, char **words) {
        _cleanup_(process_list_done) ProcessList list = { 0 };
        const char *group = "";

        if (!choice_fetch(s, client_list_states, words, &list))
                return;
        for (size_t i = 0; i < list.n; i++) {
                const ProcessInfo *p = &list.items[i];

                if (strcmp(p->group, p->name) == 0) {
                        puts(p->name);
                        continue;
                }
                if (strcmp(p->group, group) != 0)
                        printf("%s:*\n", p->group);
                group = p->group;
                printf("%s:%s\n", p->group, p->name);
        }
}

const Command command_names = {
        .name = "names",
        .takes = TAKES_NOTHING,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_names,
        .help = "names\t\t\tNames of all processes and groups, one per line",
};
