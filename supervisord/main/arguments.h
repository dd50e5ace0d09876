/* The command line of supervisord: the options of Python's supervisord, and some of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"
#include "config/model/config.h"

typedef enum Verb {
        VERB_RUN,
        VERB_CHECK,     /* -t */
        VERB_DUMP_INI,  /* --dump-config */
        VERB_DUMP_JSON, /* --dump-config=json */
        VERB_HELP,
        VERB_HELP_CONFIG, /* --help-config [KEY] */
        VERB_VERSION,
        VERB_COMMAND, /* -- CMD ARGS */
} Verb;

#define OPTIONS_OVERRIDES_MAX 20

typedef struct Arguments {
        Verb verb;
        const char *config_path; /* or NULL: look for one */
        const char *unit;        /* of VERB_CHECK: systemd's that runs it; or NULL: look for one */
        const char *topic;       /* of --help-config, or NULL */
        char **command;          /* of VERB_COMMAND, ends with NULL */
        bool strict;
        bool no_host_checks;
        ConfigOverride overrides[OPTIONS_OVERRIDES_MAX];
        size_t n_overrides;
} Arguments;

/*
 * Read the command line. Strings in *ret are @argv's. Returns 0, or -EINVAL after it has printed
 * what is wrong on stderr.
 */
int arguments_parse(int argc, char **argv, Arguments *ret);

/* Print the usage on stdout. */
void arguments_help(const char *argv0);
