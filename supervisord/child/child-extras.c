/*
 * Putting extras into a request: variables of sd_notify(3) and sd_listen_fds(3), and descriptors,
 * refused if two would get the same number.
 */
#include "child/child-extras.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/strv.h"
#include "base/text-stream.h"

/* The descriptors that it would get do not fit: gives @error. */
static int misfit(StartFailure **reterr, int error, const char *format, ...) _printf_(3, 4);

static int misfit(StartFailure **reterr, int error, const char *format, ...) {
        StartFailure failure = { .reason = START_REASON_DESCRIPTORS, .error = -error };
        _cleanup_(freep) char *words = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&words, format, ap) < 0)
                words = NULL;
        va_end(ap);
        failure.detail = words;
        if (words)
                *reterr = start_failure_new(&failure);
        return error;
}

/* The descriptors behind @hold and its name once for each, separated by colons. */
static int
add_socket(SpawnRequest *request, const SocketHold *hold, FILE *names, StartFailure **reterr) {
        const char *name = socket_hold_get_config(hold)->name;

        for (size_t i = 0; i < socket_hold_count(hold); i++) {
                if (request->n_sockets >= SPAWN_SOCKETS_MAX)
                        return misfit(reterr, -E2BIG, "more than %d sockets", SPAWN_SOCKETS_MAX);
                (void)fprintf(names, "%s%s", request->n_sockets > 0 ? ":" : "", name);
                request->sockets[request->n_sockets++] = socket_hold_get_fd(hold, i);
        }
        return 0;
}

static int add_sockets(SpawnRequest *request, const ChildExtras *extras, StartFailure **reterr) {
        _cleanup_(freep) char *names = NULL;
        size_t size;
        int r = 0;
        FILE *f;

        if (extras->n_sockets == 0)
                return 0;
        f = open_memstream(&names, &size);
        if (!f)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < extras->n_sockets; i++)
                r = add_socket(request, extras->sockets[i], f, reterr);
        if (text_stream_close(f, &names) < 0 && r >= 0)
                r = -ENOMEM;
        if (r >= 0 && extras->fd >= 0 && extras->fd_number < 3 + (int)request->n_sockets)
                return misfit(reterr, -EINVAL,
                              "descriptor %d of its readiness is one of its sockets",
                              extras->fd_number);
        return r < 0 ? r : spawn_request_name_sockets(request, names);
}

static int add_notify(SpawnRequest *request, const ChildExtras *extras) {
        char usec[24];
        int r;

        if (!extras->notify_path)
                return 0;
        r = strv_env_set(&request->envp, "NOTIFY_SOCKET", extras->notify_path);
        if (r < 0 || extras->watchdog_usec == 0)
                return r;
        (void)snprintf(usec, sizeof(usec), "%" PRIu64, extras->watchdog_usec);
        r = strv_env_set(&request->envp, "WATCHDOG_USEC", usec);
        return r < 0 ? r : spawn_request_add_pid_variable(request, "WATCHDOG_PID");
}

int child_extras_add(SpawnRequest *request, const ChildExtras *extras, StartFailure **reterr) {
        int r;

        request->extra_fd = extras->fd;
        request->extra_fd_number = extras->fd_number;
        r = add_notify(request, extras);
        if (r >= 0 && extras->stdin_socket && socket_hold_count(extras->stdin_socket) != 1)
                return misfit(reterr, -EINVAL, "stdin can be one socket only, and '%s' is %zu",
                              socket_hold_get_config(extras->stdin_socket)->name,
                              socket_hold_count(extras->stdin_socket));
        return r < 0 ? r : add_sockets(request, extras, reterr);
}
