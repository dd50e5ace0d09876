/*
 * From a line to a command. The end of the input and `help` are no rows of the table: Python does
 * not list them among its commands either.
 */
#include "ctl/dispatch.h"

#include <ctype.h>
#include <string.h>

#include "base/strv.h"
#include "ctl/command-table.h"
#include "ctl/session/word-list.h"
#include "ctl/text/columns.h"

#define HELP_WIDTH 79

/* ---------------------------------------------------------------- the help */

static void print_topics(const char *header, bool ours) {
        const char *names[64];
        size_t n = 0;

        for (const Command *const *c = commands; *c && n < ELEMENTSOF(names); c++)
                if ((*c)->ours == ours)
                        names[n++] = (*c)->name;
        puts(header);
        for (size_t i = 0; i < strlen(header); i++)
                putchar('=');
        putchar('\n');
        columns_print(stdout, names, n, HELP_WIDTH);
        putchar('\n');
}

static void print_help(char *const *words) {
        const Command *c = words[0] ? command_find(words[0]) : NULL;

        if (c)
                puts(c->help);
        else if (!words[0]) {
                putchar('\n');
                print_topics("default commands (type help <topic>):", false);
                print_topics("more commands (type help <topic>):", true);
        } else if (strcmp(words[0], "help") == 0)
                puts("help\t\tPrint a list of available actions\n"
                     "help <action>\tPrint help for <action>");
        else
                printf("*** No help on %s\n", words[0]);
}

/* ---------------------------------------------------------------- commands */

/* How many characters at the beginning of @line are a name. */
static size_t name_length(const char *line) {
        size_t n = 0;

        while (isalnum((unsigned char)line[n]) || line[n] == '_' ||
               (line[n] == '-' && n > 0 && isalpha((unsigned char)line[n + 1])))
                n++;
        return n;
}

static void reject_line(Session *s, const char *line) {
        printf("*** Unknown syntax: %s\n", line);
        s->status = EXIT_GENERIC;
}

/* Run @c once what its row promises is so. */
static void run_command(Session *s, const Command *c, char **words) {
        s->command = c;
        if (c->takes == TAKES_NOTHING && !words_expect_none(s, words))
                return;
        if ((c->needs == NEEDS_UP && !session_up(s)) ||
            (c->needs == NEEDS_OPEN && !session_open(s)))
                return;
        c->run(s, words);
}

/* Run the command @name, which are the first @n characters of @line. EOF, the name that Python has
 * for the end of the input, leaves the prompt as `exit` does. */
static void run_line(Session *s, const char *name, const char *line, size_t n) {
        _cleanup_(strv_freep) char **owned = NULL;
        _cleanup_(freep) char **words = NULL;
        const Command *c = command_find(strcmp(name, "EOF") == 0 ? "exit" : name);
        bool help = strcmp(name, "help") == 0;

        if (!c && !help)
                reject_line(s, line);
        else if (words_split(line + n, &owned) < 0 || words_list(owned, &words) < 0)
                session_complain(s, EXIT_GENERIC, "no memory");
        else if (help)
                print_help(words);
        else
                run_command(s, c, words);
}

void dispatch_line(Session *s, const char *line) {
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
                reject_line(s, stripped);
        else
                run_line(s, name, stripped, n);
        (void)fflush(stdout); /* a reader that is gone cannot be told */
}
