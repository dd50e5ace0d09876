/* supervisord: from the command line to the running daemon, and out again. */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strv.h"
#include "bus/control-socket.h"
#include "child/host.h"
#include "daemon/remembered.h"
#include "daemon/supervisor.h"
#include "log/log.h"
#include "main/again.h"
#include "main/apart.h"
#include "main/check.h"
#include "main/command.h"
#include "main/daemonize.h"
#include "main/identity.h"
#include "main/options.h"
#include "main/pidfile.h"
#include "main/version.h"
#include "main/writing.h"

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

static void log_warnings(const ConfigReport *report) {
        for (size_t i = 0; i < report->n; i++)
                if (!report->messages[i].is_error && !report->messages[i].is_note)
                        log_warn("%s", report->messages[i].text);
}

/* ---------------------------------------------------------------- the daemon */

/* What the loop reads through a signalfd, and so must not be delivered; children get the old mask.
 */
static void set_signals(sigset_t *ret_original) {
        static const int handled[] = {
                SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD
        };
        sigset_t set;

        sigemptyset(&set);
        for (size_t i = 0; i < ELEMENTSOF(handled); i++)
                sigaddset(&set, handled[i]);
        (void)sigprocmask(SIG_BLOCK, &set, ret_original);
        (void)signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of the write, */
        (void)signal(SIGXFSZ, SIG_IGN); /* and so is a file that grew to its limit */
        (void)signal(SIGCHLD, SIG_DFL); /* inherited as ignored, children would vanish unseen */
}

static int open_log(const DaemonConfig *config) {
        LogOptions options = {
                .level = config->loglevel,
                .file = config->syslog ? NULL : config->logfile,
                .max_bytes = config->logfile_maxbytes,
                .backups = config->logfile_backups,
                .console = config->nodaemon && !config->silent,
                .syslog = config->syslog,
                .identifier = config->identifier,
        };
        int r;

        r = log_open(&options);
        if (r < 0)
                fprintf(stderr, "Error: cannot open the log %s: %s\n", config->logfile ?: "syslog",
                        strerror(-r));
        return r;
}

/* A second instance is refused, before it touches the log of the first. */
static int lock_pidfile(const DaemonConfig *config, Pidfile **ret, int *ret_error) {
        pid_t holder = 0;

        *ret_error = pidfile_lock(config->pidfile, ret, &holder);
        if (*ret_error != -EBUSY)
                return 0;
        fprintf(stderr,
                "Error: another supervisord (pid %d) is running with pidfile %s: stop it first, or "
                "choose another pidfile\n",
                holder, config->pidfile);
        return -EBUSY;
}

/* A pidfile that cannot be written is no reason not to start. */
static void write_pidfile(const DaemonConfig *config, Pidfile *pidfile, int error) {
        if (error >= 0)
                error = pidfile_write(pidfile);
        if (error < 0)
                log_critical("could not write pidfile %s: %s", config->pidfile, strerror(-error));
}

/* A daemon that started itself anew is there already. */
static int go_into_background(const DaemonConfig *config, bool is_there, int *ret_fd) {
        int r = 0;

        if (!is_there) {
                log_info("daemonizing the supervisord process");
                r = daemonize(ret_fd);
        }
        if (r < 0) {
                log_critical("cannot go into the background: %s", strerror(-r));
                return r;
        }
        if (config->directory && chdir(config->directory) < 0) {
                r = -errno;
                log_critical("cannot change to %s: %s", config->directory, strerror(-r));
                return r;
        }
        (void)umask((mode_t)config->umask);
        return 0;
}

/*
 * Before a user without privileges is taken on, as ports below 1024 need them; else not before it
 * is sure that no other instance runs. What fails is told to the log, and by each program that
 * needs it.
 */
static int open_sockets(const Config *config, Listening *listening, bool *is_open) {
        int r;

        if (*is_open)
                return 0;
        *is_open = true;
        r = listening_open(listening, config);
        if (r < 0)
                fprintf(stderr, "Error: cannot open the sockets: %s\n", strerror(-r));
        return r;
}

