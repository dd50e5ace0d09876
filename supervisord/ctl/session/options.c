/*
 * The options of supervisorctl. getopt_long(3) reads them; the messages are those of Python's
 * getopt, which scripts and people know, so they are put together here.
 */
#include "ctl/session/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "base/macro.h"
#include "base/strv.h"

static const struct OptionRow {
        char letter;
        const char *name;
        const char *parameter; /* NULL: it has none */
        const char *help;      /* NULL: another name for the option with that letter */
} rows[] = {
        { 'c', "configuration", "FILENAME", "configuration file path (searches if not given)" },
        { 'h', "help", NULL, "print usage message and exit" },
        { 'H', "host", "HOST", "run this on HOST, through ssh" },
        { 'i', "interactive", NULL, "start an interactive shell after executing commands" },
        { 's', "serverurl", "URL",
          "control socket of the supervisord, as unix://PATH\n"
          "     (default: that of the supervisord which runs with the configuration file)" },
        { 'u', "username", "USERNAME",
          "accepted for compatibility: the user you are decides what you may do" },
        { 'p', "password", "PASSWORD", "accepted for compatibility, as above" },
        { 'r', "history-file", "FILENAME", "keep the history of the shell there" },
        { 'r', "history_file", "FILENAME", NULL }, /* Python's spelling */
};
#define SHORT_OPTIONS "+:c:hH:is:u:p:r:" /* +: options end at the first word that is none */

void ctl_options_help(FILE *f, const char *program) {
        fprintf(f,
                "supervisorctl -- control applications run by supervisord from the cmd line.\n\n"
                "Usage: %s [options] [action [arguments]]\n\nOptions:\n",
                program);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].help)
                        fprintf(f, "-%c/--%s%s%s -- %s\n", rows[i].letter, rows[i].name,
                                rows[i].parameter ? " " : "", rows[i].parameter ?: "",
                                rows[i].help);
        fputs("\nWithout an action, or with -i, commands are read from a prompt. The action \"help\"\n"
              "lists them.\n",
              f);
}

static int _printf_(2, 3) reject(FILE *f, const char *format, ...) {
        va_list ap;

        fputs("Error: ", f);
        va_start(ap, format);
        vfprintf(f, format, ap);
        va_end(ap);
        fputc('\n', f);
        return -EINVAL;
}

static const struct OptionRow *find_row(int letter) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].letter == letter)
                        return &rows[i];
        return NULL;
}

/* Tell what is wrong with the name of a long option: getopt_long() does not say which it is. */
static int reject_name(FILE *errors, const char *name) {
        int n = (int)strcspn(name, "=");

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strncmp(rows[i].name, name, (size_t)n) == 0)
                        return reject(errors, "option --%.*s not a unique prefix", n, name);
        return reject(errors, "option --%.*s not recognized", n, name);
}

/* Tell what is wrong with the option in @word: its value is @missing, or it does not exist. */
static int reject_option(FILE *errors, const char *word, bool missing) {
        const struct OptionRow *row = find_row(optopt);
        bool is_long = strncmp(word, "--", 2) == 0;

        if (is_long && !row)
                return reject_name(errors, word + 2);
        if (is_long)
                return reject(errors, "option --%s %s", row->name,
                              missing ? "requires argument" : "must not have an argument");
        return reject(errors, "option -%c %s", optopt,
                      missing ? "requires argument" : "not recognized");
}

/* Python takes any scheme; whether it can be served is seen when it is needed. */
static bool is_url(const char *text) {
        const char *colon = strstr(text, "://");

        return colon && colon > text;
}

static int set_option(CtlOptions *o, int letter, const char *spelling, FILE *errors) {
        switch (letter) {
        case 'c':
                o->config_path = optarg;
                return 0;
        case 'h':
                o->help = true;
                return 0;
        case 'H':
                if (*optarg == '\0' || *optarg == '-')
                        return reject(errors, "invalid value for %s '%s': not the name of a host",
                                      spelling, optarg);
                o->host = optarg;
                return 0;
        case 'i':
                o->interactive = true;
                return 0;
        case 's':
                if (!is_url(optarg))
                        return reject(errors, "invalid value for -s '%s': value '%s' is not a URL",
                                      optarg, optarg);
                o->server = optarg;
                return 0;
        case 'r':
                o->history_file = optarg;
                return 0;
        default: /* -u and -p: see the help */
                return 0;
        }
}

int ctl_options_parse(char **argv, CtlOptions *ret, FILE *errors) {
        struct option longs[ELEMENTSOF(rows) + 1] = { 0 };
        int argc = (int)strv_length(argv), letter, r;
        bool seen[UCHAR_MAX + 1] = { false };
        CtlOptions options = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                longs[i] = (struct option){ rows[i].name, rows[i].parameter != NULL, NULL,
                                            rows[i].letter };
        opterr = 0;
        optind = 0; /* glibc begins anew then */
        for (;;) {
                const char *word = argc > 0 ? argv[MAX(optind, 1)]
                                            : NULL; /* a word of letters is several options */
                char spelling[32];

                letter = getopt_long(argc, argv, SHORT_OPTIONS, longs, NULL);
                if (letter < 0)
                        break;
                if (letter == '?' || letter == ':')
                        return reject_option(errors, word, letter == ':');
                (void)snprintf(spelling, sizeof(spelling), "-%c", letter);
                if (strncmp(word, "--", 2) == 0)
                        (void)snprintf(spelling, sizeof(spelling), "--%s", find_row(letter)->name);
                if (seen[letter])
                        return reject(errors, "conflicting command line option '%s'", spelling);
                seen[letter] = true;
                r = set_option(&options, letter, spelling, errors);
                if (r < 0)
                        return r;
        }
        options.arguments = argv + MIN(optind, argc);
        *ret = options;
        return 0;
}
