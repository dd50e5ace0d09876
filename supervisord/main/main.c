/*
 * supervisord: reads the command line and the configuration, and does what they ask for, which may
 * be to print something, to run one command (mini-init.h), or to supervise (lifetime.h).
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/strv.h"
#include "log/log.h"
#include "main/arguments.h"
#include "main/lifetime.h"
#include "main/mini-init.h"
#include "main/plan-report.h"
#include "main/self-restart.h"
#include "protocol/version.h"

static int usage_error(const char *argv0) {
        fprintf(stderr, "For help, use %s -h\n", argv0);
        return EXIT_CODE_USAGE;
}

/* ---------------------------------------------------------------- the configuration */

static int find_config(const char *argv0, char **ret) {
        _cleanup_(strv_freep) char **tried = NULL;
        int r;

        r = config_find(argv0, ret, &tried);
        if (r >= 0)
                return r;

        fputs("Error: No config file found at default paths (", stderr);
        for (size_t i = 0; tried && tried[i]; i++)
                fprintf(stderr, "%s%s", i > 0 ? ", " : "", tried[i]);
        fputs("); use the -c option to specify a config file at a different path\n", stderr);
        return r;
}

static void print_report(const ConfigReport *report, Verb verb) {
        for (size_t i = 0; i < report->n; i++) {
                const ConfigMessage *m = &report->messages[i];

                if (m->is_error)
                        fprintf(stderr, "Error: %s\n", m->text);
                else if (m->is_note ? verb == VERB_CHECK : verb != VERB_RUN)
                        fprintf(stderr, "%s: %s\n", m->is_note ? "Note" : "Warning", m->text);
        }
}

/* ---------------------------------------------------------------- what is asked for */

/* Returns the exit status; does not return if the daemon is to start itself anew and can. */
static int supervise(Lifetime *l,
                     Config **config,
                     const ConfigReport *report,
                     const SelfRestart *self_restart) {
        int r;

        config_forget_text(*config);
        r = lifetime_run(l, config, report);
        log_close();
        if (!l->restarts)
                return r;
        r = self_restart_start(self_restart, &l->mask, &l->supervisor.n_files);
        fprintf(stderr, "Error: cannot start again: %s\n", strerror(-r));
        return EXIT_CODE_FAILED;
}

static int with_config(const Arguments *o, const char *argv0, const SelfRestart *self_restart) {
        const ConfigOptions config_options = {
                .overrides = o->overrides,
                .n_overrides = o->n_overrides,
                .no_host_checks = o->no_host_checks,
                .strict = o->strict,
        };
        Lifetime lifetime = {
                .supervisor = { .config = &config_options, .environ = environ },
                .is_restart = self_restart_has_happened(self_restart),
        };
        _cleanup_(config_report_done) ConfigReport report = { 0 };
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(freep) char *found = NULL;
        const char *path;
        int r;

        if (!o->config_path && find_config(argv0, &found) < 0)
                return usage_error(argv0);
        path = lifetime.supervisor.config_path = o->config_path ?: found;
        r = config_load(path, &config_options, &config, &report);
        print_report(&report, o->verb);
        if (r < 0) {
                if (r != -EINVAL)
                        fprintf(stderr, "Error: %s: %s\n", path, strerror(-r));
                return usage_error(argv0);
        }

        switch (o->verb) {
        case VERB_CHECK:
                r = plan_report_print(config, o->unit, stdout);
                break;
        case VERB_DUMP_INI:
                r = config_dump_ini(config, stdout);
                break;
        case VERB_DUMP_JSON:
                r = config_dump_json(config, stdout);
                break;
        default:
                return supervise(&lifetime, &config, &report, self_restart);
        }
        return r < 0 || fflush(stdout) != 0 ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

int main(int argc, char **argv) {
        _cleanup_(self_restart_freep) SelfRestart *self_restart = NULL;
        Arguments arguments;
        sigset_t mask;

        if (self_restart_new(argv, &self_restart) < 0) {
                fprintf(stderr, "Error: out of memory\n");
                return EXIT_CODE_FAILED;
        }
        if (arguments_parse(argc, argv, &arguments) < 0)
                return usage_error(argv[0]);

        switch (arguments.verb) {
        case VERB_HELP:
                arguments_help(argv[0]);
                return EXIT_CODE_OK;
        case VERB_VERSION:
                printf("%s\n", SUPERVISORD_VERSION);
                return EXIT_CODE_OK;
        case VERB_HELP_CONFIG:
                return config_help(stdout, arguments.topic) < 0 ? EXIT_CODE_USAGE : EXIT_CODE_OK;
        case VERB_COMMAND:
                (void)sigprocmask(SIG_BLOCK, NULL, &mask);
                return mini_init_run(arguments.command, environ, &mask);
        default:
                return with_config(&arguments, argv[0], self_restart);
        }
}
