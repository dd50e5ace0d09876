#include "child/host.h"

#include <errno.h>

#include "log/log.h"

Host *host_free(Host *h) {
        if (!h)
                return NULL;
        pidmap_free(h->pids);
        outputs_free(h->outputs);
        tools_free(h->tools);
        trees_free(h->trees);
        spawner_free(h->spawner);
        free(h);
        return NULL;
}

int host_reserve(size_t n_processes) {
        return spawn_reserve_descriptors(64 + 4 * n_processes);
}

static void on_tool_ended(void *userdata, unsigned id, const ProcessExit *exit) {
        Host *h = userdata;

        outputs_compressed(h->outputs, id, exit_is_success(exit));
}

int host_new(const DaemonConfig *config,
             const HostOptions *options,
             Host **ret,
             const char **reterr_what) {
        _cleanup_(host_freep) Host *h = NULL;
        OutputsOptions outputs = {
                .childlogdir = config->childlogdir,
                .identifier = config->identifier,
                .keep_auto_files = config->nocleanup,
                .strip_ansi = config->strip_ansi,
                .echo = log_get_level() <= LOG_LEVEL_DEBUG,
                .writers = options->writers,
                .on_event = options->on_output,
                .userdata = options->userdata,
        };
        int r;

        *reterr_what = "memory";
        h = calloc(1, sizeof(*h));
        if (!h)
                return -ENOMEM;
        h->environ = options->environ;
        h->n_files = options->n_files;
        h->on_empty = options->on_empty;
        r = pidmap_new(&h->pids);
        if (r < 0)
                return r;

        *reterr_what = "descriptors for starting programs";
        r = spawner_new(options->mask, &h->spawner);
        if (r < 0)
                return r;

        *reterr_what = "memory";
        r = tools_new(h->spawner, h->environ, on_tool_ended, h, &h->tools);
        if (r < 0)
                return r;

        *reterr_what = "a way to follow process trees";
        r = trees_new(config->cgroups, config->identifier, &h->trees);
        if (r < 0)
                return r;

        *reterr_what = "descriptors for the programs' output";
        r = outputs_new(&outputs, &h->outputs);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(h);
        return 0;
}
