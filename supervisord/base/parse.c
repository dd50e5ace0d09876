/*
 * Scalars from text: see parse.h. Nothing here knows which key a value is for or who reports an
 * error.
 */
#include "base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

#include "base/macro.h"

int parse_boolean(const char *text, bool *ret) {
        static const char *const yes[] = { "true", "yes", "on", "1" };
        static const char *const no[] = { "false", "no", "off", "0" };

        for (size_t i = 0; i < ELEMENTSOF(yes); i++) {
                if (strcasecmp(text, yes[i]) == 0) {
                        *ret = true;
                        return 0;
                }
                if (strcasecmp(text, no[i]) == 0) {
                        *ret = false;
                        return 0;
                }
        }
        return -EINVAL;
}

static const char *skip_spaces(const char *p) {
        while (isspace((unsigned char)*p))
                p++;
        return p;
}

/* Digits of @base at *@p with single '_' between them; *@p ends up behind the last one. */
static int read_digits(const char **p, unsigned base, uint64_t *ret) {
        const char *s = *p;
        bool overflow = false;
        uint64_t value = 0;

        for (;; s++) {
                if (*s < '0' || (unsigned)(*s - '0') >= base)
                        return -EINVAL;
                if (__builtin_mul_overflow(value, base, &value) ||
                    __builtin_add_overflow(value, (uint64_t)(*s - '0'), &value))
                        overflow = true;
                if (s[1] == '_')
                        s++;
                else if (!isdigit((unsigned char)s[1]))
                        break;
        }
        *p = s + 1;
        *ret = value;
        return overflow ? -ERANGE : 0;
}

static int apply_sign(bool negative, uint64_t magnitude, int64_t *ret) {
        if (magnitude > (uint64_t)INT64_MAX)
                return -ERANGE;
        *ret = negative ? -(int64_t)magnitude : (int64_t)magnitude;
        return 0;
}

/* A sign and digits at *@p; what follows is the caller's. */
static int read_integer(const char **p, int64_t *ret) {
        const char *s = skip_spaces(*p);
        bool negative = *s == '-';
        uint64_t magnitude;
        int r;

        if (*s == '-' || *s == '+')
                s++;
        r = read_digits(&s, 10, &magnitude);
        if (r == -EINVAL)
                return r;
        *p = s;
        return r < 0 ? r : apply_sign(negative, magnitude, ret);
}

int parse_integer(const char *text, int64_t *ret) {
        const char *p = text;
        int64_t value = 0;
        int r;

        r = read_integer(&p, &value);
        if (r == -EINVAL || *skip_spaces(p))
                return -EINVAL;
        if (r < 0)
                return r;
        *ret = value;
        return 0;
}

int parse_octal(const char *text, int *ret) {
        const char *p = skip_spaces(text);
        uint64_t value;
        int r;

        if (*p == '+' || *p == '-') {
                if (*p == '-')
                        return -ERANGE; /* Python takes it; no mode is negative */
                p++;
        }
        if (p[0] == '0' && (p[1] == 'o' || p[1] == 'O'))
                p += p[2] == '_' ? 3 : 2;
        r = read_digits(&p, 8, &value);
        if (r == -EINVAL || *skip_spaces(p))
                return -EINVAL;
        if (r < 0 || value > INT_MAX)
                return -ERANGE;
        *ret = (int)value;
        return 0;
}

/*
 * A decimal such as "-1.25" at *@p, in millionths. An integer may be written in Python's ways.
 * *ret_fraction tells whether a point was there.
 */
static int read_micros(const char **p, int64_t *ret, bool *ret_fraction) {
        const char *s = skip_spaces(*p);
        bool negative = *s == '-';
        uint64_t whole = 0, micros = 0, scale = 100000;
        int r = 0;

        if (*s == '-' || *s == '+')
                s++;
        if (*s != '.' || !isdigit((unsigned char)s[1])) {
                r = read_digits(&s, 10, &whole);
                if (r == -EINVAL)
                        return r;
        }
        *ret_fraction = *s == '.' && isdigit((unsigned char)s[1]);
        if (*ret_fraction)
                for (s++; isdigit((unsigned char)*s); s++, scale /= 10)
                        micros += scale * (uint64_t)(*s - '0');
        *p = s;
        if (r < 0 || __builtin_mul_overflow(whole, 1000000, &whole) ||
            __builtin_add_overflow(whole, micros, &micros))
                return -ERANGE;
        return apply_sign(negative, micros, ret);
}

int parse_number(const char *text, double *ret) {
        const char *p = text;
        bool fraction;
        int64_t micros;
        int r;

        r = read_micros(&p, &micros, &fraction);
        if (r == -EINVAL || *skip_spaces(p))
                return -EINVAL;
        if (r < 0)
                return r;
        *ret = (double)micros / 1e6;
        return 0;
}

typedef struct Unit {
        const char *name;
        int64_t factor; /* of a duration: microseconds; of a size: bytes */
} Unit;

static const Unit size_units[] = {
        { "", 1 },
        { "KB", INT64_C(1) << 10 },
        { "MB", INT64_C(1) << 20 },
        { "GB", INT64_C(1) << 30 },
        { "K", INT64_C(1) << 10 },
        { "M", INT64_C(1) << 20 },
        { "G", INT64_C(1) << 30 },
};

