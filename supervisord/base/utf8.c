/*
 * UTF-8 and blanks: see utf8.h. No locale is asked: the same text means the same everywhere.
 */
#include "base/utf8.h"

#include <string.h>

#include "base/macro.h"

static bool is_tail(char c) {
        return ((unsigned char)c & 0xc0) == 0x80;
}

size_t utf8_length(const char *s) {
        unsigned char a = (unsigned char)s[0], b;

        if (a == 0)
                return 0;
        if (a < 0x80)
                return 1;
        if (a < 0xc2 || a > 0xf4 || !is_tail(s[1]))
                return 0;
        if (a < 0xe0)
                return 2;
        b = (unsigned char)s[1];
        if (!is_tail(s[2]))
                return 0;
        if (a < 0xf0)
                return (a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) ? 0 : 3;
        if (!is_tail(s[3]) || (a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f))
                return 0;
        return 4;
}

size_t utf8_valid_prefix(const char *s) {
        const char *p = s;
        size_t n;

        while ((n = utf8_length(p)) > 0)
                p += n;
        return (size_t)(p - s);
}

size_t utf8_count(const char *s) {
        size_t count = 0;

        for (; *s; count++) {
                size_t n = utf8_length(s);

                s += n ? n : 1;
        }
        return count;
}

/* The blanks beyond ASCII that str.isspace() knows (Unicode 14). */
static const char *const wide_blanks[] = {
        "\xc2\x85", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
        "\u2004",   "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
        "\u2028",   "\u2029", "\u202f", "\u205f", "\u3000",
};

static bool is_ascii_blank(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

size_t utf8_blank(const char *s) {
        if (is_ascii_blank(*s))
                return 1;
        if ((unsigned char)*s < 0x80)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(wide_blanks); i++) {
                size_t n = strlen(wide_blanks[i]);

                if (strncmp(s, wide_blanks[i], n) == 0)
                        return n;
        }
        return 0;
}

size_t utf8_blank_before(const char *start, const char *end) {
        const char *p = end;

        if (p == start)
                return 0;
        for (p--; p > start && is_tail(*p) && end - p < 4; p--)
                ;
        return utf8_blank(p) == (size_t)(end - p) ? (size_t)(end - p) : 0;
}

char *utf8_strip_end(char *s) {
        char *end = s + strlen(s);
        size_t n;

        while ((n = utf8_blank_before(s, end)) > 0)
                end -= n;
        *end = '\0';
        return s;
}

char *utf8_strip(char *s) {
        size_t n;

        while ((n = utf8_blank(s)) > 0)
                s += n;
        return utf8_strip_end(s);
}
