#include "config/keys/value-limit.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "config/keys/value-text.h"
#include "config/model/config.h"
#include "config/text/refuse.h"

#define NICE_LIMIT_MAX 40 /* see getrlimit(2): 20 minus the lowest nice level */

/* The RLIMIT_* that @key sets. */
static int resource_of(const Key *key) {
        return (int)((key->offset - offsetof(ProcessSettings, limits)) / sizeof(ResourceLimit));
}

/* ---------------------------------------------------------------- one number */

static int parse_seconds(const char *text, int64_t *ret) {
        int64_t usec;
        int r;

        r = parse_duration(text, &usec);
        if (r < 0)
                return r;
        *ret = usec / (int64_t)USEC_PER_SEC + (usec % (int64_t)USEC_PER_SEC > 0);
        return 0;
}

static int parse_nice(const char *text, int64_t *ret) {
        int64_t number;
        int r;

        r = parse_integer(text, &number);
        if (r < 0)
                return r;
        text += strspn(text, " \t");
        if (*text == '+' || *text == '-')
                number = number < -20 || number > 19 ? -1 : 20 - number;
        if (number < 0 || number > NICE_LIMIT_MAX)
                return -EINVAL;
        *ret = number;
        return 0;
}

/* How the limit of a resource is written, and what to say of one that is not. */
typedef struct LimitNotation {
        int (*parse)(const char *text, int64_t *ret);
        const char *hint;
} LimitNotation;

static LimitNotation notation_of(int resource) {
        switch (resource) {
        case RLIMIT_AS:
        case RLIMIT_CORE:
        case RLIMIT_DATA:
        case RLIMIT_FSIZE:
        case RLIMIT_MEMLOCK:
        case RLIMIT_MSGQUEUE:
        case RLIMIT_RSS:
        case RLIMIT_STACK:
                return (LimitNotation){ parse_size, "bytes such as 65536, 100KB or 1GB" };
        case RLIMIT_CPU:
                return (LimitNotation){ parse_seconds, "seconds such as 60, or 5min" };
        case RLIMIT_NICE:
                return (LimitNotation){ parse_nice,
                                        "a nice level with its sign such as -5 or +5, or 0 to 40" };
        default:
                return (LimitNotation){ parse_integer, "a number such as 1024" };
        }
}

static int parse_one(const LimitNotation *notation, const char *text, rlim_t *ret) {
        int64_t number;
        int r;

        if (strcasecmp(text, "infinity") == 0) {
                *ret = RLIM_INFINITY;
                return 0;
        }
        r = notation->parse(text, &number);
        if (r < 0)
                return r;
        if (number < 0)
                return -EINVAL;
        *ret = (rlim_t)number;
        return 0;
}

/* ---------------------------------------------------------------- limits */

int limit_store(const Key *key,
                const char *text,
                void *field,
                const ValueRules *rules,
                char **reterr_why) {
        const LimitNotation notation = notation_of(resource_of(key));
        _cleanup_(freep) char *soft = strndup(text, strcspn(text, ":"));
        const char *hard = strchr(text, ':');
        ResourceLimit limit = { .set = true };
        int r;

        if (!soft)
                return -ENOMEM;
        r = parse_one(&notation, soft, &limit.soft);
        if (r == 0)
                r = parse_one(&notation, hard ? hard + 1 : soft, &limit.hard);
        if (r == -ERANGE)
                return refuse(reterr_why, "'%s' is too large; use a smaller number", text);
        if (r < 0)
                return refuse(reterr_why, "'%s' is no limit; write %s, or infinity, or SOFT:HARD",
                              text, notation.hint);
        if (limit.soft > limit.hard)
                return refuse(reterr_why,
                              "'%s' has a soft limit above the hard one; write the lower one first",
                              text);
        *(ResourceLimit *)field = limit;
        return 0;
}

static void print_one(FILE *f, rlim_t value) {
        if (value == RLIM_INFINITY)
                (void)fputs("infinity", f);
        else
                (void)fprintf(f, "%" PRIu64, (uint64_t)value);
}

bool limit_equal(const void *a, const void *b) {
        const ResourceLimit *x = a, *y = b;

        return x->set == y->set && (!x->set || (x->soft == y->soft && x->hard == y->hard));
}

bool limit_is_set(const void *field) {
        return ((const ResourceLimit *)field)->set;
}

void limit_print(FILE *f, const Key *key, const void *field) {
        const ResourceLimit *limit = field;

        if (!limit->set)
                return;
        print_one(f, limit->soft);
        if (limit->hard == limit->soft)
                return;
        (void)fputc(':', f);
        print_one(f, limit->hard);
}

void limit_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        json_printed(w, name, key, field, limit_print);
}
