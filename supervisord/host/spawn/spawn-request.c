/*
 * Filling in a request. The variables that hold the child's own pid have their room reserved here,
 * in zeros: the child writes its number into it.
 */
#include "host/spawn/spawn-request.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"

#define PID_DIGITS 10 /* of the largest int */

int spawn_request_new(SpawnRequest **ret) {
        SpawnRequest *q;

        q = calloc(1, sizeof(*q));
        if (!q)
                return -ENOMEM;

        q->umask = -1;
        q->stdio[0] = q->stdio[1] = q->stdio[2] = -1;
        q->extra_fd = -1;
        q->cgroup_fd = -1;
        *ret = q;
        return 0;
}

SpawnRequest *spawn_request_free(SpawnRequest *request) {
        if (!request)
                return NULL;

        free(request->path);
        strv_free(request->argv);
        strv_free(request->envp);
        free(request->directory);
        free(request->groups);
        safe_close(request->cgroup_fd);
        free(request);
        return NULL;
}

int spawn_request_add_limit(SpawnRequest *request, int resource, rlim_t soft, rlim_t hard) {
        size_t i = 0;

        while (i < request->n_limits && request->limits[i].resource != resource)
                i++;
        if (i >= SPAWN_LIMITS_MAX)
                return -E2BIG;

        request->limits[i] = (SpawnLimit){
                .resource = resource,
                .value = { .rlim_cur = soft, .rlim_max = hard },
        };
        request->n_limits = MAX(request->n_limits, i + 1);
        return 0;
}

int spawn_request_add_pid_variable(SpawnRequest *request, const char *name) {
        size_t n = strlen(name);
        char room[PID_DIGITS + 1] = "";
        char **variable;
        int r;

        if (request->n_pid_values >= SPAWN_PID_VARIABLES_MAX)
                return -E2BIG;
        memset(room, '0', PID_DIGITS);
        r = strv_env_set(&request->envp, name, room);
        if (r < 0)
                return r;
        for (variable = request->envp; *variable; variable++)
                if (strncmp(*variable, name, n) == 0 && (*variable)[n] == '=')
                        break;
        request->pid_values[request->n_pid_values++] = *variable + n + 1;
        return 0;
}

int spawn_request_name_sockets(SpawnRequest *request, const char *names) {
        char n_sockets[24];
        int r;

        (void)snprintf(n_sockets, sizeof(n_sockets), "%zu", request->n_sockets);
        r = strv_env_set(&request->envp, "LISTEN_FDS", n_sockets);
        if (r >= 0)
                r = strv_env_set(&request->envp, "LISTEN_FDNAMES", names);
        return r < 0 ? r : spawn_request_add_pid_variable(request, "LISTEN_PID");
}
