/* The connection, and calls that are answered at once. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "ctl/client/client-internal.h"
#include "protocol/bus-names.h"

#define CALL_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define DESTINATION "org.supervisord" /* any would do from peer to peer */

/* ---------------------------------------------------------------- faults */

int client_set_fault(Client *c, FaultCode code, const char *message, int error) {
        free(c->fault.message);
        c->fault.message = strdup(message ?: "");
        c->fault.code = code;
        return error;
}

int client_bus_fault(Client *c, const sd_bus_error *e, int error) {
        static const char *const of_the_connection[] = {
                SD_BUS_ERROR_NO_REPLY,
                SD_BUS_ERROR_TIMEOUT,
                SD_BUS_ERROR_DISCONNECTED,
        };

        if (!e || !sd_bus_error_is_set(e) || !sd_bus_is_open(c->bus))
                return client_set_fault(c, FAULT_LOST, strerror(-error), error);
        for (size_t i = 0; i < ELEMENTSOF(of_the_connection); i++)
                if (sd_bus_error_has_name(e, of_the_connection[i]))
                        return client_set_fault(c, FAULT_LOST, e->message, error);
        return client_set_fault(c, fault_from_name(e->name), e->message, -EREMOTEIO);
}

const Fault *client_fault(const Client *c) {
        return &c->fault;
}

/* ---------------------------------------------------------------- the connection */

/* A daemon that hangs must not hang us: connecting has a time limit as well. */
static int connect_socket(const char *path, int *ret_fd) {
        struct timeval patience = { .tv_sec = CALL_TIMEOUT_USEC / USEC_PER_SEC };
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_(closep) int fd = -1;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path) + 1);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)); /* at best */
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;
        *ret_fd = TAKE_FD(fd);
        return 0;
}

/* Signals are kept until they are asked for: they arrive while a call waits, too. */
static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Client *c = userdata;
        Event event, *room;

        if (!sd_bus_message_is_signal(m, BUS_MANAGER, NULL))
                return 0;
        if (read_event(m, &event) <= 0)
                return 0; /* one of a newer daemon */
        room = reallocarray(c->events, c->n_events + 1, sizeof(*room));
        if (!room) {
                event_done(&event); /* the gap in the numbers will be noticed */
                return 0;
        }
        c->events = room;
        c->events[c->n_events++] = event;
        return 0;
}

int client_connect(const char *path, Client **ret) {
        _cleanup_(client_freep) Client *c = NULL;
        _cleanup_(closep) int fd = -1;
        int r;

        r = connect_socket(path, &fd);
        if (r < 0)
                return r;
        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        r = sd_bus_new(&c->bus);
        if (r >= 0)
                r = sd_bus_set_fd(c->bus, fd, fd);
        if (r < 0)
                return r;
        (void)TAKE_FD(fd);
        r = sd_bus_set_method_call_timeout(c->bus, CALL_TIMEOUT_USEC);
        if (r >= 0)
                r = sd_bus_start(c->bus);
        if (r >= 0)
                r = sd_bus_add_filter(c->bus, NULL, on_message, c);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

Client *client_free(Client *c) {
        if (!c)
                return NULL;
        sd_bus_close_unref(c->bus);
        for (size_t i = c->n_given; i < c->n_events; i++)
                event_done(&c->events[i]);
        free(c->events);
        free(c->fault.message);
        free(c);
        return NULL;
}

bool client_is_open(Client *c) {
        int r;

        do
                r = sd_bus_process(c->bus, NULL);
        while (r > 0);
        return r == 0 && sd_bus_is_open(c->bus) > 0;
}

int client_get_fd(const Client *c) {
        return sd_bus_get_fd(c->bus);
}

/* ---------------------------------------------------------------- calls */

int client_new_call(Client *c, const char *method, sd_bus_message **ret) {
        int r;

        r = sd_bus_message_new_method_call(c->bus, ret, DESTINATION, BUS_PATH, BUS_MANAGER, method);
        return r < 0 ? client_set_fault(c, FAULT_LOST, strerror(-r), r) : 0;
}

int client_send(Client *c, sd_bus_message *m, sd_bus_message **ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = sd_bus_call(c->bus, m, 0, &error, ret);
        return r < 0 ? client_bus_fault(c, &error, r) : 0;
}

/* What could not be made or understood is as good as a lost connection. */
static int check(Client *c, int r) {
        return r < 0 ? client_set_fault(c, FAULT_LOST, strerror(-r), r) : 0;
}

int client_call(Client *c, const char *method, const char *word) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = client_new_call(c, method, &m);
        if (r >= 0 && word)
                r = check(c, sd_bus_message_append(m, "s", word));
        return r < 0 ? r : client_send(c, m, &reply);
}

