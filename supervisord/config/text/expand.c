/* scope_expand(): Python's `text % names`, as far as it makes sense in a configuration. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "config/text/suggest.h"
#include "config/text/scope.h"

#define WIDTH_MAX 4096 /* nobody pads further; keeps a slip of the pen from filling the memory */

typedef struct Format {
        char *name; /* the caller's; NULL without "(name)" */
        bool left, sign, blank, alternate, zero;
        size_t width;
        size_t precision;
        bool has_precision;
        char conversion; /* NUL: the text ends too early */
} Format;

static void format_done(Format *f) {
        free(f->name);
}

static int _printf_(2, 3) fail(char **reterr_why, const char *format, ...) {
        va_list ap;
        int k;

        va_start(ap, format);
        k = vasprintf(reterr_why, format, ap);
        va_end(ap);
        if (k >= 0)
                return -EINVAL;
        *reterr_why = NULL;
        return -ENOMEM;
}

/* The name up to the bracket that closes it: brackets nest, as in Python. */
static int read_name(const char **p, Format *f) {
        const char *start = *p + 1, *s = start;
        size_t depth = 1;

        for (; *s; s++) {
                if (*s == '(')
                        depth++;
                else if (*s == ')' && --depth == 0)
                        break;
        }
        if (!*s)
                return -EINVAL;
        f->name = strndup(start, (size_t)(s - start));
        *p = s + 1;
        return f->name ? 0 : -ENOMEM;
}

static size_t read_count(const char **p) {
        size_t n = 0;

        for (; isdigit((unsigned char)**p); (*p)++)
                n = n < WIDTH_MAX ? n * 10 + (size_t)(**p - '0') : n;
        return n;
}

static bool read_flag(char c, Format *f) {
        switch (c) {
        case '-':
                return f->left = true;
        case '+':
                return f->sign = true;
        case ' ':
                return f->blank = true;
        case '#':
                return f->alternate = true;
        case '0':
                return f->zero = true;
        default:
                return false;
        }
}

/* What follows '%', with *@p behind it afterwards. Returns 0, -EINVAL for an open bracket, -ENOMEM.
 */
static int read_format(const char **p, Format *f) {
        int r;

        if (**p == '(') {
                r = read_name(p, f);
                if (r < 0)
                        return r;
        }
        while (read_flag(**p, f))
                (*p)++;
        f->width = read_count(p);
        f->has_precision = **p == '.';
        if (f->has_precision) {
                (*p)++;
                f->precision = read_count(p);
        }
        if (**p && strchr("hlL", **p))
                (*p)++; /* C's lengths mean nothing here; Python skips one */
        f->conversion = **p;
        if (f->conversion)
                (*p)++;
        return 0;
}

static int pad(Buffer *out, char c, size_t n) {
        int r = 0;

        while (n-- > 0 && r == 0)
                r = buffer_append(out, &c, 1);
        return r;
}

/* @prefix (sign and base) and @body, padded to the width in characters. */
static int put_padded(Buffer *out, const Format *f, const char *prefix, const char *body) {
        size_t length = strlen(prefix) + utf8_count(body);
        size_t missing = f->width > length ? f->width - length : 0;
        bool zeros = f->zero && !f->left && f->conversion != 's' && f->conversion != 'c';
        int r = 0;

        if (!f->left && !zeros)
                r = pad(out, ' ', missing);
        if (r == 0)
                r = buffer_append(out, prefix, strlen(prefix));
        if (r == 0 && zeros)
                r = pad(out, '0', missing);
        if (r == 0)
                r = buffer_append(out, body, strlen(body));
        if (r == 0 && f->left)
                r = pad(out, ' ', missing);
        return r;
}

static int put_text(Buffer *out, const Format *f, const char *text) {
        _cleanup_(freep) char *cut = NULL;
        const char *end = text;

        if (!f->has_precision)
                return put_padded(out, f, "", text);
        for (size_t i = 0; i < f->precision && *end; i++)
                end += MAX(utf8_length(end), (size_t)1);
        cut = strndup(text, (size_t)(end - text));
        return cut ? put_padded(out, f, "", cut) : -ENOMEM;
}

