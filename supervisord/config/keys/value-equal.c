/* Whether two values of a key mean the same. */
#include <string.h>

#include "base/strv.h"
#include "config/keys/dependency.h"
#include "config/keys/ladder.h"
#include "config/keys/value.h"

bool same_string(const char *a, const char *b) {
        return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_limit(const ResourceLimit *a, const ResourceLimit *b) {
        return a->set == b->set && (!a->set || (a->soft == b->soft && a->hard == b->hard));
}

static bool same_optional(const OptionalInteger *a, const OptionalInteger *b) {
        return a->set == b->set && (!a->set || a->value == b->value);
}

static bool same_log(const LogTarget *a, const LogTarget *b) {
        return a->kind == b->kind && a->syslog == b->syslog && same_string(a->path, b->path);
}

bool key_equal(const Key *key, const void *a, const void *b) {
        const void *x = key_field_const(key, a), *y = key_field_const(key, b);

        switch (key->type) {
        case KEY_BOOLEAN:
                return *(const bool *)x == *(const bool *)y;
        case KEY_INTEGER:
        case KEY_DURATION:
        case KEY_SIZE:
        case KEY_PERCENTAGE:
                return *(const int64_t *)x == *(const int64_t *)y;
        case KEY_NUMBER:
                return *(const double *)x >= *(const double *)y &&
                       *(const double *)x <= *(const double *)y;
        case KEY_LADDER:
                return ladder_equal(x, y);
        case KEY_OCTAL:
        case KEY_SIGNAL:
        case KEY_CHOICE:
                return *(const int *)x == *(const int *)y;
        case KEY_STRING:
        case KEY_PATH:
        case KEY_DIRECTORY:
        case KEY_USER:
                return same_string(*(char *const *)x, *(char *const *)y);
        case KEY_LOG:
                return same_log(x, y);
        case KEY_READINESS:
        case KEY_HEALTH:
                return same_string(((const Readiness *)x)->text, ((const Readiness *)y)->text);
        case KEY_COMMAND:
                return same_string(((const CommandLine *)x)->text, ((const CommandLine *)y)->text);
        case KEY_DEPENDENCIES:
                return dependencies_equal(x, y);
        case KEY_LIMIT:
                return same_limit(x, y);
        case KEY_OPTIONAL:
                return same_optional(x, y);
        case KEY_FILES:
        case KEY_NAMES:
                return strv_equal(*(char **const *)x, *(char **const *)y);
        default:
                return true;
        }
}
