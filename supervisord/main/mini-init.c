/*
 * The least of an init: one command, its signals and its orphans. It stands on the spawner and the
 * process trees alone and has an event loop of its own; nothing of the daemon is in it.
 */
#include "main/mini-init.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "base/macro.h"
#include "base/strv.h"
#include "host/spawn/child-environment.h"
#include "host/spawn/find-command.h"
#include "host/spawn/spawn.h"
#include "host/tree/tree.h"

#define LEFTOVERS_GRACE_USEC (10 * USEC_PER_SEC)

typedef struct MiniInit {
        sd_event *event;
        Spawner *spawner;
        Trees *trees;
        Tree *tree;
        pid_t pid; /* 0 once it is reaped */
        int status;
        bool clearing;        /* what remains of its tree was asked to end */
        pid_t terminal_group; /* that the terminal belonged to before; 0: it was not given away */
} MiniInit;

/* Signals that another process may send for a purpose. Those by which the kernel tells of a mistake
 * in this program, as SIGSEGV, keep ending it. */
static const int forwarded[] = {
        SIGHUP,  SIGINT,   SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
        SIGALRM, SIGWINCH, SIGPWR,  SIGCONT, SIGURG,
};

static void print_error(const char *what, int error) {
        fprintf(stderr, "supervisord: %s: %s\n", what, strerror(error));
}

static void mini_init_done(MiniInit *c) {
        if (c->terminal_group > 0)
                (void)tcsetpgrp(STDIN_FILENO, c->terminal_group);
        tree_free(c->tree);
        trees_free(c->trees);
        spawner_free(c->spawner);
        sd_event_unref(c->event);
}

/* ---------------------------------------------------------------- while it runs */

static int on_leftovers_timeout(sd_event_source *source, uint64_t usec, void *userdata) {
        MiniInit *c = userdata;

        (void)tree_kill(c->tree); /* repeated by trees_update() */
        return 0;
}

static void clear_leftovers(MiniInit *c) {
        if (c->clearing)
                return;
        c->clearing = true;
        (void)tree_signal(c->tree, SIGTERM);
        if (sd_event_add_time_relative(c->event, NULL, CLOCK_MONOTONIC, LEFTOVERS_GRACE_USEC, 0,
                                       on_leftovers_timeout, c) < 0)
                (void)tree_kill(c->tree);
}

static void take_end(MiniInit *c, const siginfo_t *info) {
        SpawnFailure failure;

        if (spawner_collect(c->spawner, info->si_pid, &failure) > 0) {
                print_error(spawn_stage_to_string(failure.stage), failure.error);
                c->status = failure.error == ENOENT ? MINI_INIT_EXIT_NOT_FOUND
                                                    : MINI_INIT_EXIT_NOT_EXECUTABLE;
        } else
                c->status = info->si_code == CLD_EXITED ? info->si_status : 128 + info->si_status;
        c->pid = 0;
}

static void reap(MiniInit *c) {
        for (;;) {
                siginfo_t info = { 0 };

                if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0 && errno == EINTR)
                        continue;
                if (info.si_pid == 0)
                        break;
                trees_reaped(c->trees, info.si_pid);
                if (info.si_pid == c->pid)
                        take_end(c, &info);
        }

        (void)trees_update(c->trees); /* tried again with the next end */
        if (c->pid > 0)
                return;
        if (tree_is_empty(c->tree))
                (void)sd_event_exit(c->event, c->status);
        else
                clear_leftovers(c);
}

static int on_child(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        reap(userdata);
        return 0;
}

static int on_trees(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        reap(userdata);
        return 0;
}

static int
on_forward(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        MiniInit *c = userdata;

        if (c->pid > 0)
                (void)kill(c->pid,
                           (int)info->ssi_signo); /* not reaped yet, so the pid is its own */
        else if (info->ssi_signo == SIGINT || info->ssi_signo == SIGTERM)
                (void)tree_kill(c->tree); /* the second request: no more patience */
        return 0;
}

/* ---------------------------------------------------------------- the start */

/*
 * Make the command's process group the foreground group of the terminal, which a shell needs. A
 * command that uses no terminal does not miss it, so failures are ignored.
 */
