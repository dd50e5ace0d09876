/* [program:x], [eventlistener:x] and [fcgi-program:x]: their processes. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/strv.h"
#include "base/utf8.h"
#include "config/keys/environment-pairs.h"
#include "config/load/credentials.h"
#include "config/load/healthcheck.h"
#include "config/load/loader.h"
#include "config/load/socket.h"
#include "config/model/settings.h"

/* What the copies of one section share. */
typedef struct Program {
        Loader *loader;
        const TextSection *section;
        SectionKind kind;
        const char *group;
        char *name;         /* of the program */
        char *process_name; /* not expanded */
        int64_t numprocs;
        Scope scope;   /* names for the section */
        Scope process; /* names for one copy; what an earlier copy's environment set stays, as in
                          Python */
} Program;

static void program_done(Program *p) {
        free(p->name);
        free(p->process_name);
        scope_done(&p->process);
        scope_done(&p->scope);
}

static const TextOption *option_of(const Program *p, const char *key) {
        return loader_option(p->loader, p->section, key);
}

/* A key of this section, expanded as a text; 1, 0 or -errno as loader_get(). */
static int get_text(const Program *p, const char *key, const Scope *scope, char **ret) {
        return loader_get(p->loader, p->section, key_find(p->kind, key), scope, ret);
}

static int get_integer(const Program *p, const char *key, int64_t *ret) {
        _cleanup_(freep) char *text = NULL, *why = NULL;
        Key plain = *key_find(p->kind, key);
        int r;

        plain.offset = 0;
        r = get_text(p, key, &p->scope, &text);
        if (r <= 0)
                return r;
        r = key_store(&plain, text, ret, &p->loader->rules, &why);
        return r == -EINVAL ? loader_error(p->loader, p->section, option_of(p, key), "%s", why) : r;
}

static int load_kill_settings(const Program *p, ProcessConfig *c) {
        const TextOption *option = option_of(p, "killasgroup");
        _cleanup_(freep) char *text = NULL, *why = NULL;
        int r;

        c->settings->killasgroup = c->settings->stopasgroup;
        r = get_text(p, "killasgroup", &p->scope, &text);
        if (r <= 0)
                return r;
        r = key_store(key_find(p->kind, "killasgroup"), text, c, &p->loader->rules, &why);
        if (r == -EINVAL)
                return loader_error(p->loader, p->section, option, "%s", why);
        if (r == 0 && c->settings->stopasgroup && !c->settings->killasgroup)
                return loader_error(
                        p->loader, p->section, option,
                        "stopasgroup=true with killasgroup=false makes no sense; leave killasgroup out");
        return r;
}

static int settle_stop_signal(const Program *p, ProcessConfig *c) {
        c->settings->stopsignal = c->settings->stop_ladder.steps[0].signal;
        return 0;
}

static int load_identity(const Program *p, ProcessConfig *c) {
        return load_credentials(p->loader, p->section, &p->scope, c);
}

static int load_sockets_of(const Program *p, ProcessConfig *c) {
        return load_process_sockets(p->loader, p->section, c);
}

static int load_serverurl(const Program *p, ProcessConfig *c) {
        _cleanup_(freep) char *text = NULL, *copy = NULL;
        int r;

        r = get_text(p, "serverurl", &p->scope, &text);
        if (r <= 0)
                return r;
        copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        if (strcasecmp(utf8_strip(copy), "AUTO") != 0)
                c->settings->serverurl = TAKE_PTR(text);
        return 0;
}

/* A single percent sign at the end of @text is doubled, so that it stays after an expansion. */
static int double_last_percent(char **text) {
        size_t n = strlen(*text), n_signs = 0;
        char *longer;

        while (n_signs < n && (*text)[n - 1 - n_signs] == '%')
                n_signs++;
        if (n_signs % 2 == 0)
                return 0;
        longer = realloc(*text, n + 2);
        if (!longer)
                return -ENOMEM;
        *text = longer;
        memcpy(longer + n, "%", 2);
        return 0;
}

