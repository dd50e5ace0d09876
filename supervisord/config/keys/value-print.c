/* Values as they could stand in a file. */
#include <inttypes.h>

#include "base/parse.h"
#include "config/keys/dependency.h"
#include "config/keys/ladder.h"
#include "config/keys/limit.h"
#include "config/keys/value.h"

void print_duration(FILE *f, int64_t usec) {
        uint64_t magnitude = usec < 0 ? -(uint64_t)usec : (uint64_t)usec;
        uint64_t micros = magnitude % USEC_PER_SEC;
        int digits = 6;

        if (usec == DURATION_INFINITY) {
                (void)fputs("infinity", f);
                return;
        }
        (void)fprintf(f, "%s%" PRIu64, usec < 0 ? "-" : "", magnitude / USEC_PER_SEC);
        if (micros == 0)
                return;
        for (; micros % 10 == 0; micros /= 10)
                digits--;
        (void)fprintf(f, ".%0*" PRIu64, digits, micros);
}

static void print_log(FILE *f, const LogTarget *log) {
        static const char *const words[] = {
                [LOG_KIND_AUTO] = "AUTO",
                [LOG_KIND_NONE] = "NONE",
                [LOG_KIND_JOURNAL] = "journal",
                [LOG_KIND_INHERIT] = "inherit",
        };

        (void)fputs(log->kind == LOG_KIND_FILE ? log->path : words[log->kind], f);
}

static void print_choice(FILE *f, const Choice *choices, int value) {
        for (const Choice *c = choices; c->name; c++)
                if (c->value == value) {
                        (void)fputs(c->name, f);
                        return;
                }
}

static void print_optional(FILE *f, const OptionalInteger *i) {
        if (i->set)
                (void)fprintf(f, "%" PRId64, i->value);
}

static void print_list(FILE *f, char *const *list) {
        for (char *const *p = list; p && *p; p++)
                (void)fprintf(f, "%s%s", p == list ? "" : ",", *p);
}

static void print_scalar(FILE *f, const Key *key, const void *field) {
        switch (key->type) {
        case KEY_BOOLEAN:
                (void)fputs(*(const bool *)field ? "true" : "false", f);
                break;
        case KEY_INTEGER:
        case KEY_SIZE:
        case KEY_PERCENTAGE:
                number_print(f, key, *(const int64_t *)field);
                break;
        case KEY_DURATION:
                print_duration(f, *(const int64_t *)field);
                break;
        case KEY_NUMBER:
                (void)fprintf(f, "%g", *(const double *)field);
                break;
        case KEY_OCTAL:
                (void)fprintf(f, "%03o", (unsigned)*(const int *)field);
                break;
        case KEY_SIGNAL:
                (void)fputs(*(const int *)field ? signal_name(*(const int *)field) : "", f);
                break;
        default:
                break;
        }
}

void key_print(FILE *f, const Key *key, const void *object) {
        const void *field = key_field_const(key, object);

        switch (key->type) {
        case KEY_OPTIONAL:
                print_optional(f, field);
                break;
        case KEY_LIMIT:
                limit_print(f, field);
                break;
        case KEY_FILES:
        case KEY_NAMES:
                print_list(f, *(char **const *)field);
                break;
        case KEY_LADDER:
                print_ladder(f, field);
                break;
        case KEY_CHOICE:
                print_choice(f, key->choices, *(const int *)field);
                break;
        case KEY_LOG:
                print_log(f, field);
                break;
        case KEY_READINESS:
                (void)fputs(((const Readiness *)field)->text ?: "startsecs", f);
                break;
        case KEY_COMMAND:
                (void)fputs(((const CommandLine *)field)->text ?: "", f);
                break;
        case KEY_DEPENDENCIES:
                dependencies_print(f, field);
                break;
        case KEY_HEALTH:
                (void)fputs(((const Readiness *)field)->text ?: "none", f);
                break;
        case KEY_STRING:
        case KEY_PATH:
        case KEY_DIRECTORY:
        case KEY_USER:
        case KEY_OWNER:
        case KEY_GROUPS:
                if (*(char *const *)field)
                        (void)fputs(*(char *const *)field, f);
                break;
        default:
                print_scalar(f, key, field);
                break;
        }
}
