/*
 * Where the daemon is and what the prompt looks like: the command line goes before [supervisorctl]
 * of the configuration file. The socket is that of the daemon which runs with the same file.
 */
#pragma once

#include "base/macro.h"
#include "ctl/session/options.h"

typedef struct Setup {
        char *prompt;       /* without the "> " */
        char *history_file; /* absolute, or NULL */
        char **sockets;     /* where the daemon may be, the likeliest first; may be empty */
        char *why_none;     /* why it is empty, as an answer to a command */
} Setup;

/*
 * Read the file that @options name or that is found; @argv0 is how the program was called, as a
 * file beside it is looked for, too. Returns 0, -ENOMEM, or -EINVAL after the line "Error: …" was
 * written to @errors. Free *ret with setup_done().
 */
int setup_load(const CtlOptions *options, const char *argv0, Setup *ret, FILE *errors);
void setup_done(Setup *s);

/*
 * Go to the daemon at @url instead. Returns 0 or -ENOMEM; a URL that cannot be served leaves no
 * sockets and says why.
 */
int setup_set_server(Setup *s, const char *url);