/* One page of a list from @cursor on; the reply is the caller's. */
static int
get_page(Client *c, const char *method, char **names, uint32_t cursor, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = client_new_call(c, method, &m);
        if (r < 0)
                return r;
        if (names)
                r = sd_bus_message_append_strv(m, names);
        if (r >= 0)
                r = sd_bus_message_append(m, "uu", cursor, UINT32_C(0));
        return r < 0 ? check(c, r) : client_send(c, m, ret);
}

/* Reads one page behind what @ret has. */
typedef int (*ReadPage)(sd_bus_message *m, ProcessList *ret);

static int
list_processes(Client *c, const char *method, ReadPage read, char **names, ProcessList *ret) {
        char *all[] = { NULL };
        _cleanup_(process_list_done) ProcessList list = { 0 };
        uint32_t cursor = 0;
        int r;

        do {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

                r = get_page(c, method, names ?: all, cursor, &reply);
                if (r < 0)
                        return r;
                r = read(reply, &list);
                if (r >= 0)
                        r = sd_bus_message_read(reply, "tu", &list.now, &cursor);
                if (r >= 0)
                        r = read_results(reply, &list.unknown);
                if (r < 0)
                        return check(c, r);
        } while (cursor != 0);
        *ret = TAKE_STRUCT(list);
        return 0;
}

int client_list(Client *c, char **names, ProcessList *ret) {
        return list_processes(c, "ListProcesses", read_process_infos, names, ret);
}

int client_list_states(Client *c, char **names, ProcessList *ret) {
        return list_processes(c, "ListStates", read_process_states, names, ret);
}

int client_configured(Client *c, ConfiguredList *ret) {
        _cleanup_(configured_list_done) ConfiguredList list = { 0 };
        uint32_t cursor = 0;
        int r;

        do {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

                r = get_page(c, "ListConfigured", NULL, cursor, &reply);
                if (r < 0)
                        return r;
                r = read_configured(reply, &list);
                if (r >= 0)
                        r = sd_bus_message_read(reply, "u", &cursor);
                if (r < 0)
                        return check(c, r);
        } while (cursor != 0);
        *ret = TAKE_STRUCT(list);
        return 0;
}

int client_plan(Client *c, Plan *ret) {
        _cleanup_(plan_done) Plan plan = { 0 };
        uint32_t cursor = 0;
        int r;

        do {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

                r = get_page(c, "GetPlan", NULL, cursor, &reply);
                if (r < 0)
                        return r;
                r = read_plan_steps(reply, &plan);
                if (r >= 0)
                        r = sd_bus_message_read(reply, "tu", &plan.worst_usec, &cursor);
                if (r < 0)
                        return check(c, r);
        } while (cursor != 0);
        *ret = TAKE_STRUCT(plan);
        return 0;
}

int client_explain(Client *c, const char *name, Explanation *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        _cleanup_(explanation_done) Explanation e = { 0 };
        int r;

        r = client_new_call(c, "Explain", &m);
        if (r >= 0)
                r = check(c, sd_bus_message_append(m, "s", name));
        if (r >= 0)
                r = client_send(c, m, &reply);
        if (r < 0)
                return r;
        r = read_process_info(reply, &e.process);
        if (r >= 0)
                r = read_changes(reply, &e.changes, &e.n_changes);
        if (r >= 0)
                r = sd_bus_message_read_strv(reply, &e.output);
        if (r < 0)
                return check(c, r);
        *ret = TAKE_STRUCT(e);
        return 0;
}

