/*
 * A child: its program's request, its output, its tree and its pid, put together from the parts of
 * host/ and output/. It lives as long as the process is in the table; config, tree and pid are
 * those of one run. It decides nothing: when to start, stop or give up is for the engine (core/).
 */
#include "child/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include "base/pidfile-read.h"
#include "base/strv.h"
#include "child/child-extras.h"
#include "host/spawn/child-environment.h"
#include "host/spawn/find-command.h"
#include "host/tree/tree-limits.h"

struct Child {
        Host *host;
        void *owner;
        ProcessConfig *config; /* of the present or last run */
        char *path;            /* what was executed, unless it is the first word of the command */
        Output *output;
        Tree *tree;
        pid_t pid;
};

int child_new(Host *host, void *owner, Child **ret) {
        Child *c = calloc(1, sizeof(*c));

        if (!c)
                return -ENOMEM;
        *c = (Child){ .host = host, .owner = owner };
        *ret = c;
        return 0;
}

static void forget_pid(Child *c) {
        if (c->pid > 0)
                (void)pidmap_remove(c->host->pids, c->pid);
        c->pid = 0;
}

Child *child_free(Child *c) {
        if (!c)
                return NULL;
        forget_pid(c);
        output_free(c->output);
        tree_free(c->tree);
        process_config_unref(c->config);
        free(c->path);
        free(c);
        return NULL;
}

void *child_get_owner(const Child *c) {
        return c->owner;
}

pid_t child_get_pid(const Child *c) {
        return c->pid;
}

Output *child_get_output(const Child *c) {
        return c->output;
}

/* ---------------------------------------------------------------- starting */

static int set_string(char **to, const char *from) {
        if (!from)
                return 0;
        *to = strdup(from);
        return *to ? 0 : -ENOMEM;
}

static int set_user(SpawnRequest *request, const ProcessConfig *config) {
        request->has_user = config->settings->user != NULL;
        request->has_gid = config->settings->primary_group != NULL;
        request->has_groups = config->settings->supplementary_groups != NULL;
        request->uid = config->settings->uid;
        request->gid = config->settings->gid;
        if (config->settings->n_groups == 0)
                return 0;
        request->groups = malloc(config->settings->n_groups * sizeof(gid_t));
        if (!request->groups)
                return -ENOMEM;
        memcpy(request->groups, config->settings->groups,
               config->settings->n_groups * sizeof(gid_t));
        request->n_groups = config->settings->n_groups;
        return 0;
}

/* The program's limits, over the one that the daemon has raised for itself alone. */
static int set_limits(SpawnRequest *request, const Host *h, const ProcessConfig *config) {
        int r;

        r = spawn_request_add_limit(request, RLIMIT_NOFILE, h->n_files.rlim_cur,
                                    h->n_files.rlim_max);
        for (int i = 0; r >= 0 && i < RLIM_NLIMITS; i++)
                if (config->settings->limits[i].set)
                        r = spawn_request_add_limit(request, i, config->settings->limits[i].soft,
                                                    config->settings->limits[i].hard);
        request->nice = config->settings->nice;
        request->oom_score_adj = config->settings->oom_score_adj;
        request->no_new_privileges = config->settings->no_new_privileges;
        return r;
}

/* The environment; *reterr is set if one of its files cannot be read. */
static int set_environment(SpawnRequest *request,
                           const Host *h,
                           const ProcessConfig *config,
                           StartFailure **reterr) {
        StartFailure failure = { .reason = START_REASON_ENVIRONMENT };
        _cleanup_(freep) char *words = NULL;
        int r;

        r = environment_build(h->environ, config, &request->envp);
        if (r < 0)
                return r;
        r = environment_add_files(config, &request->envp, &words);
        if (r < 0 && words) {
                failure.error = -r;
                failure.detail = words;
                *reterr = start_failure_new(&failure);
        }
        return r;
}

