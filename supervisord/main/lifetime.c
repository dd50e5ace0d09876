/*
 * The daemon from a checked configuration to its end: all that stands around the loop.
 *
 * The order matters. Sockets for ports below 1024 are opened while the daemon may, before it
 * becomes a user without privileges; the pidfile is locked before the log of an instance that
 * already runs would be touched; threads are started last, as fork(2) would lose them. Until the
 * log is open, what is wrong is told on stderr, and afterwards in the log. The supervision itself
 * is daemon/.
 */
#include "main/lifetime.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/pidfile.h"
#include "bus/bus.h"
#include "bus/control-socket.h"
#include "child/host.h"
#include "daemon/act/remembered.h"
#include "log/log.h"
#include "main/daemonize.h"
#include "main/identity.h"
#include "main/log-threads.h"
#include "main/loop-thread.h"

static void log_warnings(const ConfigReport *report) {
        for (size_t i = 0; i < report->n; i++)
                if (!report->messages[i].is_error && !report->messages[i].is_note)
                        log_warn("%s", report->messages[i].text);
}

/* ---------------------------------------------------------------- signals and the log */

/* The loop reads these through a signalfd, so that they must not be delivered. */
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

/* ---------------------------------------------------------------- pidfile, sockets, folders */

/* A second instance is refused before it touches the log of the first. */
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

/* *ret_fd is for daemonize_done(); it stays as it is if the daemon is in the background already. */
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
 * Open what programs are to get. A socket that fails is no error here: the log tells of it, and
 * each program that needs it.
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

/* What lies in the file system, made while the daemon still has its privileges. */
typedef struct Places {
        ControlSocket *control; /* NULL: there is none */
        char *control_path;     /* where it is or would be, or NULL */
        int control_error;
        char *state_folder;
} Places;

static void places_done(Places *p) {
        control_socket_free(p->control);
        free(p->control_path);
        free(p->state_folder);
}

/*
 * The socket of clients, and the folder for what is remembered. The daemon starts without the
 * socket, too; only a lack of memory is an error.
 */
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

/*
 * Become the user of @config, lock the pidfile, and open the sockets: before the user is changed,
 * as ports below 1024 need privileges, and else once it is sure that no other instance runs.
 */
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

/* ---------------------------------------------------------------- the supervision */

typedef struct Supervision {
        Config **config;
        const SupervisorOptions *options;
        const ControlSocket *control; /* for clients, or NULL */
        int background_fd;            /* for daemonize_done(), or -1 */
        bool restarts;                /* afterwards: the daemon is to start itself anew */
} Supervision;

/* To go on without would let clients wait for ever: their socket is there. */
static int serve_clients(Supervisor *s, const ControlSocket *control, Bus **ret) {
        int r = control ? bus_new(s, control, ret) : 0;

        if (r < 0)
                log_critical("cannot serve the control socket: %s", strerror(-r));
        return r;
}

static int supervise(void *userdata) {
        _cleanup_(supervisor_freep) Supervisor *supervisor = NULL;
        _cleanup_(bus_freep) Bus *bus = NULL;
        Supervision *v = userdata;
        int r;

        r = supervisor_new(v->config, v->options, &supervisor);
        if (r >= 0)
                r = serve_clients(supervisor, v->control, &bus);
        if (r >= 0 && v->background_fd >= 0)
                r = daemonize_done(v->background_fd);
        if (r < 0) {
                log_critical("cannot start: %s", strerror(-r));
                if (r == -ENOMEM) /* the log needs memory, too */
                        fprintf(stderr, "Error: cannot start: %s\n", strerror(-r));
                return EXIT_CODE_USAGE;
        }
        log_event(LOG_LEVEL_INFO, &(const LogFields){ .message_id = LOG_MESSAGE_STARTED },
                  "supervisord started with pid %d", getpid());
        r = supervisor_run(supervisor);
        v->restarts = supervisor_wants_restart(supervisor);
        return r;
}

/* The loop has a thread of its own, see main/loop-thread.h; without one only time is lost. */
static int supervise_in_thread(Supervision *v) {
        int r, status;

        r = loop_thread_call(supervise, v, &status);
        if (r >= 0)
                return status;
        log_warn("cannot start a thread for the loop, a restart beside many programs takes longer: "
                 "%s",
                 strerror(-r));
        return supervise(v);
}

int lifetime_run(Lifetime *l, Config **config, const ConfigReport *report) {
        _cleanup_(listening_freep) Listening *listening = NULL;
        _cleanup_(pidfile_freep) Pidfile *pidfile = NULL;
        _cleanup_(places_done) Places places = { 0 };
        SupervisorOptions *options = &l->supervisor;
        Supervision supervision = { .config = config, .options = options, .background_fd = -1 };
        const DaemonConfig *daemon = &(*config)->daemon;
        int pidfile_error, r;

        set_signals(&l->mask);
        options->mask = &l->mask;
        if (identity_raise_limits(daemon, &options->n_files) < 0 || new_listening(&listening) < 0 ||
            make_places(options->config_path, daemon, &places) < 0 ||
            take_place(*config, listening, &pidfile, &pidfile_error) < 0 || open_log(daemon) < 0)
                return EXIT_CODE_USAGE;
        options->listening = listening;
        supervision.control = places.control;
        options->state_folder = places.state_folder;
        identity_log(daemon);
        log_warnings(report);
        log_places(&places);

        if (!daemon->nodaemon &&
            go_into_background(daemon, l->is_restart, &supervision.background_fd) < 0)
                return EXIT_CODE_USAGE;
        write_pidfile(daemon, pidfile, pidfile_error);
        listening_log(listening);
        r = host_reserve((*config)->n_processes);
        if (r < 0)
                log_debug("cannot make room for descriptors in advance: %s", strerror(-r));
        options->writers = log_threads_begin();
        r = supervise_in_thread(&supervision);
        l->restarts = supervision.restarts;
        log_threads_end(options->writers);
        return r;
}
