/*
 * What supervisorctl works with: the command line over [supervisorctl] of the configuration file,
 * and where the daemon of that file has its socket.
 */
#pragma once

#include "base/macro.h"
#include "ctl/options.h"

typedef struct Settings {
        char *prompt;       /* without the "> " */
        char *history_file; /* absolute, or NULL */
        char **sockets;     /* where the daemon may be, the likeliest first; may be empty: then */
        char *why_none;     /* says why, as an answer to a command */
} Settings;

/*
 * @argv0 leads to a configuration that lies beside the program. Returns 0, -ENOMEM, or -EINVAL
 * after the line "Error: …" was written to @errors.
 */
int settings_load(const CtlOptions *options, const char *argv0, Settings *ret, FILE *errors);
void settings_done(Settings *s);

/*
 * Go to the daemon at @url instead. Returns 0 or -ENOMEM; a URL that cannot be served leaves no
 * sockets and says why.
 */
int settings_set_server(Settings *s, const char *url);
