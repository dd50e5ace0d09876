/*
 * Fuzz the control socket: whatever a client sends, before and after it has authenticated. The
 * first byte of the input says which: an odd one stands for a client that has.
 *
 * The daemon's own loop serves it in this process. Its programs cannot be started, as there are no
 * such commands.
 */
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "bus/bus.h"
#include "bus/control-socket.h"
#include "daemon/apply.h"
#include "daemon/entry/supervisor-state.h"
#include "fuzz/target.h"
#include "log/log.h"

typedef struct Daemon {
        char folder[32], config[64], control[64];
        Supervisor *supervisor;
        Bus *bus;
        ControlSocket *socket;
        Listening *listening;
        ConfigOptions config_options;
        SupervisorOptions options;
        sigset_t mask;
} Daemon;

static Daemon the_daemon;

static void write_config(const Daemon *d) {
        FILE *f = fopen(d->config, "we");

        if (!f)
                target_fail(d->config);
        (void)fprintf(f,
                      "[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=%s/pid\n"
                      "childlogdir=%s\ncontrol_socket=%s\n"
                      "[program:a]\ncommand=/nonexistent/a\nautostart=false\n"
                      "[program:w]\ncommand=/nonexistent/w\nautostart=false\nnumprocs=3\n"
                      "process_name=%%(process_num)d\n",
                      d->folder, d->folder, d->control);
        (void)fclose(f);
}

int __wrap_sd_event_source_set_ratelimit(sd_event_source *s, uint64_t interval, unsigned burst);

/* Nobody connects as often as we do, so accepting is not limited in speed (see --wrap in
 * tests/rules.mk). */
int __wrap_sd_event_source_set_ratelimit(sd_event_source *s, uint64_t interval, unsigned burst) {
        return 0;
}

static void start(Daemon *d) {
        ConfigReport report = { 0 };
        Config *config;
        char *place;

        if (config_load(d->config, &d->config_options, &config, &report) < 0)
                target_fail("configuration");
        config_report_done(&report);
        if (control_socket_new(d->config, &config->daemon, &d->socket, &place) < 0)
                target_fail("control socket");
        free(place);
        if (supervisor_new(&config, &d->options, &d->supervisor) < 0)
                target_fail("supervisor");
        if (bus_new(d->supervisor, d->socket, &d->bus) < 0)
                target_fail("bus");
        if (supervisor_apply(d->supervisor, d->supervisor->config,
                             (size_t[CHANGE_REMOVED + 1]){ 0 }) < 0)
                target_fail("table");
}

static void stop(Daemon *d) {
        d->bus = bus_free(d->bus);
        d->supervisor = supervisor_free(d->supervisor);
        d->socket = control_socket_free(d->socket);
}

static void remove_folder(void) {
        Daemon *d = &the_daemon;

        stop(d);
        listening_free(d->listening);
        (void)unlink(d->config);
        (void)rmdir(d->folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
        Daemon *d = &the_daemon;

        sigemptyset(&d->mask);
        sigaddset(&d->mask, SIGTERM);
        sigaddset(&d->mask, SIGINT);
        sigaddset(&d->mask, SIGQUIT);
        sigaddset(&d->mask, SIGHUP);
        sigaddset(&d->mask, SIGUSR1);
        sigaddset(&d->mask, SIGUSR2);
        sigaddset(&d->mask, SIGCHLD);
        (void)sigprocmask(SIG_BLOCK, &d->mask, NULL);
        (void)signal(SIGPIPE, SIG_IGN);
        sigemptyset(&d->mask);

        (void)strcpy(d->folder, "/tmp/fuzz-bus-XXXXXX");
        if (!mkdtemp(d->folder))
                target_fail("folder");
        (void)snprintf(d->config, sizeof(d->config), "%s/conf", d->folder);
        (void)snprintf(d->control, sizeof(d->control), "%s/control", d->folder);
        write_config(d);
        if (listening_new(&d->listening) < 0)
                target_fail("sockets");
        d->options = (SupervisorOptions){
                .config_path = d->config,
                .config = &d->config_options,
                .mask = &d->mask,
                .environ = environ,
                .n_files = { 1024, 1024 },
                .listening = d->listening,
        };
        start(d);
        return atexit(remove_folder);
}

/* Let the loop do what there is to do now. */
static void turn(const Daemon *d) {
        for (unsigned i = 0; i < 50; i++)
                if (sd_event_run(d->supervisor->event, 0) <= 0)
                        return;
}

static int connect_client(const Daemon *d) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", d->control);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                target_fail("connect");
        return fd;
}

static void authenticate(const Daemon *d, int fd) {
        char hello[64], hex[32] = "", uid[16];
        size_t n = 0;

        (void)snprintf(uid, sizeof(uid), "%u", (unsigned)getuid());
        for (const char *p = uid; *p; p++)
                n += (size_t)snprintf(hex + n, sizeof(hex) - n, "%02x", (unsigned)*p);
        n = (size_t)snprintf(hello, sizeof(hello), "%cAUTH EXTERNAL %s\r\nBEGIN\r\n", '\0', hex);
        (void)!send(fd, hello, n, MSG_NOSIGNAL);
        turn(d);
}

static void read_all(int fd) {
        char buffer[65536];

        while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
                ;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Daemon *d = &the_daemon;
        int fd;

        if (size == 0)
                return 0;
        if (engine_shutdown_mode(d->supervisor->engine) != SHUTDOWN_NONE) {
                stop(d);
                start(d);
        }
        fd = connect_client(d);
        if (data[0] & 1)
                authenticate(d, fd);
        else
                turn(d);
        if (size > 1)
                (void)!send(fd, data + 1, size - 1, MSG_NOSIGNAL);
        turn(d);
        read_all(fd);
        turn(d);
        (void)close(fd);
        turn(d);
        return 0;
}
