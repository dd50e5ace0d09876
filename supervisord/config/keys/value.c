#include "config/keys/value.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "base/strv.h"
#include "base/text-stream.h"
#include "config/keys/command.h"
#include "config/keys/dependency.h"
#include "config/keys/ladder.h"
#include "config/keys/limit.h"
#include "config/keys/readiness.h"
#include "config/keys/suggest.h"
#include "config/load/group.h"
#include "config/text/path.h"

void *key_field(const Key *key, void *object) {
        if (key->in_settings)
                object = ((ProcessConfig *)object)->settings;
        return (char *)object + key->offset;
}

const void *key_field_const(const Key *key, const void *object) {
        if (key->in_settings)
                object = ((const ProcessConfig *)object)->settings;
        return (const char *)object + key->offset;
}

int explain_value(char **ret, const char *format, ...) {
        va_list ap;
        int k;

        va_start(ap, format);
        k = vasprintf(ret, format, ap);
        va_end(ap);
        if (k < 0)
                *ret = NULL;
        return k < 0 ? -ENOMEM : -EINVAL;
}

/* What would be right, for the types whose values are a scalar. */
static const char *hint(KeyType type) {
        switch (type) {
        case KEY_BOOLEAN:
                return "is no boolean; write true or false";
        case KEY_INTEGER:
                return "is no whole number; write digits only, such as 10";
        case KEY_NUMBER:
                return "is no number; write one such as 2 or 0.5";
        case KEY_DURATION:
                return "is no duration; write seconds such as 10 or 1.5, or 250ms, 90s, 5min, 2h, infinity";
        case KEY_SIZE:
                return "is no size; write bytes such as 1024, or 100KB, 50MB, 1GB";
        case KEY_OCTAL:
                return "is no octal number; write one such as 022 or 0700";
        case KEY_OPTIONAL:
                return "is no whole number; write one such as -5 or 10";
        case KEY_PERCENTAGE:
                return "is no percentage; write one such as 50% or 150%";
        default:
                return "is no valid value";
        }
}

static int replace_string(char **field, char *text) {
        if (!text)
                return -ENOMEM;
        free(*field);
        *field = text;
        return 0;
}

/* A path of @key that is taken from the host: is there a directory where it needs one? */
static int check_path(const Key *key, const char *path, char **reterr_why) {
        bool is_directory = key->type == KEY_DIRECTORY;
        int r = is_directory ? path_check_directory(path) : path_check_parent(path);

        if (r >= 0 || r == -ENOMEM)
                return r;
        if (r != -ENOENT && r != -ENOTDIR)
                return explain_value(reterr_why, "%s%s cannot be looked at: %s",
                                     is_directory ? "" : "the directory of ", path, strerror(-r));
        if (is_directory)
                return explain_value(reterr_why,
                                     "%s is no existing directory; create it or correct the path",
                                     path);
        return explain_value(reterr_why,
                             "the directory of %s does not exist; create it or correct the path",
                             path);
}

static int store_path(const Key *key,
                      const char *text,
                      char **field,
                      const ValueRules *rules,
                      char **reterr_why) {
        _cleanup_(freep) char *path = NULL;
        int r;

        r = path_expand_user(text, &path);
        if (r < 0)
                return r;
        if (!rules->no_host_checks)
                r = check_path(key, path, reterr_why);
        if (r < 0)
                return r;
        return replace_string(field, TAKE_PTR(path));
}

static int store_log(const Key *key,
                     const char *text,
                     LogTarget *log,
                     const ValueRules *rules,
                     char **reterr_why) {
        static const struct {
                const char *word;
                LogKind kind;
        } words[] = {
                { "none", LOG_KIND_NONE },       { "off", LOG_KIND_NONE },
                { "", LOG_KIND_NONE },           { "auto", LOG_KIND_AUTO },
                { "journal", LOG_KIND_JOURNAL }, { "inherit", LOG_KIND_INHERIT },
                { "syslog", LOG_KIND_NONE },
        };
        int r;

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcasecmp(text, words[i].word) == 0) {
                        log->kind = words[i].kind;
                        log->syslog |= strcasecmp(text, "syslog") == 0;
                        return 0;
                }
        r = store_path(key, text, &log->path, rules, reterr_why);
        if (r == 0)
                log->kind = LOG_KIND_FILE;
        return r;
}

static int store_choice(const Key *key, const char *text, int *field, char **reterr_why) {
        const char *best = NULL, *separator = "";
        _cleanup_(freep) char *names = NULL;
        size_t size;
        FILE *f;

        for (const Choice *c = key->choices; c->name; c++) {
                if (strcasecmp(text, c->name) == 0) {
                        *field = c->value;
                        return 0;
                }
                best = suggest_closer(text, best, c->name);
        }
        if (best)
                return explain_value(reterr_why, "'%s' is not known; did you mean %s?", text, best);

        f = open_memstream(&names, &size);
        if (!f)
                return -ENOMEM;
        for (const Choice *c = key->choices; c->name; c++, separator = ", ")
                (void)fprintf(f, "%s%s", separator, c->name);
        if (text_stream_close(f, &names) < 0)
                return -ENOMEM;
        return explain_value(reterr_why, "'%s' is not known; write one of %s", text, names);
}

