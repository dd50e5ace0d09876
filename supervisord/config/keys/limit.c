#include "config/keys/limit.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "base/text-stream.h"
#include "config/keys/value.h"

#define NICE_LIMIT_MAX 40 /* see getrlimit(2): 20 minus the lowest nice level */

int limit_resource(const Key *key) {
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
typedef struct Notation {
        int (*parse)(const char *text, int64_t *ret);
        const char *hint;
} Notation;

static Notation notation_of(int resource) {
        switch (resource) {
        case RLIMIT_AS:
        case RLIMIT_CORE:
        case RLIMIT_DATA:
        case RLIMIT_FSIZE:
        case RLIMIT_MEMLOCK:
        case RLIMIT_MSGQUEUE:
        case RLIMIT_RSS:
        case RLIMIT_STACK:
                return (Notation){ parse_size, "bytes such as 65536, 100KB or 1GB" };
        case RLIMIT_CPU:
                return (Notation){ parse_seconds, "seconds such as 60, or 5min" };
        case RLIMIT_NICE:
                return (Notation){ parse_nice,
                                   "a nice level with its sign such as -5 or +5, or 0 to 40" };
        default:
                return (Notation){ parse_integer, "a number such as 1024" };
        }
}

static int parse_one(const Notation *notation, const char *text, rlim_t *ret) {
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

int limit_parse(int resource, const char *text, ResourceLimit *ret, char **reterr_why) {
        const Notation notation = notation_of(resource);
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
                return explain_value(reterr_why, "'%s' is too large; use a smaller number", text);
        if (r < 0)
                return explain_value(reterr_why,
                                     "'%s' is no limit; write %s, or infinity, or SOFT:HARD", text,
                                     notation.hint);
        if (limit.soft > limit.hard)
                return explain_value(
                        reterr_why,
                        "'%s' has a soft limit above the hard one; write the lower one first",
                        text);
        *ret = limit;
        return 0;
}

static void print_one(FILE *f, rlim_t value) {
        if (value == RLIM_INFINITY)
                (void)fputs("infinity", f);
        else
                (void)fprintf(f, "%" PRIu64, (uint64_t)value);
}

void limit_print(FILE *f, const ResourceLimit *limit) {
        if (!limit->set)
                return;
        print_one(f, limit->soft);
        if (limit->hard == limit->soft)
                return;
        (void)fputc(':', f);
        print_one(f, limit->hard);
}

/* ---------------------------------------------------------------- numbers with bounds */

static int parse_percentage(const char *text, int64_t *ret) {
        _cleanup_(freep) char *number = NULL;
        size_t n = strlen(text);
        double value;
        int r;

        while (n > 0 && isspace((unsigned char)text[n - 1]))
                n--;
        if (n == 0 || text[n - 1] != '%')
                return -EINVAL;
        number = strndup(text, n - 1);
        if (!number)
                return -ENOMEM;
        r = parse_number(number, &value);
        if (r < 0)
                return r;
        *ret = llround(value * 1e4); /* no overflow: parse_number() keeps to 2^63 millionths */
        return 0;
}

void number_print(FILE *f, const Key *key, int64_t value) {
        if (key->infinite && value == 0)
                (void)fputs("infinity", f);
        else if (key->type == KEY_PERCENTAGE)
                (void)fprintf(f, "%.10g%%", (double)value / 1e4);
        else
                (void)fprintf(f, "%" PRId64, value);
}

static int check_bounds(const Key *key, const char *text, int64_t value, char **reterr_why) {
        _cleanup_(freep) char *range = NULL;
        size_t size;
        FILE *f;

        if ((key->low == 0 && key->high == 0) || (value >= key->low && value <= key->high))
                return 0;
        f = open_memstream(&range, &size);
        if (!f)
                return -ENOMEM;
        number_print(f, key, key->low);
        if (key->high != INT64_MAX) {
                (void)fputs(" to ", f);
                number_print(f, key, key->high);
        } else {
                (void)fputs(" or more", f);
        }
        if (text_stream_close(f, &range) < 0)
                return -ENOMEM;
        return explain_value(reterr_why, "'%s' is out of range; write %s%s", text, range,
                             key->infinite ? ", or infinity" : "");
}

int number_parse(const Key *key, const char *text, int64_t *ret, char **reterr_why) {
        int64_t value = 0;
        int r;

        if (key->infinite && strcasecmp(text, "infinity") == 0) {
                *ret = 0;
                return 0;
        }
        if (key->type == KEY_PERCENTAGE)
                r = parse_percentage(text, &value);
        else if (key->type == KEY_SIZE)
                r = parse_size(text, &value);
        else
                r = parse_integer(text, &value);
        if (r == 0)
                r = check_bounds(key, text, value, reterr_why);
        if (r == 0)
                *ret = value;
        return r;
}
