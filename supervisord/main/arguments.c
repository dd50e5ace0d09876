/*
 * The command line of supervisord, read with getopt_long(3) from one table that has the options,
 * the keys of [supervisord] that they override, and their help. It decides nothing: main() looks at
 * the result.
 */
#include "main/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

/* Long options without a letter. */
enum {
        OPTION_STRIP_ANSI = 256,
        OPTION_MINPROCS,
        OPTION_STRICT,
        OPTION_NO_HOST_CHECKS,
        OPTION_DUMP_CONFIG,
        OPTION_HELP_CONFIG,
        OPTION_UNIT,
        OPTION_MAX,
};

/* Every option, once: what getopt needs, what it overrides in [supervisord], and what the help
 * says. */
static const struct OptionRow {
        int id;
        const char *name;
        int argument;          /* no_argument, required_argument, optional_argument */
        const char *key;       /* the key of [supervisord] that it overrides, or NULL */
        const char *parameter; /* for the help */
        const char *help;
} rows[] = {
        { 'c', "configuration", required_argument, NULL, "FILE",
          "read FILE instead of looking for one" },
        { 't', "check", no_argument, NULL, NULL,
          "check the configuration, print the plan and exit" },
        { OPTION_UNIT, "unit", required_argument, NULL, "NAME",
          "with -t: the systemd unit to compare with" },
        { 'n', "nodaemon", no_argument, "nodaemon", NULL, "stay in the foreground" },
        { 's', "silent", no_argument, "silent", NULL, "do not copy the log to standard output" },
        { 'u', "user", required_argument, "user", "USER", "become USER" },
        { 'm', "umask", required_argument, "umask", "OCTAL", "file mode mask of the daemon" },
        { 'd', "directory", required_argument, "directory", "DIR",
          "change to DIR in the background" },
        { 'l', "logfile", required_argument, "logfile", "FILE", "log to FILE" },
        { 'y', "logfile_maxbytes", required_argument, "logfile_maxbytes", "SIZE",
          "rotate the log at SIZE" },
        { 'z', "logfile_backups", required_argument, "logfile_backups", "N", "keep N old logs" },
        { 'e', "loglevel", required_argument, "loglevel", "LEVEL",
          "critical error warn info debug trace blather" },
        { 'j', "pidfile", required_argument, "pidfile", "FILE", "write the daemon's pid to FILE" },
        { 'i', "identifier", required_argument, "identifier", "NAME", "name of this instance" },
        { 'q', "childlogdir", required_argument, "childlogdir", "DIR", "where AUTO logs are made" },
        { 'k', "nocleanup", no_argument, "nocleanup", NULL, "keep AUTO logs of an earlier run" },
        { 'a', "minfds", required_argument, "minfds", "N", "descriptors that must be available" },
        { OPTION_MINPROCS, "minprocs", required_argument, "minprocs", "N",
          "processes that must be available" },
        { OPTION_STRIP_ANSI, "strip_ansi", no_argument, "strip_ansi", NULL,
          "remove escape sequences from output" },
        { OPTION_STRICT, "strict", no_argument, NULL, NULL,
          "take warnings of the configuration for errors" },
        { OPTION_NO_HOST_CHECKS, "no-host-checks", no_argument, NULL, NULL,
          "users and directories need not exist here" },
        { OPTION_DUMP_CONFIG, "dump-config", optional_argument, NULL, "json",
          "print the effective configuration and exit" },
        { OPTION_HELP_CONFIG, "help-config", optional_argument, NULL, "KEY",
          "explain KEY, or every key of the configuration" },
        { 'v', "version", no_argument, NULL, NULL, "print the version and exit" },
        { 'h', "help", no_argument, NULL, NULL, "print this help and exit" },
};

static const struct OptionRow *find_row(int id) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].id == id)
                        return &rows[i];
        return NULL;
}

static void build_getopt(struct option longs[static ELEMENTSOF(rows) + 1],
                         char shorts[static 2 * ELEMENTSOF(rows) + 4]) {
        char *s = shorts;

        *s++ = '+'; /* no permutation: what follows the options is an error or the command */
        *s++ = ':';
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                longs[i] = (struct option){ rows[i].name, rows[i].argument, NULL, rows[i].id };
                if (rows[i].id > 255)
                        continue;
                *s++ = (char)rows[i].id;
                if (rows[i].argument == required_argument)
                        *s++ = ':';
        }
        *s++ = '?';
        *s = '\0';
        longs[ELEMENTSOF(rows)] = (struct option){ 0 };
}

static int add_override(Arguments *o, const struct OptionRow *row, const char *value) {
        if (o->n_overrides >= OPTIONS_OVERRIDES_MAX)
                return -E2BIG;
        o->overrides[o->n_overrides++] = (ConfigOverride){
                .key = row->key,
                .value = value ?: "true",
                .option = row->name,
        };
        return 0;
}

static int set_verb(Arguments *o, Verb verb, const char *option) {
        if (o->verb != VERB_RUN && o->verb != verb) {
                fprintf(stderr,
                        "Error: --%s does not go with another option that prints and exits\n",
                        option);
                return -EINVAL;
        }
        o->verb = verb;
        return 0;
}

