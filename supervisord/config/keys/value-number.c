#include "config/keys/value-number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "base/text-stream.h"
#include "config/keys/value-text.h"
#include "config/model/config.h"
#include "config/text/refuse.h"

/* ---------------------------------------------------------------- booleans */

int boolean_store(const Key *key,
                  const char *text,
                  void *field,
                  const ValueRules *rules,
                  char **reterr_why) {
        return parse_boolean(text, field);
}

bool boolean_equal(const void *a, const void *b) {
        return *(const bool *)a == *(const bool *)b;
}

void boolean_print(FILE *f, const Key *key, const void *field) {
        (void)fputs(*(const bool *)field ? "true" : "false", f);
}

void boolean_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        json_boolean(w, name, *(const bool *)field);
}

/* ---------------------------------------------------------------- numbers with bounds */

/* How a kind of number with bounds is read, and how its bounds are written. */
typedef struct Notation {
        int (*parse)(const char *text, int64_t *ret);
        ValuePrint *print;
} Notation;

static int check_bounds(const Key *key,
                        ValuePrint *print,
                        const char *text,
                        int64_t value,
                        char **reterr_why) {
        _cleanup_(freep) char *range = NULL;
        size_t size;
        FILE *f;

        if ((key->low == 0 && key->high == 0) || (value >= key->low && value <= key->high))
                return 0;
        f = open_memstream(&range, &size);
        if (!f)
                return -ENOMEM;
        print(f, key, &key->low);
        if (key->high != INT64_MAX) {
                (void)fputs(" to ", f);
                print(f, key, &key->high);
        } else {
                (void)fputs(" or more", f);
        }
        if (text_stream_close(f, &range) < 0)
                return -ENOMEM;
        return refuse(reterr_why, "'%s' is out of range; write %s%s", text, range,
                      key->infinite ? ", or infinity" : "");
}

static int store_bounded(const Key *key,
                         const Notation *notation,
                         const char *text,
                         int64_t *field,
                         char **reterr_why) {
        int64_t value = 0;
        int r = 0;

        if (!key->infinite || strcasecmp(text, "infinity") != 0) {
                r = notation->parse(text, &value);
                if (r == 0)
                        r = check_bounds(key, notation->print, text, value, reterr_why);
        }
        if (r == 0)
                *field = value;
        return r;
}

int integer_store(const Key *key,
                  const char *text,
                  void *field,
                  const ValueRules *rules,
                  char **reterr_why) {
        const Notation notation = { parse_integer, integer_print };

        return store_bounded(key, &notation, text, field, reterr_why);
}

int size_store(const Key *key,
               const char *text,
               void *field,
               const ValueRules *rules,
               char **reterr_why) {
        const Notation notation = { parse_size, integer_print };

        return store_bounded(key, &notation, text, field, reterr_why);
}

bool integer_equal(const void *a, const void *b) {
        return *(const int64_t *)a == *(const int64_t *)b;
}

static bool is_infinite(const Key *key, const void *field) {
        return key->infinite && *(const int64_t *)field == 0;
}

void integer_print(FILE *f, const Key *key, const void *field) {
        if (is_infinite(key, field))
                (void)fputs("infinity", f);
        else
                (void)fprintf(f, "%" PRId64, *(const int64_t *)field);
}

void integer_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        if (is_infinite(key, field))
                json_string(w, name, "infinity");
        else
                json_integer(w, name, *(const int64_t *)field);
}

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

int percentage_store(const Key *key,
                     const char *text,
                     void *field,
                     const ValueRules *rules,
                     char **reterr_why) {
        const Notation notation = { parse_percentage, percentage_print };

        return store_bounded(key, &notation, text, field, reterr_why);
}

void percentage_print(FILE *f, const Key *key, const void *field) {
        if (is_infinite(key, field))
                (void)fputs("infinity", f);
        else
                (void)fprintf(f, "%.10g%%", (double)*(const int64_t *)field / 1e4);
}

void percentage_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        json_printed(w, name, key, field, percentage_print);
}

int optional_store(const Key *key,
                   const char *text,
                   void *field,
                   const ValueRules *rules,
                   char **reterr_why) {
        OptionalInteger *i = field;
        int r;

        r = integer_store(key, text, &i->value, rules, reterr_why);
        i->set = r == 0;
        return r;
}

bool optional_equal(const void *a, const void *b) {
        const OptionalInteger *x = a, *y = b;

        return x->set == y->set && (!x->set || x->value == y->value);
}

bool optional_is_set(const void *field) {
        return ((const OptionalInteger *)field)->set;
}

void optional_print(FILE *f, const Key *key, const void *field) {
        const OptionalInteger *i = field;

        if (i->set)
                (void)fprintf(f, "%" PRId64, i->value);
}

void optional_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        const OptionalInteger *i = field;

        if (i->set)
                json_integer(w, name, i->value);
        else
                json_null(w, name);
}

/* ---------------------------------------------------------------- durations */

int duration_store(const Key *key,
                   const char *text,
                   void *field,
                   const ValueRules *rules,
                   char **reterr_why) {
        return parse_duration(text, field);
}

void print_seconds(FILE *f, int64_t usec) {
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

void duration_print(FILE *f, const Key *key, const void *field) {
        print_seconds(f, *(const int64_t *)field);
}

void duration_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        int64_t usec = *(const int64_t *)field;

        if (usec == DURATION_INFINITY)
                json_string(w, name, "infinity");
        else if (usec % (int64_t)USEC_PER_SEC == 0)
                json_integer(w, name, usec / (int64_t)USEC_PER_SEC);
        else
                json_number(w, name, (double)usec / 1e6);
}

/* ---------------------------------------------------------------- decimals */

int number_store(const Key *key,
                 const char *text,
                 void *field,
                 const ValueRules *rules,
                 char **reterr_why) {
        return parse_number(text, field);
}

bool number_equal(const void *a, const void *b) {
        double x = *(const double *)a, y = *(const double *)b;

        return x >= y && x <= y;
}

void number_print(FILE *f, const Key *key, const void *field) {
        (void)fprintf(f, "%g", *(const double *)field);
}

void number_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        json_number(w, name, *(const double *)field);
}

/* ---------------------------------------------------------------- octal numbers */

int octal_store(const Key *key,
                const char *text,
                void *field,
                const ValueRules *rules,
                char **reterr_why) {
        return parse_octal(text, field);
}

bool octal_is_set(const void *field) {
        return *(const int *)field >= 0;
}

void octal_print(FILE *f, const Key *key, const void *field) {
        (void)fprintf(f, "%03o", (unsigned)*(const int *)field);
}

void octal_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        if (octal_is_set(field))
                json_integer(w, name, *(const int *)field);
        else
                json_null(w, name);
}

bool int_equal(const void *a, const void *b) {
        return *(const int *)a == *(const int *)b;
}
