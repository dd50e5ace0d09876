/*
 * The command line of supervisorctl: Python's options and messages, and a few of our own.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

typedef struct CtlOptions {
        const char *config_path;  /* -c, or NULL: it is looked for */
        const char *server;       /* -s: a checked URL, or NULL */
        const char *host;         /* -H: run on that host, or NULL */
        const char *history_file; /* -r, or NULL */
        bool interactive;         /* -i: a prompt after the action */
        bool help;
        char **arguments; /* the action and its arguments, up to a NULL; part of argv */
} CtlOptions;

/*
 * Read the options of @argv (ends with NULL), which must outlive *ret. They end at the first word
 * that is none. Returns 0, or -EINVAL after the line "Error: …" was written to @errors.
 */
int ctl_options_parse(char **argv, CtlOptions *ret, FILE *errors);

/* Print what -h prints. @program is how supervisorctl was called. */
void ctl_options_help(FILE *f, const char *program);
