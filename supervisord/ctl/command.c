/* From a line to a command; the help. */
#include "ctl/command.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "ctl/columns.h"
#include "ctl/words.h"

const Command *command_find(const char *name) {
        for (size_t i = 0; i < n_commands; i++)
                if (strcmp(commands[i].name, name) == 0)
                        return &commands[i];
        return NULL;
}

void command_print_help(const char *name) {
        const Command *c = command_find(name);

        if (c)
                puts(c->help);
        else if (strcmp(name, "help") == 0)
                puts("help\t\tPrint a list of available actions\n"
                     "help <action>\tPrint help for <action>");
        else
                printf("*** No help on %s\n", name);
}

static void print_topics(const char *header, bool ours) {
        const char *names[64];
        size_t n = 0;

        for (size_t i = 0; i < n_commands && n < ELEMENTSOF(names); i++)
                if (commands[i].ours == ours)
                        names[n++] = commands[i].name;
        puts(header);
        for (size_t i = 0; i < strlen(header); i++)
                putchar('=');
        putchar('\n');
        columns_print(stdout, names, n, 79);
        putchar('\n');
}

void command_help(Session *s, char **words) {
        if (words[0]) {
                command_print_help(words[0]);
                return;
        }
        putchar('\n');
        print_topics("default commands (type help <topic>):", false);
        print_topics("more commands (type help <topic>):", true);
}

void command_leave(Session *s, char **words) {
        putchar('\n');
        s->leave = true;
}

/* How many characters of @line are the name of a command. */
static size_t name_length(const char *line) {
        size_t n = 0;

        while (isalnum((unsigned char)line[n]) || line[n] == '_' ||
               (line[n] == '-' && n > 0 && isalpha((unsigned char)line[n + 1])))
                n++;
        return n;
}

static void unknown(Session *s, const char *line) {
        printf("*** Unknown syntax: %s\n", line);
        s->status = EXIT_GENERIC;
}

static void run(Session *s, const char *name, const char *line, size_t n) {
        _cleanup_(strv_freep) char **owned = NULL;
        _cleanup_(freep) char **words = NULL;
        const Command *c = command_find(name);
        bool help = strcmp(name, "help") == 0, end = strcmp(name, "EOF") == 0;

        if (!c && !help && !end) {
                unknown(s, line);
                return;
        }
        if (words_split(line + n, &owned) < 0 || words_list(owned, &words) < 0) {
                session_complain(s, EXIT_GENERIC, "no memory");
                return;
        }
        if (help)
                command_help(s, words);
        else if (end)
                command_leave(s, words);
        else
                c->run(s, words);
}

void command_run(Session *s, const char *line) {
        _cleanup_(freep) char *stripped = NULL, *name = NULL;
        size_t n;

        while (isspace((unsigned char)*line))
                line++;
        n = strlen(line);
        while (n > 0 && isspace((unsigned char)line[n - 1]))
                n--;
        if (n == 0)
                return;
        stripped = strndup(line, n);
        n = line[0] == '?' ? 1 : stripped ? name_length(stripped) : 0;
        name = line[0] == '?' ? strdup("help") : strndup(line, n);
        if (!stripped || !name)
                session_complain(s, EXIT_GENERIC, "no memory");
        else if (n == 0)
                unknown(s, stripped);
        else
                run(s, name, stripped, n);
        (void)fflush(stdout); /* a reader that is gone cannot be told */
}
