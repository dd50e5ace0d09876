/* why: what has brought a process to where it is. */
#include "ctl/commands/command-why.h"

#include <string.h>

#include "base/macro.h"
#include "ctl/session/choice.h"
#include "ctl/session/word-list.h"
#include "ctl/text/describe.h"
#include "ctl/text/event-text.h"
#include "ctl/text/status-text.h"

static void print_goal(const ProcessInfo *p) {
        printf("  wanted %s%s%s", p->goal, p->enabled ? "" : ", disabled",
               p->ready ? ", ready" : "");
        printf("; started %u time%s", p->starts, p->starts == 1 ? "" : "s");
        if (p->failures > 0)
                printf(", the last %u failed", p->failures);
        putchar('\n');
        if (*p->status_text)
                printf("  says: %s\n", p->status_text);
}

static void print_health(const ProcessInfo *p) {
        if (!p->health)
                return;
        printf("  health: %s", p->health);
        if (p->health_failures > 0)
                printf(", %u failure%s in a row", p->health_failures,
                       p->health_failures == 1 ? "" : "s");
        if (p->health_text && *p->health_text)
                printf(": %s", p->health_text);
        putchar('\n');
}

static void print_last_run(const ProcessInfo *p) {
        char time[DESCRIBE_TIME_MAX], buffer[DESCRIBE_EXIT_MAX];
        const char *how = describe_exit(p, buffer);

        if (how && p->stopped > 0)
                printf("  last run ended %s: %s\n", describe_time(p->stopped, TIME_SHORT, time),
                       how);
        else if (how)
                printf("  last run ended: %s\n", how);
}

static void print_next(const ProcessInfo *p, uint64_t now) {
        char duration[DESCRIBE_DURATION_MAX];

        if (p->deadline == 0)
                return;
        printf("  next: %s in %s\n",
               strcmp(p->state, "STOPPING") == 0 ? "a harder signal" : "start",
               describe_duration(p->deadline > now ? p->deadline - now : 0, duration));
}

static void print_explanation(const Explanation *e, uint64_t now) {
        const ProcessInfo *const one[] = { &e->process, NULL };

        status_print(stdout, one, now);
        print_goal(&e->process);
        print_health(&e->process);
        print_last_run(&e->process);
        print_next(&e->process, now);
        if (e->n_changes > 0)
                puts("  changes:");
        for (size_t i = 0; i < e->n_changes; i++) {
                fputs("    ", stdout);
                event_print(stdout, &e->changes[i]);
        }
        if (e->output && *e->output)
                puts("  last output:");
        for (char **line = e->output; line && *line; line++)
                printf("    | %s\n", *line);
}

static void put_explanation(JsonWriter *w, const Explanation *e, uint64_t now) {
        json_object_begin(w, NULL);
        json_array_begin(w, "process"); /* an array with one object, as `status --json` has it */
        status_put_json(w, &e->process, now);
        json_array_end(w);
        json_array_begin(w, "changes");
        for (size_t i = 0; i < e->n_changes; i++)
                event_put_json(w, &e->changes[i]);
        json_array_end(w);
        json_array_begin(w, "output");
        for (char **line = e->output; line && *line; line++)
                json_string(w, NULL, *line);
        json_array_end(w);
        json_object_end(w);
}

/* Explain each process that @word means. */
static void explain_word(Session *s, const ProcessList *list, char *word, JsonWriter *json) {
        _cleanup_(freep) const ProcessInfo **chosen = NULL;
        char *words[] = { word, NULL };
        bool known;

        if (choice_make(list, words, json->file ? stderr : stdout, &chosen, &known) < 0)
                return;
        if (!known)
                s->status = EXIT_GENERIC;
        for (const ProcessInfo **p = chosen; *p; p++) {
                _cleanup_(explanation_done) Explanation e = { 0 };
                _cleanup_(freep) char *name = NULL;

                if (asprintf(&name, "%s:%s", (*p)->group, (*p)->name) < 0) {
                        name = NULL;
                        return;
                }
                if (client_explain(s->client, name, &e) < 0) {
                        session_report(s);
                        return;
                }
                if (json->file)
                        put_explanation(json, &e, list->now);
                else
                        print_explanation(&e, list->now);
        }
}

static void run_why(Session *s, char **words) {
        _cleanup_(process_list_done) ProcessList list = { 0 };
        bool json = words_take_flag(words, "--json");
        JsonWriter w = { .file = json ? stdout : NULL };

        if (!words_expect_names(s, words, EXIT_GENERIC) || !words_are_names(s, words) ||
            !choice_fetch(s, client_list_states, words, &list))
                return;
        if (json)
                json_array_begin(&w, NULL);
        for (char **word = words; *word && s->client; word++)
                explain_word(s, &list, *word, &w);
        if (json)
                json_array_end(&w);
}

const Command command_why = {
        .name = "why",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_why,
        .help = "why <name> [...]\tExplain the state: last changes, last output, what is next\n"
                "why --json <name>\tThe same as JSON",
};
