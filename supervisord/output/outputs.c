/*
 * All output of all children: see outputs.h. It owns the descriptor that the event loop sees, and
 * has the pipes read (pipe-turns.h) and the targets tried again (target.h) when it tells.
 */
#include "output/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>

#include "output/autofile.h"
#include "output/channel.h"

struct Outputs {
        ChannelShare share;
        int epoll_fd; /* what the event loop sees: what pipe turns and targets put into it */
};

ChannelShare *outputs_get_share(Outputs *o) {
        return &o->share;
}

static int open_descriptors(Outputs *o, Writers *writers) {
        int r;

        o->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (o->epoll_fd < 0)
                return -errno;
        o->share.null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (o->share.null_fd < 0)
                return -errno;

        r = pipe_turns_open(&o->share.turns, o->epoll_fd, writers);
        return r < 0 ? r : target_set_open(&o->share.targets, o->epoll_fd);
}

int outputs_new(const OutputsOptions *options, Outputs **ret) {
        _cleanup_(outputs_freep) Outputs *o = NULL;
        int r;

        o = calloc(1, sizeof(*o));
        if (!o)
                return -ENOMEM;

        o->epoll_fd = -1;
        o->share = (ChannelShare){
                .turns = PIPE_TURNS_INIT,
                .targets = TARGET_SET_INIT,
                .echo = options->echo,
                .on_event = options->on_event,
                .userdata = options->userdata,
                .null_fd = -1,
                .syslog = LOG_SOCKET_SYSLOG,
        };
        o->share.turns.set.calls = &channel_pipe_calls;
        o->share.turns.set.strip_ansi = options->strip_ansi;
        o->share.targets.calls = &channel_target_calls;
        o->share.targets.writers = options->writers;
        o->share.targets.runs_tools = options->on_event;

        o->share.childlogdir = strdup(options->childlogdir);
        o->share.identifier = strdup(options->identifier);
        if (!o->share.childlogdir || !o->share.identifier)
                return -ENOMEM;

        r = open_descriptors(o, options->writers);
        if (r < 0)
                return r;

        if (!options->keep_auto_files)
                autofile_clean(options->childlogdir, options->identifier);

        *ret = TAKE_PTR(o);
        return 0;
}

Outputs *outputs_free(Outputs *o) {
        if (!o)
                return NULL;

        pipe_turns_done(&o->share.turns);
        target_set_done(&o->share.targets);
        safe_close(o->epoll_fd);
        safe_close(o->share.null_fd);
        log_socket_close(&o->share.syslog);
        free(o->share.childlogdir);
        free(o->share.identifier);
        free(o->share.formatted);
        free(o);
        return NULL;
}

int outputs_get_fd(const Outputs *o) {
        return o->epoll_fd;
}

void outputs_set_echo(Outputs *o, bool echo) {
        o->share.echo = echo;
}

int outputs_dispatch(Outputs *o) {
        bool copy = false, retry = false;
        struct epoll_event events[8];
        int n, r = 0;

        n = epoll_wait(o->epoll_fd, events, ELEMENTSOF(events), 0);
        if (n < 0)
                return errno == EINTR ? 0 : -errno;

        for (int i = 0; i < n; i++) {
                copy |= events[i].data.u64 == PIPE_TURNS_EVENT;
                retry |= events[i].data.u64 == TARGETS_EVENT;
        }

        if (retry)
                target_set_retry(&o->share.targets);
        if (copy)
                r = pipe_turns_take(&o->share.turns);
        if (o->share.targets.writers)
                writers_kick(o->share.targets.writers);
        return r;
}

void outputs_reopen(Outputs *o) {
        target_set_reopen(&o->share.targets);
}

void outputs_compressed(Outputs *o, unsigned id, bool succeeded) {
        target_set_compressed(&o->share.targets, id, succeeded);
}
