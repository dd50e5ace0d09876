/* supervisorctl: from the command line to a command or the prompt. */
#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "ctl/command.h"
#include "ctl/prompt.h"
#include "ctl/remote.h"

static int usage_error(const char *program) {
        fprintf(stderr, "For help, use %s -h\n", program);
        return EXIT_INVALID_ARGUMENTS;
}

/* The words of the command line as one line, as Python has it. */
static int join(char *const *words, char **ret) {
        _cleanup_(buffer_done) Buffer line = { 0 };
        int r = 0;

        for (; r == 0 && *words; words++) {
                r = buffer_append(&line, *words, strlen(*words));
                if (r == 0)
                        r = buffer_append(&line, " ", 1);
        }
        if (r == 0)
                *ret = TAKE_PTR(line.data);
        return r;
}

static void run(Session *s, const CtlOptions *o) {
        _cleanup_(freep) char *line = NULL;

        s->interactive = o->interactive || !o->arguments[0];
        if (o->arguments[0]) {
                if (join(o->arguments, &line) < 0)
                        session_complain(s, EXIT_GENERIC, "no memory");
                else
                        command_run(s, line);
        }
        if (!s->interactive || s->leave)
                return;
        prompt_loop(s);
        if (!o->arguments[0])
                s->status = EXIT_GOOD; /* nobody asks a prompt for its status */
}

int main(int argc, char **argv) {
        _cleanup_(settings_done) Settings settings = { 0 };
        _cleanup_(session_done) Session session = { .settings = &settings };
        const char *program = argc > 0 ? argv[0] : "supervisorctl";
        CtlOptions options;
        int r;

        r = ctl_options_parse(argv, &options, stderr);
        if (r < 0)
                return usage_error(program);
        if (options.help) {
                ctl_options_help(stdout, program);
                return EXIT_GOOD;
        }
        if (options.host) {
                r = remote_run(&options);
                fprintf(stderr, "Error: cannot run ssh: %s\n", strerror(-r));
                return EXIT_GENERIC;
        }
        r = settings_load(&options, program, &settings, stderr);
        if (r < 0) {
                if (r == -ENOMEM)
                        fputs("Error: no memory\n", stderr);
                return usage_error(program);
        }
        run(&session, &options);
        return (int)session.status;
}
