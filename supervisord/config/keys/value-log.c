#include "config/keys/value-log.h"

#include <strings.h>

#include "config/keys/value-text.h"
#include "config/model/config.h"

static const char *const words[] = {
        [LOG_KIND_AUTO] = "AUTO",
        [LOG_KIND_NONE] = "NONE",
        [LOG_KIND_JOURNAL] = "journal",
        [LOG_KIND_INHERIT] = "inherit",
};

int log_target_store(const Key *key,
                     const char *text,
                     void *field,
                     const ValueRules *rules,
                     char **reterr_why) {
        static const struct {
                const char *word;
                LogKind kind;
        } accepted[] = {
                { "none", LOG_KIND_NONE },       { "off", LOG_KIND_NONE },
                { "", LOG_KIND_NONE },           { "auto", LOG_KIND_AUTO },
                { "journal", LOG_KIND_JOURNAL }, { "inherit", LOG_KIND_INHERIT },
                { "syslog", LOG_KIND_NONE },
        };
        LogTarget *log = field;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(accepted); i++)
                if (strcasecmp(text, accepted[i].word) == 0) {
                        log->kind = accepted[i].kind;
                        log->syslog |= strcasecmp(text, "syslog") == 0;
                        return 0;
                }
        r = path_store(key, text, &log->path, rules, reterr_why);
        if (r == 0)
                log->kind = LOG_KIND_FILE;
        return r;
}

void log_target_clear(void *field) {
        text_clear(&((LogTarget *)field)->path);
}

bool log_target_equal(const void *a, const void *b) {
        const LogTarget *x = a, *y = b;

        return x->kind == y->kind && x->syslog == y->syslog && same_string(x->path, y->path);
}

static const char *text_of(const LogTarget *log) {
        return log->kind == LOG_KIND_FILE ? log->path : words[log->kind];
}

void log_target_print(FILE *f, const Key *key, const void *field) {
        (void)fputs(text_of(field), f);
}

void log_target_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        const LogTarget *log = field;

        json_string(w, name, log->kind == LOG_KIND_NONE ? NULL : text_of(log));
}