static const Unit duration_units[] = {
        { "", 1000000 },
        { "us", 1 },
        { "ms", 1000 },
        { "s", 1000000 },
        { "sec", 1000000 },
        { "m", INT64_C(60) * 1000000 },
        { "min", INT64_C(60) * 1000000 },
        { "h", INT64_C(3600) * 1000000 },
        { "d", INT64_C(86400) * 1000000 },
};

/* The unit that the rest of a text names, blanks around it ignored. */
static const Unit *find_unit(const char *p, const Unit *units, size_t n_units) {
        size_t n;

        p = skip_spaces(p);
        n = strlen(p);
        while (n > 0 && isspace((unsigned char)p[n - 1]))
                n--;
        for (size_t i = 0; i < n_units; i++)
                if (strlen(units[i].name) == n && strncasecmp(units[i].name, p, n) == 0)
                        return units + i;
        return NULL;
}

int parse_size(const char *text, int64_t *ret) {
        const char *p = text;
        const Unit *unit;
        int64_t value;
        int r;

        r = read_integer(&p, &value);
        if (r == -EINVAL)
                return r;
        unit = find_unit(p, size_units, ELEMENTSOF(size_units));
        if (!unit)
                return -EINVAL;
        if (r < 0 || __builtin_mul_overflow(value, unit->factor, &value))
                return -ERANGE;
        *ret = value;
        return 0;
}

int parse_duration(const char *text, int64_t *ret_usec) {
        const char *p = text;
        const Unit *unit;
        __int128 usec;
        bool fraction;
        int64_t micros = 0;
        int r;

        if (strcasecmp(skip_spaces(text), "infinity") == 0) {
                *ret_usec = INT64_MAX;
                return 0;
        }
        r = read_micros(&p, &micros, &fraction);
        if (r == -EINVAL)
                return r;
        unit = find_unit(p, duration_units, ELEMENTSOF(duration_units));
        if (!unit)
                return -EINVAL;
        if (r < 0)
                return r;
        usec = (__int128)micros * unit->factor / 1000000;
        if (usec >= INT64_MAX || usec <= INT64_MIN)
                return -ERANGE;
        *ret_usec = (int64_t)usec;
        return 0;
}

/* In the order of their numbers on x86; the first name of a number is the one shown. */
static const struct {
        const char *name; /* with SIG */
        int number;       /* or 0: SIGRTMIN, -1: SIGRTMAX, which libc knows at run time only */
} signals[] = {
        { "SIGHUP", SIGHUP },       { "SIGINT", SIGINT },       { "SIGQUIT", SIGQUIT },
        { "SIGILL", SIGILL },       { "SIGTRAP", SIGTRAP },     { "SIGABRT", SIGABRT },
        { "SIGIOT", SIGIOT },       { "SIGBUS", SIGBUS },       { "SIGFPE", SIGFPE },
        { "SIGKILL", SIGKILL },     { "SIGUSR1", SIGUSR1 },     { "SIGSEGV", SIGSEGV },
        { "SIGUSR2", SIGUSR2 },     { "SIGPIPE", SIGPIPE },     { "SIGALRM", SIGALRM },
        { "SIGTERM", SIGTERM },     { "SIGSTKFLT", SIGSTKFLT }, { "SIGCHLD", SIGCHLD },
        { "SIGCLD", SIGCHLD },      { "SIGCONT", SIGCONT },     { "SIGSTOP", SIGSTOP },
        { "SIGTSTP", SIGTSTP },     { "SIGTTIN", SIGTTIN },     { "SIGTTOU", SIGTTOU },
        { "SIGURG", SIGURG },       { "SIGXCPU", SIGXCPU },     { "SIGXFSZ", SIGXFSZ },
        { "SIGVTALRM", SIGVTALRM }, { "SIGPROF", SIGPROF },     { "SIGWINCH", SIGWINCH },
        { "SIGIO", SIGIO },         { "SIGPOLL", SIGIO },       { "SIGPWR", SIGPWR },
        { "SIGSYS", SIGSYS },       { "SIGRTMIN", 0 },          { "SIGRTMAX", -1 },
};

static int signal_at(size_t i) {
        if (signals[i].number > 0)
                return signals[i].number;
        return signals[i].number == 0 ? SIGRTMIN : SIGRTMAX;
}

static int find_signal(const char *name, int *ret) {
        size_t n;

        name = skip_spaces(name);
        n = strlen(name);
        while (n > 0 && isspace((unsigned char)name[n - 1]))
                n--;
        for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
                const char *full = signals[i].name;

                if ((strlen(full) == n && strncasecmp(full, name, n) == 0) ||
                    (strlen(full + 3) == n && strncasecmp(full + 3, name, n) == 0)) {
                        *ret = signal_at(i);
                        return 0;
                }
        }
        return -EINVAL;
}

int parse_signal(const char *text, int *ret) {
        int64_t number;
        int r;

        r = parse_integer(text, &number);
        if (r == -EINVAL)
                return find_signal(text, ret);
        if (r < 0 || number < 0 || number > SIGRTMAX)
                return -ERANGE;
        if (number != 0 && !signal_name((int)number))
                return -EINVAL;
        *ret = (int)number;
        return 0;
}

const char *signal_name(int signal) {
        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                if (signal_at(i) == signal)
                        return signals[i].name;
        return NULL;
}

const char *signal_name_at(unsigned i) {
        return i < ELEMENTSOF(signals) ? signals[i].name + 3 : NULL;
}
