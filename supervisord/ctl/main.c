/* supervisorctl: from the command line to a command, the prompt, or another host. */
#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "ctl/dispatch.h"
#include "ctl/prompt.h"
#include "ctl/remote.h"

static int usage_error(const char *program) {
        fprintf(stderr, "For help, use %s -h\n", program);
        return EXIT_INVALID_ARGUMENTS;
}

/* The words of the command line as one line, which is cut again at its blanks, as in Python. */
static int join_words(char *const *words, char **ret) {
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

static void run_session(Session *s, const CtlOptions *o) {
        _cleanup_(freep) char *line = NULL;

        s->interactive = o->interactive || !o->arguments[0];
        if (o->arguments[0]) {
                if (join_words(o->arguments, &line) < 0)
                        session_complain(s, EXIT_GENERIC, "no memory");
                else
                        dispatch_line(s, line);
        }
        if (!s->interactive || s->leave)
                return;
        prompt_loop(s);
        if (!o->arguments[0])
                s->status = EXIT_GOOD; /* that of a command at the prompt is of no interest */
}

int main(int argc, char **argv) {
        _cleanup_(setup_done) Setup setup = { 0 };
        _cleanup_(session_done) Session session = { .setup = &setup };
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
        r = setup_load(&options, program, &setup, stderr);
        if (r < 0) {
                if (r == -ENOMEM)
                        fputs("Error: no memory\n", stderr);
                return usage_error(program);
        }
        run_session(&session, &options);
        return (int)session.status;
}