static void give_terminal(MiniInit *c) {
        pid_t group = tcgetpgrp(STDIN_FILENO);

        if (group < 0 || group != getpgrp())
                return;
        (void)setpgid(c->pid, c->pid); /* the child does the same, whoever comes first */
        if (tcsetpgrp(STDIN_FILENO, c->pid) < 0)
                return;
        c->terminal_group = group;
        (void)kill(-c->pid, SIGCONT); /* it may have been stopped for reading too early */
}

static int build_request(char *const *argv, char *const *inherited, SpawnRequest **ret) {
        _cleanup_(spawn_request_freep) SpawnRequest *request = NULL;
        int r;

        r = spawn_request_new(&request);
        if (r < 0)
                return r;
        request->umask = -1;
        r = strv_copy(argv, &request->argv);
        if (r >= 0)
                r = environment_inherit(inherited, &request->envp);
        if (r < 0)
                return r;
        for (int i = 0; i < 3; i++)
                request->stdio[i] = i;

        *ret = TAKE_PTR(request);
        return 0;
}

static int find(SpawnRequest *request, int *ret_status) {
        _cleanup_(freep) char *words = NULL;
        StartFailure failure = { 0 };
        int r;

        r = find_command(request->argv[0], request->envp, NULL, &request->path);
        if (r < 0 || r == START_REASON_NONE)
                return r;
        failure = (StartFailure){ .reason = (StartReason)r, .subject = request->path };
        words = start_failure_describe(&failure);
        if (words)
                fprintf(stderr, "supervisord: %s\n", words);
        *ret_status = r == START_REASON_NOT_FOUND ? MINI_INIT_EXIT_NOT_FOUND
                                                  : MINI_INIT_EXIT_NOT_EXECUTABLE;
        return 1;
}

static int start_command(MiniInit *c, SpawnRequest **request) {
        int r;

        r = tree_new(c->trees, "command", &c->tree);
        if (r >= 0)
                r = tree_prepare(c->tree, *request);
        if (r >= 0)
                r = spawner_spawn(c->spawner, request, &c->pid);
        if (r >= 0)
                r = tree_started(c->tree, c->pid);
        return r;
}

static int watch_signals(MiniInit *c) {
        int fd, r;

        r = sd_event_new(&c->event);
        for (size_t i = 0; i < ELEMENTSOF(forwarded) && r >= 0; i++)
                r = sd_event_add_signal(c->event, NULL, forwarded[i], on_forward, c);
        if (r >= 0)
                r = sd_event_add_signal(c->event, NULL, SIGCHLD, on_child, c);
        fd = trees_get_fd(c->trees);
        if (r >= 0 && fd >= 0)
                r = sd_event_add_io(c->event, NULL, fd, EPOLLIN, on_trees, c);
        return r;
}

static void block_signals(void) {
        sigset_t set;

        sigemptyset(&set);
        for (size_t i = 0; i < ELEMENTSOF(forwarded); i++)
                sigaddset(&set, forwarded[i]);
        sigaddset(&set, SIGCHLD);
        sigaddset(&set, SIGTTOU); /* or giving and taking back the terminal would stop us */
        sigaddset(&set, SIGTTIN);
        sigaddset(&set, SIGTSTP);
        (void)sigprocmask(SIG_BLOCK, &set, NULL);
}

int mini_init_run(char *const *argv, char *const *inherited, const sigset_t *mask) {
        _cleanup_(spawn_request_freep) SpawnRequest *request = NULL;
        _cleanup_(mini_init_done) MiniInit c = { .status = MINI_INIT_EXIT_NOT_EXECUTABLE };
        int r, status = 0;

        block_signals();
        r = build_request(argv, inherited, &request);
        if (r >= 0)
                r = find(request, &status);
        if (r > 0)
                return status;
        if (r >= 0)
                r = spawner_new(mask, &c.spawner);
        if (r >= 0)
                r = trees_new(/* may_use_cgroups= */ true, "command", &c.trees);
        if (r >= 0)
                r = watch_signals(&c);
        if (r >= 0)
                r = start_command(&c, &request);
        if (r < 0) {
                print_error(argv[0], -r);
                return MINI_INIT_EXIT_NOT_EXECUTABLE;
        }

        give_terminal(&c);
        r = sd_event_loop(c.event);
        if (r < 0) {
                print_error("event loop", -r);
                return MINI_INIT_EXIT_NOT_EXECUTABLE;
        }
        return r;
}