/* Everything of the request that comes from the configuration; path and stdio come later. */
static int build_request(const Host *h,
                         const ProcessConfig *config,
                         char *const *argv,
                         SpawnRequest **ret,
                         StartFailure **reterr) {
        _cleanup_(spawn_request_freep) SpawnRequest *request = NULL;
        int r;

        r = spawn_request_new(&request);
        if (r < 0)
                return r;
        request->umask = config->settings->umask;
        r = strv_copy(argv, &request->argv);
        if (r >= 0)
                r = set_environment(request, h, config, reterr);
        if (r >= 0)
                r = set_string(&request->directory, config->directory);
        if (r >= 0)
                r = set_user(request, config);
        if (r >= 0)
                r = set_limits(request, h, config);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(request);
        return 0;
}

/* The child's streams; its stdin may be a socket instead of what its output has for it. */
static int open_streams(Child *c, const ChildExtras *extras, SpawnRequest *request) {
        int r;

        r = output_open(c->output, request->stdio);
        if (r >= 0 && extras->stdin_socket)
                request->stdio[0] = socket_hold_get_fd(extras->stdin_socket, 0);
        return r;
}

int child_command_request(const Host *h,
                          const ProcessConfig *config,
                          char *const *argv,
                          SpawnRequest **ret) {
        _cleanup_(spawn_request_freep) SpawnRequest *request = NULL;
        _cleanup_(freep) StartFailure *failure = NULL;
        int r;

        r = build_request(h, config, argv, &request, &failure);
        if (r >= 0)
                r = find_command(argv[0], request->envp, config->directory, &request->path);
        if (r < 0)
                return r;
        if (r != START_REASON_NONE)
                return -ENOENT;
        *ret = TAKE_PTR(request);
        return 0;
}

/* The words of the command; -ENOENT if there are none. */
static int split_command(const ProcessConfig *config, char ***ret, StartFailure **reterr) {
        StartFailure failure = { .subject = config->command };
        int r;

        r = process_config_split_command(config, ret, &failure.detail);
        if (r != -EINVAL && r != -ENODATA)
                return r;
        failure.reason = r == -EINVAL ? START_REASON_BAD_COMMAND : START_REASON_NO_COMMAND;
        failure.error = ENOENT;
        *reterr = start_failure_new(&failure);
        return -ENOENT;
}

/* @error (negative) came up before there was a child, @during something. */
static StartFailure *system_failure(int error, const char *during, const ProcessConfig *config) {
        const StartFailure failure = {
                .reason = START_REASON_SYSTEM,
                .error = -error,
                .during = during,
                .subject = config->name,
        };

        return start_failure_new(&failure);
}

/* The program's file into @request->path; -ENOENT if there is none to run. */
static int find_program(SpawnRequest *request, const ProcessConfig *config, StartFailure **reterr) {
        StartFailure failure = { .error = ENOENT };
        int r;

        r = find_command(request->argv[0], request->envp, config->directory, &request->path);
        if (r < 0)
                *reterr = system_failure(r, "looking up the command", config);
        if (r < 0 || r == START_REASON_NONE)
                return r;
        failure.reason = (StartReason)r;
        failure.subject = request->path;
        *reterr = start_failure_new(&failure);
        return -ENOENT;
}

/* The streams belong to the configuration: one that differs by more than what is live has others.
 */
static int renew_output(Child *c, ProcessConfig *config) {
        if (c->config != config) {
                if (c->config && process_config_compare(c->config, config) == CONFIG_RESTART)
                        c->output = output_free(c->output);
                process_config_unref(c->config);
                c->config = process_config_ref(config);
        }
        return c->output ? 0 : output_new(c->host->outputs, config, c->owner, &c->output);
}

static int renew_tree(Child *c) {
        c->tree = tree_free(c->tree);
        return tree_new(c->host->trees, c->config->name, &c->tree);
}