static int take_dump(Arguments *o, const char *format) {
        if (format && strcmp(format, "json") != 0 && strcmp(format, "ini") != 0) {
                fprintf(stderr, "Error: --dump-config=%s: the formats are json and ini\n", format);
                return -EINVAL;
        }
        return set_verb(o, format && strcmp(format, "json") == 0 ? VERB_DUMP_JSON : VERB_DUMP_INI,
                        "dump-config");
}

static int take_option(Arguments *o, const struct OptionRow *row, const char *value) {
        if (row->key)
                return add_override(o, row, value);

        switch (row->id) {
        case 'c':
                o->config_path = value;
                return 0;
        case 't':
                return set_verb(o, VERB_CHECK, row->name);
        case OPTION_UNIT:
                o->unit = value;
                return 0;
        case 'v':
                return set_verb(o, VERB_VERSION, row->name);
        case 'h':
                return set_verb(o, VERB_HELP, row->name);
        case OPTION_STRICT:
                o->strict = true;
                return 0;
        case OPTION_NO_HOST_CHECKS:
                o->no_host_checks = true;
                return 0;
        case OPTION_DUMP_CONFIG:
                return take_dump(o, value);
        case OPTION_HELP_CONFIG:
                o->topic = value;
                return set_verb(o, VERB_HELP_CONFIG, row->name);
        default:
                return -EINVAL;
        }
}

/* What is left after the options: the topic of --help-config, the command after --, or a mistake.
 */
static int take_rest(int argc, char **argv, int first, Arguments *o) {
        if (first >= argc)
                return 0;
        if (o->verb == VERB_HELP_CONFIG && !o->topic && first + 1 == argc) {
                o->topic = argv[first];
                return 0;
        }
        if (strcmp(argv[first - 1], "--") != 0) {
                fprintf(stderr,
                        "Error: positional arguments are not supported: '%s' (to run one command: "
                        "supervisord -- COMMAND ARGUMENTS)\n",
                        argv[first]);
                return -EINVAL;
        }
        if (o->config_path || o->n_overrides > 0) {
                fprintf(stderr, "Error: a command after -- takes no configuration\n");
                return -EINVAL;
        }
        o->command = argv + first;
        return set_verb(o, VERB_COMMAND, "");
}

int arguments_parse(int argc, char **argv, Arguments *ret) {
        struct option longs[ELEMENTSOF(rows) + 1];
        char shorts[2 * ELEMENTSOF(rows) + 4];
        bool seen[OPTION_MAX] = { false };
        Arguments o = { .verb = VERB_RUN };
        int id, r;

        build_getopt(longs, shorts);
        opterr = 0;
        while ((id = getopt_long(argc, argv, shorts, longs, NULL)) >= 0) {
                const struct OptionRow *row =
                        id == '?' && optopt == 0 && strcmp(argv[optind - 1], "-?") == 0
                                ? find_row('h')
                                : find_row(id);

                if (id == ':') {
                        fprintf(stderr, "Error: option %s requires an argument\n",
                                argv[optind - 1]);
                        return -EINVAL;
                }
                if (!row) {
                        fprintf(stderr, "Error: option %s not recognized\n", argv[optind - 1]);
                        return -EINVAL;
                }
                if (seen[row->id]) {
                        fprintf(stderr, "Error: conflicting command line option '--%s'\n",
                                row->name);
                        return -EINVAL;
                }
                seen[row->id] = true;
                r = take_option(&o, row, optarg);
                if (r < 0)
                        return r;
        }

        r = take_rest(argc, argv, optind, &o);
        if (r < 0)
                return r;
        if (o.unit && o.verb != VERB_CHECK) {
                fprintf(stderr, "Error: --unit goes with -t only\n");
                return -EINVAL;
        }
        *ret = o;
        return 0;
}

void arguments_help(const char *argv0) {
        printf("Usage: %s [OPTION]...\n"
               "       %s -- COMMAND [ARGUMENT]...\n\n"
               "Supervise the programs of a supervisord.conf, or run one command as a container's init.\n\n",
               argv0, argv0);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char left[64];

                (void)snprintf(left, sizeof(left), "%s%c%s--%s%s%s", rows[i].id < 256 ? "-" : " ",
                               rows[i].id < 256 ? rows[i].id : ' ', rows[i].id < 256 ? ", " : "  ",
                               rows[i].name,
                               rows[i].parameter
                                       ? rows[i].argument == optional_argument ? "[=" : "="
                                       : "",
                               rows[i].parameter ?: "");
                if (rows[i].argument == optional_argument)
                        (void)strncat(left, "]", sizeof(left) - strlen(left) - 1);
                printf("  %-30s %s\n", left, rows[i].help);
        }
        printf("\nExit status: 0 after an orderly shutdown, 1 if something failed while running, 2 if it could\n"
               "not start. See supervisord(8) and supervisord.conf(5).\n");
}