/* Call @method with a list of @names. */
static int call_with_names(Client *c, const char *method, char **names, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = client_new_call(c, method, &m);
        if (r >= 0)
                r = check(c, sd_bus_message_append_strv(m, names));
        return r < 0 ? r : client_send(c, m, ret);
}

int client_plan_update(Client *c, char **groups, UpdatePlan *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(update_plan_done) UpdatePlan plan = { 0 };
        int r;

        r = call_with_names(c, "PlanUpdate", groups, &reply);
        if (r < 0)
                return r;
        r = read_update_plan(reply, &plan);
        if (r < 0)
                return check(c, r);
        *ret = TAKE_STRUCT(plan);
        return 0;
}

int client_reread(Client *c, char **ret[static 3]) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        for (size_t i = 0; i < 3; i++)
                ret[i] = NULL;
        r = client_new_call(c, "Reread", &m);
        if (r >= 0)
                r = client_send(c, m, &reply);
        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_read_strv(reply, &ret[i]);
        return check(c, r);
}

static int get_property(Client *c, const char *name, const char *type, sd_bus_message **ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = sd_bus_get_property(c->bus, DESTINATION, BUS_PATH, BUS_MANAGER, name, &error, ret,
                                type);
        return r < 0 ? client_bus_fault(c, &error, r) : 0;
}

int client_property(Client *c, const char *name, char **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *text;
        int r;

        r = get_property(c, name, "s", &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_read_basic(reply, 's', &text);
        if (r < 0)
                return check(c, r);
        *ret = strdup(text);
        return *ret ? 0 : check(c, -ENOMEM);
}

int client_pid(Client *c, pid_t *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint32_t pid;
        int r;

        r = get_property(c, "PID", "u", &reply);
        if (r >= 0)
                r = check(c, sd_bus_message_read_basic(reply, 'u', &pid));
        if (r < 0)
                return r;
        *ret = (pid_t)pid;
        return 0;
}

int client_send_input(Client *c, const char *name, const void *data, size_t n) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = client_new_call(c, "SendInput", &m);
        if (r >= 0)
                r = check(c, sd_bus_message_append(m, "s", name));
        if (r >= 0)
                r = check(c, sd_bus_message_append_array(m, 'y', data, n));
        return r < 0 ? r : client_send(c, m, &reply);
}

int client_open_log(Client *c, const char *name, const char *stream, LogFile *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        _cleanup_(log_file_done) LogFile file = { .fd = -1 };
        const char *path = NULL;
        int r, fd = -1;

        r = client_new_call(c, name ? "OpenLog" : "OpenMainLog", &m);
        if (r >= 0 && name)
                r = check(c, sd_bus_message_append(m, "ss", name, stream));
        if (r >= 0)
                r = client_send(c, m, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "hst", &fd, &path, &file.size);
        if (r < 0)
                return check(c, r);
        file.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* the message's own is closed with it */
        file.path = strdup(path);
        if (file.fd < 0 || !file.path)
                return check(c, file.fd < 0 ? -errno : -ENOMEM);
        *ret = (LogFile){ TAKE_FD(file.fd), TAKE_PTR(file.path), file.size };
        return 0;
}

/* ---------------------------------------------------------------- events */

int client_subscribe(Client *c) {
        return client_call(c, "Subscribe", NULL);
}

int client_next_event(Client *c, Event *ret) {
        int r = 1;

        while (c->n_given == c->n_events && r > 0) {
                r = sd_bus_process(c->bus, NULL);
                if (r < 0)
                        return client_bus_fault(c, NULL, r);
        }
        if (c->n_given == c->n_events)
                return sd_bus_is_open(c->bus) > 0 ? 0 : client_bus_fault(c, NULL, -ENOTCONN);
        *ret = c->events[c->n_given++];
        if (c->n_given == c->n_events)
                c->n_given = c->n_events = 0;
        return 1;
}