static int load_cpu_max(const Program *p, ProcessConfig *c) {
        const TextOption *option = option_of(p, "cpu_max");
        _cleanup_(freep) char *raw = NULL, *text = NULL, *why = NULL;
        int r;

        if (!option)
                return 0;
        r = loader_text(p->loader, p->section, option, &raw);
        if (r == 0)
                r = double_last_percent(&raw);
        if (r == 0)
                r = scope_expand(&p->scope, raw, &text, &why);
        if (r == 0)
                r = key_store(key_find(p->kind, "cpu_max"), text, c, &p->loader->rules, &why);
        if (r == -EINVAL)
                return loader_error(p->loader, p->section, option, "%s", why);
        return r;
}

/* Everything that does not depend on the copy. */
static int load_shared(const Program *p, ProcessConfig *c) {
        static int (*const parts[])(const Program *, ProcessConfig *) = {
                load_kill_settings, settle_stop_signal, load_identity,
                load_serverurl,     load_cpu_max,       load_sockets_of,
        };
        int r;

        r = loader_store(p->loader, p->section, SCOPE_SECTION, &p->scope, c);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(parts); i++)
                r = parts[i](p, c);
        return r;
}

/* The program's own variables become ENV_ names for the rest of the copy. */
static int export_environment(Program *p, char *const *env) {
        for (char *const *e = env; e && *e; e++) {
                _cleanup_(freep) char *name = strndup(*e, strcspn(*e, "="));
                int r;

                if (!name)
                        return -ENOMEM;
                r = scope_set_env(&p->process, name, *e + strlen(name) + 1);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int merge_environment(const Loader *l, char *const *own, char ***ret) {
        _cleanup_(strv_freep) char **env = NULL;
        int r = 0;

        if (l->config->daemon.environment)
                r = strv_copy(l->config->daemon.environment, &env);
        for (char *const *e = own; r == 0 && e && *e; e++) {
                _cleanup_(freep) char *name = strndup(*e, strcspn(*e, "="));

                r = name ? strv_env_set(&env, name, *e + strlen(name) + 1) : -ENOMEM;
        }
        if (r < 0)
                return r;
        strv_sort(env);
        *ret = TAKE_PTR(env);
        return 0;
}

static int load_environment(Program *p, ProcessConfig *c) {
        const TextOption *option = option_of(p, "environment");
        _cleanup_(freep) char *text = NULL, *why = NULL, *warning = NULL;
        _cleanup_(strv_freep) char **own = NULL;
        int r = 0;

        if (option)
                r = loader_expand(p->loader, p->section, option, &p->process, &text);
        if (r < 0)
                return r;
        if (text) {
                r = parse_environment(text, &own, &warning, &why);
                if (r == -EINVAL)
                        return loader_error(p->loader, p->section, option, "%s", why);
                if (r == 0 && warning)
                        r = loader_warn(p->loader, p->section, option, "%s", warning);
                if (r == 0)
                        r = export_environment(p, own);
                if (r < 0)
                        return r;
        }
        r = merge_environment(p->loader, own, &c->environment);
        if (r == 0)
                c->own_environment = TAKE_PTR(own);
        return r;
}

static int check_command(const Program *p, const ProcessConfig *c) {
        _cleanup_(strv_freep) char **words = NULL;
        const char *why = NULL;
        int r;

        if (!c->command)
                return 0; /* that has been reported */
        r = process_config_split_command(c, &words, &why);
        if (r != -EINVAL && r != -ENODATA)
                return r;
        return loader_warn(p->loader, p->section, option_of(p, "command"),
                           "%s: the process cannot be started", why);
}

static int settle_log(const Program *p, ProcessConfig *c, size_t i) {
        const char *const names[] = { "stdout_logfile", "stderr_logfile" };
        const TextOption *option = option_of(p, names[i]);
        LogTarget *log = c->log + i;
        int r = 0;

        if (option && log->kind == LOG_KIND_NONE && strcasecmp(option->value, "syslog") == 0)
                r = loader_warn(p->loader, p->section, option,
                                "\"syslog\" as a file is deprecated; write %.6s_syslog = true",
                                names[i]);
        if (r == 0 && log->kind == LOG_KIND_AUTO && log->max_bytes == 0)
                r = loader_warn(p->loader, p->section, option,
                                "an AUTO log that is never rotated fills the disk; set %s_maxbytes",
                                names[i]);
        if (r == 0 && i == 1 && c->settings->redirect_stderr && log->kind == LOG_KIND_FILE)
                r = loader_warn(p->loader, p->section, option,
                                "ignored because of redirect_stderr=true; leave one of them out");
        if (i == 1 && c->settings->redirect_stderr) {
                free(log->path);
                log->path = NULL;
                log->kind = LOG_KIND_NONE;
        }
        return r;
}

static int load_process_name(const Program *p, ProcessConfig *c) {
        const TextOption *option = option_of(p, "process_name");
        _cleanup_(freep) char *name = NULL, *why = NULL;
        int r;

        r = scope_expand(&p->process, p->process_name, &name, &why);
        if (r == -EINVAL)
                return loader_error(p->loader, p->section, option, "%s", why);
        if (r < 0)
                return r;
        return process_config_set_names(c, &(ProcessNames){ .name = name,
                                                            .group = p->group,
                                                            .program = p->name,
                                                            .section = p->section->name });
}

/* Names that an earlier copy's environment set and that the daemon's own environment has as well.
 */
static void restore_environment(Program *p) {
        for (size_t i = 0; i < p->process.n; i++) {
                const char *name = p->process.variables[i].name;

                if (name && scope_find(&p->loader->env, name))
                        scope_unset(&p->process, name);
        }
}

/* Descriptors that the sockets take cannot serve the readiness as well. */
static int check_readiness(const Program *p, const ProcessConfig *c) {
        size_t n = 0;

        for (size_t i = 0; i < c->settings->n_sockets; i++)
                n += MAX(c->settings->sockets[i]->n_addresses, (size_t)1);
        if (c->settings->readiness.kind != READINESS_FD ||
            c->settings->socket_style != SOCKET_STYLE_LISTEN_FDS ||
            (size_t)c->settings->readiness.fd >= 3 + n)
                return 0;
        return loader_error(p->loader, p->section, option_of(p, "readiness"),
                            "descriptor %d is one of the sockets; use another, such as fd:%zu",
                            c->settings->readiness.fd, 3 + n);
}

static int load_copy(Program *p, int64_t number, ProcessConfig *c) {
        int r;

        restore_environment(p);
        r = scope_set_number(&p->process, "process_num", number);
        if (r == 0)
                r = scope_set_number(&p->process, "numprocs", p->numprocs);
        if (r == 0)
                r = load_shared(p, c);
        if (r >= 0)
                r = load_environment(p, c);
        if (r >= 0)
                r = loader_store(p->loader, p->section, SCOPE_PROCESS, &p->process, c);
        if (r >= 0)
                r = check_command(p, c);
        if (r >= 0)
                r = load_healthcheck_command(p->loader, p->section, &p->process, c);
        if (r >= 0)
                r = check_readiness(p, c);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(c->log); i++)
                r = settle_log(p, c, i);
        return r < 0 ? r : load_process_name(p, c);
}

static int process_new(const Program *p, ProcessConfig **ret) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = NULL;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->n_ref = 1;
        c->settings = process_settings_new();
        if (!c->settings)
                return -ENOMEM;
        *ret = TAKE_PTR(c);
        return 0;
}

