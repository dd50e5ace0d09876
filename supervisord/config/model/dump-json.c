/* config_dump_json(): in the words of Python's supervisord where it has the setting, with ours
 * beside. */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/parse.h"
#include "base/strv.h"
#include "config/keys/keys.h"
#include "config/keys/value.h"
#include "config/model/config.h"
#include "config/text/text.h"

static void dump_pairs(JsonWriter *w, const char *key, char *const *pairs) {
        json_object_begin(w, key);
        for (char *const *p = pairs; p && *p; p++) {
                const char *value = strchr(*p, '=');
                _cleanup_(freep) char *name = strndup(*p, (size_t)(value - *p));

                if (name)
                        json_string(w, name, value + 1);
        }
        json_object_end(w);
}

static void dump_strings(JsonWriter *w, const char *key, char *const *list) {
        json_array_begin(w, key);
        for (; list && *list; list++)
                json_string(w, NULL, *list);
        json_array_end(w);
}

static void dump_daemon(JsonWriter *w, const DaemonConfig *d) {
        json_object_begin(w, "supervisord");
        for (size_t i = 0; i < n_config_keys; i++) {
                const Key *key = config_keys + i;

                if (!(key->sections & SECTION_SUPERVISORD))
                        continue;
                if (key->offset == offsetof(DaemonConfig, logfile) && d->syslog)
                        json_string(w, key->name, "syslog");
                else if (key->offset == offsetof(DaemonConfig, control_socket) && d->no_control)
                        json_string(w, key->name, "none");
                else
                        key_json(w, key->name, key, d);
        }
        dump_pairs(w, "environment", d->environment);
        json_object_end(w);
}

/* A user or group; a number in any of Python's spellings is shown plainly. */
static void dump_name(JsonWriter *w, const char *key, const char *name) {
        char plain[24];
        int64_t number;

        if (!name || parse_integer(name, &number) < 0) {
                json_string(w, key, name);
                return;
        }
        (void)snprintf(plain, sizeof(plain), "%lld", (long long)number);
        json_string(w, key, plain);
}

static void dump_owner(JsonWriter *w, const char *key, const char *owner) {
        const char *colon = strchr(owner, ':');
        _cleanup_(freep) char *user = colon ? strndup(owner, (size_t)(colon - owner)) : NULL;

        json_array_begin(w, key);
        dump_name(w, NULL, user ? user : owner);
        if (colon)
                dump_name(w, NULL, colon + 1);
        else
                json_integer(w, NULL, -1);
        json_array_end(w);
}

static void dump_server(JsonWriter *w, const ServerConfig *s) {
        json_object_begin(w, NULL);
        json_string(w, "section", s->section);
        json_string(w, "type", s->is_unix ? "unix" : "inet");
        json_string(w, "username", s->username);
        json_string(w, "password", s->password);
        if (s->is_unix) {
                json_string(w, "file", s->path);
                json_integer(w, "chmod", s->mode);
                if (s->owner) {
                        dump_owner(w, "chown", s->owner);
                } else {
                        json_array_begin(w, "chown");
                        json_integer(w, NULL, -1);
                        json_integer(w, NULL, -1);
                        json_array_end(w);
                }
        } else {
                json_string(w, "host", s->host);
                json_integer(w, "port", s->port);
        }
        json_object_end(w);
}

static void dump_plugins(JsonWriter *w, const char *key, PluginConfig *const *plugins, size_t n) {
        json_array_begin(w, key);
        for (size_t i = 0; i < n; i++) {
                json_object_begin(w, NULL);
                json_string(w, "name", plugins[i]->name);
                json_string(w, "factory", plugins[i]->factory);
                dump_pairs(w, "extras", plugins[i]->options);
                json_object_end(w);
        }
        json_array_end(w);
}

/* The owner that the program's user implies is known by number only on the host itself. */
static void dump_implied_owner(JsonWriter *w, const GroupConfig *g) {
        const char *user = g->n_processes > 0 ? g->processes[0]->settings->user : NULL;
        _cleanup_(freep) char *group = NULL;

        if (!user) {
                json_null(w, "owner");
                return;
        }
        if (asprintf(&group, "primary-group-of(%s)", user) < 0)
                group = NULL;
        json_array_begin(w, "owner");
        json_string(w, NULL, user);
        json_string(w, NULL, group);
        json_array_end(w);
}

static void dump_fcgi_socket(JsonWriter *w, const GroupConfig *g) {
        const SocketConfig *s = g->socket;

        json_object_begin(w, "socket");
        json_string(w, "url", s->url);
        if (s->backlog == 0)
                json_null(w, "backlog");
        else
                json_integer(w, "backlog", s->backlog);
        if (s->addresses->path) {
                json_string(w, "path", s->addresses->path);
                json_integer(w, "mode", s->mode);
                if (s->owner)
                        dump_owner(w, "owner", s->owner);
                else
                        dump_implied_owner(w, g);
        } else {
                json_string(w, "host", s->host);
                json_integer(w, "port", s->addresses->port);
        }
        json_object_end(w);
}

static void dump_socket(JsonWriter *w, const SocketConfig *s) {
        json_object_begin(w, NULL);
        json_string(w, "name", s->name);
        json_array_begin(w, "listen");
        for (size_t i = 0; i < s->n_addresses; i++)
                json_string(w, NULL, s->addresses[i].text);
        json_array_end(w);
        for (size_t i = 0; i < n_config_keys; i++)
                if ((config_keys[i].sections & SECTION_SOCKET) && config_keys[i].type != KEY_OWNER)
                        key_json(w, config_keys[i].name, config_keys + i, s);
        json_string(w, "socket_owner", s->owner);
        json_object_end(w);
}

