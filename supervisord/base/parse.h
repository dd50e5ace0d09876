/*
 * One scalar per function, from the text of a configuration value. Every function takes the whole
 * text, gives 0 and writes its result, or gives -EINVAL (not such a value) or -ERANGE (one that
 * does not fit) and leaves the result alone. Words are those of Python's supervisord, so that every
 * value it reads means the same here; units are ours.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* true yes on 1, false no off 0, in any case. Blanks are not trimmed, as in Python. */
int parse_boolean(const char *text, bool *ret);

/* Python's int(): blanks around, a sign, decimal digits with single '_' between them. */
int parse_integer(const char *text, int64_t *ret);

/* Python's int(text, 8): as above in octal, "0o" may lead. The result is 0 … INT32_MAX. */
int parse_octal(const char *text, int *ret);

/* A number with a decimal point, "0.5"; neither exponent, infinity nor NaN. */
int parse_number(const char *text, double *ret);

/*
 * A number of bytes: an integer, alone or with KB, MB, GB, K, M or G (powers of 1024, any case, a
 * blank may stand before the unit). Negative numbers are kept: Python's files use -1.
 */
int parse_size(const char *text, int64_t *ret);

/*
 * A duration in signed microseconds: Python's integers (seconds), decimals such as "1.5", or a
 * number with us, ms, s, sec, m, min, h or d; "infinity" gives INT64_MAX.
 */
int parse_duration(const char *text, int64_t *ret_usec);

/*
 * A signal's number or name, with or without SIG, in any case. 0 is accepted ("none is sent"). The
 * real-time signals between SIGRTMIN and SIGRTMAX have no names and are refused, as in Python.
 */
int parse_signal(const char *text, int *ret);

/* "SIGTERM" for 15; NULL for a number that parse_signal() refuses, and for 0. */
const char *signal_name(int signal);

/* The @i-th name that parse_signal() knows, without SIG; NULL past the last. For suggestions. */
const char *signal_name_at(unsigned i);