/* A name that is wrong has been reported; checking goes on with "". */
static int settle_name(char **name) {
        if (!*name)
                *name = strdup("");
        return *name ? 0 : -ENOMEM;
}

static int begin_program(Program *p) {
        Loader *l = p->loader;
        const TextOption *option = option_of(p, "process_name");
        _cleanup_(freep) char *text = NULL;
        int r;

        p->scope.parent = &l->common;
        p->process.parent = &p->scope;
        r = loader_name(l, p->section, NULL, strchr(p->section->name, ':') + 1, &p->name);
        if (r >= 0)
                r = settle_name(&p->name);
        if (r == 0)
                r = scope_set(&p->scope, "program_name", p->name);
        if (r == 0)
                r = scope_set(&p->scope, "group_name", p->group);
        if (r == 0)
                r = scope_set(&p->scope, "host_node_name", l->host);
        if (r == 0 && option)
                r = loader_text(l, p->section, option, &text);
        if (r == 0)
                r = loader_name(l, p->section, option, text ? text : "%(program_name)s",
                                &p->process_name);
        return r < 0 ? r : settle_name(&p->process_name);
}

static int check_numprocs(Program *p, int64_t *start) {
        Loader *l = p->loader;
        int r;

        r = get_integer(p, "numprocs", &p->numprocs);
        if (r >= 0 && l->options->scale &&
            strcmp(l->options->scale->section, p->section->name) == 0)
                p->numprocs = l->options->scale->numprocs;
        if (r >= 0)
                r = get_integer(p, "numprocs_start", start);
        if (r < 0)
                return r;
        if (p->numprocs > PROCESSES_MAX - (int64_t)l->n_processes)
                return loader_error(l, p->section, option_of(p, "numprocs"),
                                    "more than %d processes in all; use a smaller number",
                                    PROCESSES_MAX);
        if (p->numprocs > 1 && p->process_name && !strstr(p->process_name, "%(process_num)"))
                return loader_error(
                        l, p->section, option_of(p, "process_name"),
                        "copies need different names; write %%(program_name)s_%%(process_num)02d");
        return 0;
}