/* A tree of its own for the run, with its limits. Returns as tree_limit() does. */
static int prepare_tree(Child *c, char **ret_words) {
        const TreeLimits limits = {
                .memory_max = c->config->settings->memory_max,
                .pids_max = c->config->settings->pids_max,
                .cpu_max_usec = c->config->settings->cpu_max_usec,
        };
        int r;

        r = renew_tree(c);
        return r < 0 ? r : tree_limit(c->tree, &limits, ret_words);
}

static int start_program(Child *c, SpawnRequest **request) {
        _cleanup_(freep) char *path = NULL;
        pid_t pid;
        int r;

        if (strcmp((*request)->path, (*request)->argv[0]) != 0) {
                path = strdup((*request)->path);
                if (!path)
                        return -ENOMEM;
        }
        r = tree_prepare(c->tree, *request);
        if (r < 0)
                return r;
        r = spawner_spawn(c->host->spawner, request, &pid);
        if (r < 0)
                return r;

        free(c->path);
        c->path = TAKE_PTR(path);
        c->pid = pid;

        r = tree_started(c->tree, pid);
        if (r >= 0)
                r = pidmap_put(c->host->pids, pid, c);
        if (r < 0) { /* one we could not follow must not live; it is reaped like any stranger */
                (void)kill(pid, SIGKILL);
                c->pid = 0;
        }
        return r;
}

/* In a tree of its own. *reterr and *ret_note as child_spawn() has them. */
static int start_in_tree(Child *c, SpawnRequest **request, StartFailure **reterr, char **ret_note) {
        StartFailure failure = { .reason = START_REASON_LIMITS };
        _cleanup_(freep) char *words = NULL;
        int r;

        r = prepare_tree(c, &words);
        if (r < 0 && words) {
                failure.error = -r;
                failure.detail = words;
                *reterr = start_failure_new(&failure);
        }
        if (r >= 0)
                r = start_program(c, request);
        output_started(c->output, r >= 0 ? c->pid : 0);
        if (r < 0)
                return r;
        *ret_note = TAKE_PTR(words);
        return 0;
}

int child_spawn(Child *c,
                ProcessConfig *config,
                const ChildExtras *extras,
                StartFailure **reterr,
                char **ret_note) {
        _cleanup_(strv_freep) char **argv = NULL;
        _cleanup_(spawn_request_freep) SpawnRequest *request = NULL;
        const char *during = "making dispatchers";
        int r;

        *reterr = NULL;
        *ret_note = NULL;
        r = split_command(config, &argv, reterr);
        if (r >= 0)
                r = build_request(c->host, config, argv, &request, reterr);
        if (r >= 0)
                r = child_extras_add(request, extras, reterr);
        if (r >= 0)
                r = find_program(request, config, reterr);
        if (r >= 0)
                r = renew_output(c, config);
        if (r >= 0)
                r = open_streams(c, extras, request);
        if (r >= 0) {
                during = "during fork";
                r = start_in_tree(c, &request, reterr, ret_note);
        }
        if (r < 0 && !*reterr)
                *reterr = system_failure(r, during, config);
        return r;
}

/* A process that could not become its program says so where its errors go, too. */
static void write_note(Child *c, const StartFailure *failure) {
        _cleanup_(freep) char *words = start_failure_describe(failure), *note = NULL;

        if (words && asprintf(&note, "supervisor: %s\nsupervisor: child process was not spawned\n",
                              words) >= 0)
                output_write(c->output, OUTPUT_STDERR, note);
        output_drain(c->output); /* without memory for the note: the main log has it */
}

