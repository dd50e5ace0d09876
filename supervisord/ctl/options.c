#include "ctl/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/macro.h"

static const struct Row {
        char letter; /* 0: there is none */
        const char *name;
        const char *alias; /* another name of it, or NULL */
        const char *parameter;
        const char *help;
} rows[] = {
        { 'c', "configuration", NULL, "FILENAME",
          "configuration file path (searches if not given)" },
        { 'h', "help", NULL, NULL, "print usage message and exit" },
        { 'H', "host", NULL, "HOST", "run this on HOST, through ssh" },
        { 'i', "interactive", NULL, NULL, "start an interactive shell after executing commands" },
        { 's', "serverurl", NULL, "URL",
          "control socket of the supervisord, as unix://PATH\n"
          "     (default: that of the supervisord which runs with the configuration file)" },
        { 'u', "username", NULL, "USERNAME",
          "accepted for compatibility: the user you are decides what you may do" },
        { 'p', "password", NULL, "PASSWORD", "accepted for compatibility, as above" },
        { 'r', "history-file", "history_file", "FILENAME", "keep the history of the shell there" },
};
_Static_assert(ELEMENTSOF(rows) <= 16, "one bit each in Parser.seen");

typedef struct Parser {
        CtlOptions *options;
        FILE *errors;
        uint16_t seen; /* a bit per row */
} Parser;

void ctl_options_help(FILE *f, const char *program) {
        fprintf(f,
                "supervisorctl -- control applications run by supervisord from the cmd line.\n\n"
                "Usage: %s [options] [action [arguments]]\n\nOptions:\n",
                program);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                fprintf(f, "-%c/--%s%s%s -- %s\n", rows[i].letter, rows[i].name,
                        rows[i].parameter ? " " : "", rows[i].parameter ?: "", rows[i].help);
        fputs("\nWithout an action, or with -i, commands are read from a prompt. The action \"help\"\n"
              "lists them.\n",
              f);
}

static int _printf_(2, 3) fail(Parser *p, const char *format, ...) {
        va_list ap;

        fputs("Error: ", p->errors);
        va_start(ap, format);
        vfprintf(p->errors, format, ap);
        va_end(ap);
        fputc('\n', p->errors);
        return -EINVAL;
}

/* Python takes any scheme; what it makes of it is a question for later. */
static bool is_url(const char *text) {
        const char *colon = strstr(text, "://");

        return colon && colon > text;
}

static int take(Parser *p, const struct Row *row, const char *spelling, const char *value) {
        unsigned bit = 1U << (row - rows);
        CtlOptions *o = p->options;

        if (p->seen & bit)
                return fail(p, "conflicting command line option '%s'", spelling);
        p->seen = (uint16_t)(p->seen | bit);
        switch (row->letter) {
        case 'c':
                o->config_path = value;
                return 0;
        case 'h':
                o->help = true;
                return 0;
        case 'H':
                if (*value == '\0' || *value == '-')
                        return fail(p, "invalid value for %s '%s': not the name of a host",
                                    spelling, value);
                o->host = value;
                return 0;
        case 'i':
                o->interactive = true;
                return 0;
        case 's':
                if (!is_url(value))
                        return fail(p, "invalid value for -s '%s': value '%s' is not a URL", value,
                                    value);
                o->server = value;
                return 0;
        case 'r':
                o->history_file = value;
                return 0;
        default: /* -u and -p: see the help */
                return 0;
        }
}

/* Does the @n characters at @text begin @name? With @exact, are they all of it? */
static bool names(const char *name, const char *text, size_t n, bool exact) {
        return name && strncmp(name, text, n) == 0 && (!exact || name[n] == '\0');
}

/* The row that the @n characters at @text mean, or NULL after saying why there is none. */
static const struct Row *find_long(Parser *p, const char *text, size_t n) {
        const struct Row *found = NULL;
        _cleanup_(freep) char *word = strndup(text, n);

        for (int exact = 1; exact >= 0 && !found; exact--)
                for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                        if (!names(rows[i].name, text, n, exact) &&
                            !names(rows[i].alias, text, n, exact))
                                continue;
                        if (found) {
                                (void)fail(p, "option --%s not a unique prefix", word ?: "");
                                return NULL;
                        }
                        found = &rows[i];
                }
        if (!found)
                (void)fail(p, "option --%s not recognized", word ?: "");
        return found;
}

/* "--name", "--name=value" or "--name" "value". Returns the words used or -EINVAL. */
static int take_long(Parser *p, char **words) {
        const char *text = words[0] + 2, *equals = strchr(text, '=');
        const struct Row *row;
        char spelling[32];
        int r;

        row = find_long(p, text, equals ? (size_t)(equals - text) : strlen(text));
        if (!row)
                return -EINVAL;
        (void)snprintf(spelling, sizeof(spelling), "--%s", row->name);
        if (!row->parameter && equals)
                return fail(p, "option %s must not have an argument", spelling);
        if (row->parameter && !equals && !words[1])
                return fail(p, "option %s requires argument", spelling);
        r = take(p, row, spelling, equals ? equals + 1 : row->parameter ? words[1] : "");
        if (r < 0)
                return r;
        return row->parameter && !equals ? 2 : 1;
}

static const struct Row *find_letter(char letter) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].letter == letter)
                        return &rows[i];
        return NULL;
}

/* The letter at @c of the word words[0], whose value is the rest of it or the next word. Returns
 * the words used, 0 if the next letter is to be looked at, or -EINVAL. */
static int take_letter(Parser *p, char **words, const char *c) {
        const struct Row *row = find_letter(*c);
        char spelling[] = { '-', *c, '\0' };
        const char *value = "";
        int r;

        if (!row)
                return fail(p, "option %s not recognized", spelling);
        if (row->parameter)
                value = c[1] ? c + 1 : words[1];
        if (!value)
                return fail(p, "option %s requires argument", spelling);
        r = take(p, row, spelling, value);
        if (r < 0 || !row->parameter)
                return r;
        return c[1] ? 1 : 2;
}

/* "-ab", "-avalue" or "-a" "value". Returns the words used or -EINVAL. */
static int take_short(Parser *p, char **words) {
        for (const char *c = words[0] + 1; *c; c++) {
                int r = take_letter(p, words, c);

                if (r != 0)
                        return r;
        }
        return 1;
}

int ctl_options_parse(char **argv, CtlOptions *ret, FILE *errors) {
        CtlOptions options = { 0 };
        Parser p = { .options = &options, .errors = errors };
        char **words = argv[0] ? argv + 1 : argv;

        while (words[0] && words[0][0] == '-' && words[0][1] != '\0') {
                int r;

                if (strcmp(words[0], "--") == 0) {
                        words++;
                        break;
                }
                r = words[0][1] == '-' ? take_long(&p, words) : take_short(&p, words);
                if (r < 0)
                        return r;
                words += r;
        }
        options.arguments = words;
        *ret = options;
        return 0;
}