static void dump_group(JsonWriter *w, const GroupConfig *g) {
        static const char *const types[] = {
                [GROUP_TYPE_GROUP] = "group",
                [GROUP_TYPE_EVENTLISTENER] = "eventlistener",
                [GROUP_TYPE_FCGI] = "fcgi-program",
        };

        json_object_begin(w, NULL);
        json_string(w, "name", g->name);
        json_integer(w, "priority", g->priority);
        json_string(w, "type", types[g->type]);
        if (g->type == GROUP_TYPE_EVENTLISTENER) {
                dump_strings(w, "events", g->events);
                json_integer(w, "buffer_size", g->buffer_size);
                json_string(w, "result_handler", g->result_handler);
        }
        if (g->type == GROUP_TYPE_FCGI)
                dump_fcgi_socket(w, g);
        json_array_begin(w, "processes");
        for (size_t i = 0; i < g->n_processes; i++)
                json_string(w, NULL, g->processes[i]->name);
        json_array_end(w);
        json_object_end(w);
}

static int dump_argv(JsonWriter *w, const ProcessConfig *p) {
        _cleanup_(strv_freep) char **argv = NULL;
        const char *why = NULL;
        int r;

        r = process_config_split_command(p, &argv, &why);
        if (r == -ENOMEM)
                return r;
        if (r == 0 || r == -ENODATA)
                dump_strings(w, "argv", argv);
        else
                json_null(w, "argv");
        if (r < 0)
                json_string(w, "argv_error", why);
        return 0;
}

/* Python writes true and false as such and "unexpected" as a word. */
static void dump_autorestart(JsonWriter *w, const ProcessConfig *p) {
        if (p->settings->autorestart == AUTORESTART_UNEXPECTED)
                json_string(w, "autorestart", "unexpected");
        else
                json_boolean(w, "autorestart", p->settings->autorestart == AUTORESTART_TRUE);
}

static void dump_process_key(JsonWriter *w, const Key *key, const ProcessConfig *p) {
        if (key->type == KEY_ENVIRONMENT)
                dump_pairs(w, key->name, p->environment);
        else if (key_is_setting(key, offsetof(ProcessSettings, user)))
                dump_name(w, key->name, p->settings->user);
        else if (key_is_setting(key, offsetof(ProcessSettings, autorestart)))
                dump_autorestart(w, p);
        else if (key_is_setting(key, offsetof(ProcessSettings, primary_group)))
                key_json(w, "primary_group", key, p); /* "group" is that of supervisord's kind */
        else
                key_json(w, key->name, key, p);
}

static int dump_process(JsonWriter *w, const Config *c, const ProcessConfig *p) {
        const TextSection *section = config_text_find(c->text, p->section);
        int r;

        json_object_begin(w, NULL);
        json_string(w, "group", p->group);
        json_string(w, "name", p->name);
        json_string(w, "section", p->section);
        json_string(w, "file", section->file->path);
        json_integer(w, "line", section->line);
        r = dump_argv(w, p);
        if (r < 0)
                return r;
        json_string(w, "stopsignal_name",
                    p->settings->stopsignal ? signal_name(p->settings->stopsignal) : "signal 0");
        for (size_t i = 0; i < n_config_keys; i++)
                if ((config_keys[i].sections & SECTION_PROGRAM) && !config_keys[i].no_field)
                        dump_process_key(w, config_keys + i, p);
        json_object_end(w);
        return 0;
}

static void dump_control(JsonWriter *w, const ControlConfig *c) {
        json_object_begin(w, "supervisorctl");
        if (!c->present) {
                json_string(w, "error", ".ini file does not include supervisorctl section");
        } else {
                json_string(w, "serverurl", c->serverurl);
                json_string(w, "username", c->username);
                json_string(w, "password", c->password);
                json_string(w, "prompt", c->prompt);
                json_string(w, "history_file", c->history_file);
        }
        json_object_end(w);
}

int config_dump_json(const Config *c, FILE *f) {
        JsonWriter w = { .file = f };
        int r;

        json_object_begin(&w, NULL);
        json_boolean(&w, "accepted", true);
        json_string(&w, "file", c->path);
        dump_daemon(&w, &c->daemon);
        json_array_begin(&w, "http_servers");
        for (size_t i = 0; i < c->n_servers; i++)
                dump_server(&w, c->servers[i]);
        json_array_end(&w);
        json_string(&w, "serverurl", c->serverurl);
        dump_plugins(&w, "rpcinterfaces", c->rpcinterfaces, c->n_rpcinterfaces);
        dump_plugins(&w, "ctlplugins", c->ctlplugins, c->n_ctlplugins);
        json_array_begin(&w, "sockets");
        for (size_t i = 0; i < c->n_sockets; i++)
                dump_socket(&w, c->sockets[i]);
        json_array_end(&w);
        json_array_begin(&w, "groups");
        for (size_t i = 0; i < c->n_groups; i++)
                dump_group(&w, c->groups[i]);
        json_array_end(&w);
        json_array_begin(&w, "processes");
        for (size_t i = 0; i < c->n_groups; i++)
                for (size_t k = 0; k < c->groups[i]->n_processes; k++) {
                        r = dump_process(&w, c, c->groups[i]->processes[k]);
                        if (r < 0)
                                return r;
                }
        json_array_end(&w);
        dump_strings(&w, "included", c->included);
        dump_control(&w, &c->control);
        json_object_end(&w);
        if (fflush(f) != 0)
                return -errno;
        return ferror(f) ? -EIO : 0;
}
