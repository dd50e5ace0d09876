/*
 * Tools, each known by its pid alone from its start to its end. A map from pid to the caller's id
 * is all there is of them; no stream, no restart, no timeout.
 */
#include "host/spawn/tool.h"

#include <errno.h>
#include <stdint.h>
#include <sys/resource.h>

#include "base/pidmap.h"
#include "base/strv.h"
#include "host/spawn/child-environment.h"
#include "host/spawn/find-command.h"

#define LOWEST_PRIORITY 19

struct Tools {
        Spawner *spawner;
        char *const *environ;
        tool_ended_fn ended;
        void *userdata;
        PidMap *ids; /* pid -> id + 1 */
};

int tools_new(Spawner *spawner,
              char *const *environment,
              tool_ended_fn ended,
              void *userdata,
              Tools **ret) {
        _cleanup_(tools_freep) Tools *t = NULL;
        int r;

        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        *t = (Tools){
                .spawner = spawner, .environ = environment, .ended = ended, .userdata = userdata
        };
        r = pidmap_new(&t->ids);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(t);
        return 0;
}

Tools *tools_free(Tools *t) {
        size_t cursor = 0;
        void *id;
        pid_t pid;

        if (!t)
                return NULL;
        while (t->ids && pidmap_next(t->ids, &cursor, &pid, &id))
                (void)kill(-pid, SIGKILL); /* its group; not reaped, it is no other's number */
        pidmap_free(t->ids);
        free(t);
        return NULL;
}

static int build(const Tools *t, const char *const *argv, SpawnRequest **ret) {
        _cleanup_(spawn_request_freep) SpawnRequest *request = NULL;
        int r;

        r = spawn_request_new(&request);
        for (size_t i = 0; r >= 0 && argv[i]; i++)
                r = strv_extend(&request->argv, argv[i]);
        if (r >= 0)
                r = environment_inherit(t->environ, &request->envp);
        if (r >= 0)
                r = find_command(argv[0], request->envp, NULL, &request->path);
        if (r < 0)
                return r;
        if (r != START_REASON_NONE)
                return -ENOENT;
        *ret = TAKE_PTR(request);
        return 0;
}

int tools_run(Tools *t, SpawnRequest **request, unsigned id, pid_t *ret_pid) {
        pid_t pid;
        int r;

        r = spawner_spawn(t->spawner, request, &pid);
        if (r < 0)
                return r;
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): never followed */
        r = pidmap_put(t->ids, pid, (void *)((uintptr_t)id + 1));
        if (r < 0) {
                (void)kill(pid, SIGKILL); /* its end could not be told */
                return r;
        }
        *ret_pid = pid;
        return 0;
}

int tools_start(Tools *t, const char *const *argv, int stdin_fd, int stdout_fd, unsigned id) {
        _cleanup_(spawn_request_freep) SpawnRequest *request = NULL;
        pid_t pid;
        int r;

        r = build(t, argv, &request);
        if (r < 0)
                return r;
        request->stdio[0] = stdin_fd;
        request->stdio[1] = stdout_fd;
        r = tools_run(t, &request, id, &pid);
        if (r < 0)
                return r;
        (void)setpriority(PRIO_PROCESS, (id_t)pid, LOWEST_PRIORITY); /* it works at any priority */
        return 0;
}

bool tools_reaped(Tools *t, pid_t pid, const ProcessExit *exit) {
        uintptr_t value = (uintptr_t)pidmap_remove(t->ids, pid);

        if (value == 0)
                return false;
        t->ended(t->userdata, (unsigned)(value - 1), exit);
        return true;
}