static int compare_names(const void *a, const void *b) {
        return strcmp((*(ProcessConfig *const *)a)->name, (*(ProcessConfig *const *)b)->name);
}

/* The copy @number, or NULL where an error was reported. */
static int load_one(Program *p, int64_t number, ProcessConfig **ret) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = NULL;
        size_t n_errors = p->loader->report->n_errors;
        int r;

        r = process_new(p, &c);
        if (r == 0)
                r = load_copy(p, number, c);
        if (r < 0)
                return r;
        c->settings = recent_settings_share(&p->loader->recent, c->settings);
        *ret = p->loader->report->n_errors == n_errors ? TAKE_PTR(c) : NULL;
        return 0;
}

static int load_copies(Program *p, int64_t start, ProcessConfig **list, size_t *n) {
        Loader *l = p->loader;
        int r = 0;

        for (int64_t i = 0; r == 0 && i < p->numprocs; i++) {
                r = load_one(p, (int64_t)((uint64_t)start + (uint64_t)i), list + *n);
                if (r < 0 || !list[*n])
                        break; /* further copies would say the same */
                (*n)++;
                l->n_processes++;
                l->quiet = true;
        }
        l->quiet = false;
        return r;
}

/* A section without a usable copy is checked all the same; Python looks at no copy if there is to
 * be none. */
static int check_only(Program *p, int64_t start) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = NULL;
        int r;

        if (p->numprocs > 0)
                return load_one(p, start, &c);
        r = process_new(p, &c);
        return r < 0 ? r : MIN(load_shared(p, c), 0);
}

int load_processes(Loader *l,
                   const TextSection *section,
                   const char *group,
                   ProcessConfig ***ret,
                   size_t *ret_n) {
        _cleanup_(program_done) Program p = {
                .loader = l,
                .section = section,
                .kind = section_kind(section->name),
                .group = group,
                .numprocs = 1,
        };
        size_t n_errors = l->report->n_errors;
        int64_t start = 0;
        int r;

        *ret = NULL;
        *ret_n = 0;
        r = begin_program(&p);
        if (r >= 0)
                r = check_numprocs(&p, &start);
        if (r < 0)
                return r;
        if (p.numprocs <= 0 || l->report->n_errors > n_errors)
                return check_only(&p, start);
        *ret = calloc((size_t)p.numprocs, sizeof(ProcessConfig *));
        if (!*ret)
                return -ENOMEM;
        r = load_copies(&p, start, *ret, ret_n);
        if (*ret_n > 1)
                qsort(*ret, *ret_n, sizeof(ProcessConfig *), compare_names);
        return r;
}