bool child_spawn_failure(Child *c, pid_t pid, int *ret_error, StartFailure **ret) {
        _cleanup_(strv_freep) char **argv = NULL;
        const char *path = c->path, *why;
        StartFailure failure;
        SpawnFailure step;

        if (spawner_collect(c->host->spawner, pid, &step) == 0)
                return false;
        if (step.error == 0) /* a signal ended it, if only before its program could: an end */
                return false;

        forget_pid(c);
        if (!path) /* it is the first word of the command */
                path = process_config_split_command(c->config, &argv, &why) < 0 ? c->config->command
                                                                                : argv[0];
        failure =
                start_failure_of_step(&step, path, c->config->directory, c->config->settings->uid);
        write_note(c, &failure);
        *ret_error = step.error;
        *ret = start_failure_new(&failure);
        return true;
}

/* ---------------------------------------------------------------- ending */

bool child_leader_reaped(Child *c) {
        forget_pid(c);
        output_drain(c->output);
        return !tree_is_empty(c->tree);
}

static void on_tree_empty(Tree *tree, void *userdata) {
        Child *c = userdata;

        c->host->on_empty(c->owner);
}

void child_watch_tree(Child *c) {
        tree_watch(c->tree, on_tree_empty, c);
}

void child_run_over(Child *c) {
        forget_pid(c);
        c->tree = tree_free(c->tree);
}

/* A main process that is not reaped keeps its number, and its group's: both calls are exact. */
int child_signal(Child *c, ChildScope scope, int signo) {
        int r;

        switch (scope) {
        case CHILD_LEADER:
                r = c->pid > 0 ? kill(c->pid, signo) : 0;
                break;
        case CHILD_GROUP:
                r = c->pid > 0 ? kill(-c->pid, signo) : 0;
                if (r < 0 && errno == ESRCH) /* so young that it has not made its group yet */
                        r = kill(c->pid, signo);
                break;
        case CHILD_TREE:
                r = c->tree ? tree_signal(c->tree, signo) : 0;
                return r < 0 && r != -ESRCH ? r : 0;
        default:
                return -EINVAL;
        }
        return r < 0 && errno != ESRCH ? -errno : 0;
}

int child_kill(Child *c, ChildScope scope) {
        if (scope == CHILD_TREE)
                return c->tree ? tree_kill(c->tree) : 0;
        return child_signal(c, scope, SIGKILL);
}

/* ---------------------------------------------------------------- forking programs */

/* The number in the pidfile @path, 0 if there is none (yet). Never waits, whatever that leads to.
 */
static pid_t read_pidfile(const char *path) {
        _cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

        return fd < 0 ? 0 : pidfile_read(fd);
}

static bool is_among(const pid_t *pids, int n, pid_t pid) {
        for (int i = 0; i < n; i++)
                if (pids[i] == pid)
                        return true;
        return false;
}

/* From now on @pid, our child by adoption, is the main process. */
static int follow(Child *c, pid_t pid) {
        int r;

        r = pidmap_put(c->host->pids, pid, c);
        if (r < 0)
                return r;
        if (c->pid != pid)
                forget_pid(c);
        c->pid = pid;
        return 1;
}

/*
 * Only one that we have adopted can be the main process: its end is told to us, and its number
 * stays its own until we have reaped it. A pidfile that names anybody else is an old one, or comes
 * too early.
 */
int child_find_main(Child *c) {
        _cleanup_(freep) pid_t *adopted = NULL;
        pid_t pid;
        int n;

        n = tree_adopted(c->tree, &adopted);
        if (n <= 0)
                return n;

        if (c->config->pidfile) {
                pid = read_pidfile(c->config->pidfile);
                if (!is_among(adopted, n, pid))
                        return 0;
        } else {
                if (n > 1)
                        return 0;
                pid = adopted[0];
        }

        return follow(c, pid);
}

int child_set_main(Child *c, pid_t pid) {
        _cleanup_(freep) pid_t *adopted = NULL;
        int n;

        if (!c->tree)
                return -ESRCH;
        n = tree_adopted(c->tree, &adopted);
        if (n < 0)
                return n;
        if (is_among(adopted, n, pid))
                return follow(c, pid);
        return tree_contains(c->tree, pid) ? 0 : -ESRCH;
}