typedef struct Places { /* what is made while we may */
        ControlSocket *control;
        char *control_path; /* where it is or would be, or NULL */
        int control_error;
        char *state_folder;
} Places;

static void places_done(Places *p) {
        control_socket_free(p->control);
        free(p->control_path);
        free(p->state_folder);
}

/* Clients and what is remembered: only to be without memory is a reason not to start. */
static int make_places(const char *config_path, const DaemonConfig *config, Places *ret) {
        int r;

        ret->control_error =
                control_socket_new(config_path, config, &ret->control, &ret->control_path);
        r = remembered_place(config_path, config, &ret->state_folder);
        if (r < 0)
                fprintf(stderr, "Error: cannot name the folder for what is remembered: %s\n",
                        strerror(-r));
        return r;
}

static int new_listening(Listening **ret) {
        int r = listening_new(ret);

        if (r < 0)
                fprintf(stderr, "Error: cannot keep sockets: %s\n", strerror(-r));
        return r;
}

static void log_places(const Places *places) {
        if (places->control_error == -EBUSY)
                log_warn("%s belongs to another supervisord that runs with this configuration: "
                         "supervisorctl will not reach this one",
                         places->control_path);
        else if (places->control_error < 0)
                log_warn("cannot make the control socket %s, supervisorctl will not work: %s",
                         places->control_path ?: "", strerror(-places->control_error));
        else if (places->control)
                log_debug("listening for supervisorctl at %s", places->control_path);
}

/* Become who we are to be, alone, with the sockets of @config open. */
static int take_place(const Config *config,
                      Listening *listening,
                      Pidfile **ret_pidfile,
                      int *ret_pidfile_error) {
        const DaemonConfig *daemon = &config->daemon;
        bool is_open = false;
        int r = 0;

        if (daemon->user && daemon->uid != geteuid())
                r = open_sockets(config, listening, &is_open);
        if (r >= 0)
                r = identity_drop_privileges(daemon);
        if (r >= 0)
                r = lock_pidfile(daemon, ret_pidfile, ret_pidfile_error);
        return r < 0 ? r : open_sockets(config, listening, &is_open);
}

typedef struct Start { /* how the daemon was started, and whether it is to be again */
        const Again *again;
        sigset_t mask; /* the signal mask that we were started with */
        bool restarts;
} Start;

typedef struct Supervision {
        Config **config;
        const SupervisorOptions *options;
        int background_fd;
        bool restarts; /* afterwards: it is to be followed by another start */
} Supervision;

static int supervise(void *userdata) {
        _cleanup_(supervisor_freep) Supervisor *supervisor = NULL;
        Supervision *v = userdata;
        int r;

        r = supervisor_new(v->config, v->options, &supervisor);
        if (r >= 0 && v->background_fd >= 0)
                r = daemonize_done(v->background_fd);
        if (r < 0) {
                log_critical("cannot start: %s", strerror(-r));
                if (r == -ENOMEM) /* which the log needs, too */
                        fprintf(stderr, "Error: cannot start: %s\n", strerror(-r));
                return EXIT_CODE_USAGE;
        }
        log_event(LOG_LEVEL_INFO, &(const LogFields){ .message_id = LOG_MESSAGE_STARTED },
                  "supervisord started with pid %d", getpid());
        r = supervisor_run(supervisor);
        v->restarts = supervisor_wants_restart(supervisor);
        return r;
}

/* See daemon/apart.h. Without the thread only time is lost. */
static int supervise_apart(Supervision *v) {
        int r, status;

        r = run_apart(supervise, v, &status);
        if (r >= 0)
                return status;
        log_warn("cannot start a thread for the loop, a restart beside many programs takes longer: "
                 "%s",
                 strerror(-r));
        return supervise(v);
}