static int put_number(Buffer *out, const Format *f, int64_t number) {
        _cleanup_(buffer_done) Buffer body = { 0 };
        uint64_t magnitude = number < 0 ? -(uint64_t)number : (uint64_t)number;
        char digits[32], prefix[4], *p = prefix;
        size_t n;
        int r;

        if (number < 0 || f->sign || f->blank)
                *p++ = (char)(number < 0 ? '-' : f->sign ? '+' : ' ');
        if (f->alternate && strchr("xXo", f->conversion)) {
                *p++ = '0';
                *p++ = f->conversion;
        }
        *p = '\0';
        n = (size_t)snprintf(digits, sizeof(digits),
                             f->conversion == 'x'   ? "%lx"
                             : f->conversion == 'X' ? "%lX"
                             : f->conversion == 'o' ? "%lo"
                                                    : "%lu",
                             (unsigned long)magnitude);
        r = pad(&body, '0', f->precision > n ? f->precision - n : 0);
        if (r == 0)
                r = buffer_append(&body, digits, n);
        return r < 0 ? r : put_padded(out, f, prefix, body.data);
}

static int put_variable(Buffer *out, const Format *f, const Variable *v, char **reterr_why) {
        char decimal[24];

        if (f->conversion == 's') {
                (void)snprintf(decimal, sizeof(decimal), "%lld", (long long)v->number);
                return put_text(out, f, v->text ? v->text : decimal);
        }
        if (!strchr("diuxXo", f->conversion))
                return fail(reterr_why, "%%(%s)%c is not supported; write %%(%s)s", f->name,
                            isprint((unsigned char)f->conversion) ? f->conversion : '?', f->name);
        if (v->text)
                return fail(reterr_why, "%%(%s)%c wants a number and %s is text; write %%(%s)s",
                            f->name, f->conversion, f->name, f->name);
        return put_number(out, f, v->number);
}

static int unknown_name(const Scope *s, const char *name, char **reterr_why) {
        const char *best = NULL;

        if (strncmp(name, "ENV_", 4) == 0)
                return fail(reterr_why,
                            "%%(%s)s: there is no environment variable %s; set it or write the "
                            "value out",
                            name, name + 4);
        for (const Scope *i = s; i; i = i->parent)
                for (size_t k = 0; k < i->n; k++)
                        if (i->variables[k].name)
                                best = suggest_closer(name, best, i->variables[k].name);
        if (best)
                return fail(reterr_why, "%%(%s)s is not known here; did you mean %%(%s)s?", name,
                            best);
        return fail(
                reterr_why,
                "%%(%s)s is not known here; known are here, ENV_NAME and, in programs, "
                "program_name, group_name, host_node_name, process_num and numprocs where they may "
                "differ by process; a plain '%%' is written '%%%%'",
                name);
}

static int expand_one(Buffer *out, const Scope *s, const char **p, char **reterr_why) {
        _cleanup_(format_done) Format f = { 0 };
        const char *start = *p;
        const Variable *v = NULL;
        int r;

        if (**p == '%') {
                (*p)++;
                return buffer_append(out, "%", 1);
        }
        r = read_format(p, &f);
        if (r == -EINVAL)
                return fail(reterr_why, "'%%%s' lacks its closing bracket; write %%(name)s", start);
        if (r < 0)
                return r;
        if (f.width >= WIDTH_MAX || f.precision >= WIDTH_MAX)
                return fail(reterr_why, "the width or precision in '%%%.*s' is too large", 40,
                            start);
        if (f.name) {
                v = scope_find(s, f.name);
                if (!v)
                        return unknown_name(s, f.name, reterr_why);
        }
        if (!f.conversion)
                return fail(reterr_why,
                            "'%%%s' is an incomplete %%(name)s; a plain '%%' is written '%%%%'",
                            start);
        if (!f.name)
                return fail(reterr_why,
                            "'%%%.*s' is not of the form %%(name)s; a plain '%%' is written '%%%%'",
                            (int)(*p - start), start);
        return put_variable(out, &f, v, reterr_why);
}

int scope_expand(const Scope *s, const char *text, char **ret, char **reterr_why) {
        _cleanup_(buffer_done) Buffer out = { 0 };
        int r;

        r = buffer_reserve(&out, strlen(text) + 1);
        while (r == 0 && *text) {
                size_t n = strcspn(text, "%");

                r = buffer_append(&out, text, n);
                text += n;
                if (r == 0 && *text == '%') {
                        text++;
                        r = expand_one(&out, s, &text, reterr_why);
                }
        }
        if (r == 0)
                r = buffer_append(&out, "", 0);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(out.data);
        return 0;
}