static int store_files(const char *list, char ***field, char **reterr_why) {
        _cleanup_(strv_freep) char **files = NULL;
        int r;

        while (list && *list) {
                _cleanup_(freep) char *item = NULL;

                r = next_list_item(&list, &item);
                if (r < 0)
                        return r;
                if (item[item[0] == '-'] != '/')
                        return explain_value(
                                reterr_why,
                                "'%s' is no absolute path; write one such as /etc/default/x or "
                                "%%(here)s/x",
                                item);
                r = strv_extend(&files, item);
                if (r < 0)
                        return r;
        }
        strv_free(*field);
        *field = TAKE_PTR(files);
        return 0;
}

static int store_names(const char *list, char ***field, char **reterr_why) {
        _cleanup_(strv_freep) char **names = NULL;
        int r;

        if (!*list)
                list = NULL;
        while (list) {
                _cleanup_(freep) char *item = NULL;

                r = next_list_item(&list, &item);
                if (r < 0)
                        return r;
                if (!*item)
                        return explain_value(
                                reterr_why,
                                "an empty name stands between or behind the commas; remove it");
                r = strv_extend(&names, item);
                if (r < 0)
                        return r;
        }
        strv_free(*field);
        *field = TAKE_PTR(names);
        return 0;
}

static int store_optional(const Key *key, const char *text, OptionalInteger *field, char **why) {
        int r;

        r = number_parse(key, text, &field->value, why);
        field->set = r == 0;
        return r;
}

static int store_scalar(const Key *key, const char *text, void *field, char **reterr_why) {
        switch (key->type) {
        case KEY_BOOLEAN:
                return parse_boolean(text, field);
        case KEY_INTEGER:
        case KEY_SIZE:
        case KEY_PERCENTAGE:
                return number_parse(key, text, field, reterr_why);
        case KEY_OPTIONAL:
                return store_optional(key, text, field, reterr_why);
        case KEY_NUMBER:
                return parse_number(text, field);
        case KEY_DURATION:
                return parse_duration(text, field);
        case KEY_OCTAL:
                return parse_octal(text, field);
        default:
                return 0;
        }
}

int key_store(const Key *key,
              const char *text,
              void *object,
              const ValueRules *rules,
              char **reterr_why) {
        void *field = key_field(key, object);
        int r;

        switch (key->type) {
        case KEY_STRING:
        case KEY_USER:
        case KEY_OWNER:
        case KEY_GROUPS:
                return replace_string(field, strdup(text));
        case KEY_PATH:
        case KEY_DIRECTORY:
                return store_path(key, text, field, rules, reterr_why);
        case KEY_LOG:
                return store_log(key, text, field, rules, reterr_why);
        case KEY_READINESS:
                return readiness_parse(text, field, reterr_why);
        case KEY_COMMAND:
                return command_parse(text, field, reterr_why);
        case KEY_DEPENDENCIES:
                return dependencies_parse(text, field, reterr_why);
        case KEY_HEALTH:
                return healthcheck_parse(text, field, reterr_why);
        case KEY_CHOICE:
                return store_choice(key, text, field, reterr_why);
        case KEY_SIGNAL:
                *(int *)field = 0;
                return *text ? store_signal(text, field, reterr_why) : 0;
        case KEY_LADDER:
                return store_ladder(text, field, reterr_why);
        case KEY_LIMIT:
                return limit_parse(limit_resource(key), text, field, reterr_why);
        case KEY_FILES:
                return store_files(text, field, reterr_why);
        case KEY_NAMES:
                return store_names(text, field, reterr_why);
        default:
                r = store_scalar(key, text, field, reterr_why);
                if (r == -EINVAL && !*reterr_why)
                        return explain_value(reterr_why, "'%s' %s", text, hint(key->type));
                if (r == -ERANGE)
                        return explain_value(reterr_why, "'%s' is too large; use a smaller number",
                                             text);
                return r;
        }
}

int store_exit_codes(ProcessConfig *c, const char *text, char **reterr_why) {
        size_t n = 0;
        int64_t code;

        c->settings->exit_list = calloc(strlen(text) / 2 + 1, 1);
        if (!c->settings->exit_list)
                return -ENOMEM;
        while (*text) {
                _cleanup_(freep) char *item = strndup(text, strcspn(text, ","));

                if (!item)
                        return -ENOMEM;
                if (parse_integer(item, &code) < 0 || code < 0 || code > 255)
                        return explain_value(
                                reterr_why,
                                "'%s' is no exit status; write numbers from 0 to 255, separated "
                                "by commas",
                                item);
                c->settings->exitcodes[code / 64] |= UINT64_C(1) << code % 64;
                c->settings->exit_list[n++] = (uint8_t)code;
                text += strlen(item);
                if (*text == ',' && !*++text)
                        return explain_value(reterr_why,
                                             "nothing follows the last comma; leave it out");
        }
        c->settings->n_exit_list = n;
        return 0;
}

void key_clear(const Key *key, void *object) {
        void *field = key_field(key, object);
        char **string = field;

        switch (key->type) {
        case KEY_READINESS:
        case KEY_HEALTH:
                readiness_done(field);
                return;
        case KEY_COMMAND:
                command_done(field);
                return;
        case KEY_DEPENDENCIES:
                dependencies_done(field);
                return;
        case KEY_FILES:
        case KEY_NAMES:
                *(char ***)field = strv_free(*(char ***)field);
                return;
        case KEY_LOG:
                string = &((LogTarget *)field)->path;
                break;
        case KEY_STRING:
        case KEY_PATH:
        case KEY_DIRECTORY:
        case KEY_USER:
        case KEY_OWNER:
        case KEY_GROUPS:
                break;
        default:
                return;
        }
        free(*string);
        *string = NULL;
}