static int
run(Config **config, SupervisorOptions *options, const ConfigReport *report, Start *start) {
        _cleanup_(listening_freep) Listening *listening = NULL;
        _cleanup_(pidfile_freep) Pidfile *pidfile = NULL;
        _cleanup_(places_done) Places places = { 0 };
        Supervision supervision = { .config = config, .options = options, .background_fd = -1 };
        const DaemonConfig *daemon = &(*config)->daemon;
        int pidfile_error, r;

        set_signals(&start->mask);
        options->mask = &start->mask;
        if (identity_raise_limits(daemon, &options->n_files) < 0 || new_listening(&listening) < 0 ||
            make_places(options->config_path, daemon, &places) < 0 ||
            take_place(*config, listening, &pidfile, &pidfile_error) < 0 || open_log(daemon) < 0)
                return EXIT_CODE_USAGE;
        options->listening = listening;
        options->control = places.control;
        options->state_folder = places.state_folder;
        identity_log(daemon);
        log_warnings(report);
        log_places(&places);

        if (!daemon->nodaemon && go_into_background(daemon, again_is_restart(start->again),
                                                    &supervision.background_fd) < 0)
                return EXIT_CODE_USAGE;
        write_pidfile(daemon, pidfile, pidfile_error);
        listening_log(listening);
        r = host_reserve((*config)->n_processes);
        if (r < 0)
                log_debug("cannot make room for descriptors in advance: %s", strerror(-r));
        options->writers = writing_begin();
        r = supervise_apart(&supervision);
        start->restarts = supervision.restarts;
        writing_end(options->writers);
        return r;
}

/* Everything of the old daemon is closed and freed by now. */
static int start_again(const Start *start, const SupervisorOptions *options) {
        int r;

        r = again_start(start->again, &start->mask, &options->n_files);
        fprintf(stderr, "Error: cannot start again: %s\n", strerror(-r));
        return EXIT_CODE_FAILED;
}

static int with_config(const Options *options, const char *argv0, const Again *again) {
        ConfigOptions config_options = {
                .overrides = options->overrides,
                .n_overrides = options->n_overrides,
                .no_host_checks = options->no_host_checks,
                .strict = options->strict,
        };
        _cleanup_(config_report_done) ConfigReport report = { 0 };
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(freep) char *found = NULL;
        SupervisorOptions supervisor = { .config = &config_options, .environ = environ };
        Start start = { .again = again };
        int r;

        if (!options->config_path && find_config(argv0, &found) < 0)
                return usage_error(argv0);
        supervisor.config_path = options->config_path ?: found;

        r = config_load(supervisor.config_path, &config_options, &config, &report);
        print_report(&report, options->verb);
        if (r < 0) {
                if (r != -EINVAL)
                        fprintf(stderr, "Error: %s: %s\n", supervisor.config_path, strerror(-r));
                return usage_error(argv0);
        }

        switch (options->verb) {
        case VERB_CHECK:
                r = check_print_plan(config, options->unit, stdout);
                break;
        case VERB_DUMP_INI:
                r = config_dump_ini(config, stdout);
                break;
        case VERB_DUMP_JSON:
                r = config_dump_json(config, stdout);
                break;
        default:
                config_forget_text(config);
                r = run(&config, &supervisor, &report, &start);
                log_close();
                return start.restarts ? start_again(&start, &supervisor) : r;
        }
        return r < 0 || fflush(stdout) != 0 ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

int main(int argc, char **argv) {
        _cleanup_(again_freep) Again *again = NULL;
        Options options;
        sigset_t mask;

        if (again_new(argv, &again) < 0) {
                fprintf(stderr, "Error: out of memory\n");
                return EXIT_CODE_FAILED;
        }
        if (options_parse(argc, argv, &options) < 0)
                return usage_error(argv[0]);

        switch (options.verb) {
        case VERB_HELP:
                options_help(argv[0]);
                return EXIT_CODE_OK;
        case VERB_VERSION:
                printf("%s\n", SUPERVISORD_VERSION);
                return EXIT_CODE_OK;
        case VERB_HELP_CONFIG:
                return config_help(stdout, options.topic) < 0 ? EXIT_CODE_USAGE : EXIT_CODE_OK;
        case VERB_COMMAND:
                (void)sigprocmask(SIG_BLOCK, NULL, &mask);
                return command_run(options.command, environ, &mask);
        default:
                return with_config(&options, argv[0], again);
        }
}
