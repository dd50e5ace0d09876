/*
 * Lines with their origin before them: see lineformat.h. It writes to memory that the caller has,
 * and allocates nothing.
 */
#include <string.h>

#include "base/macro.h"
#include "base/utf8.h"
#include "output/lineformat.h"

static char *put_bytes(char *out, const char *text, size_t size) {
        memcpy(out, text, size);
        return out + size;
}

static char *put_unicode(char *out, unsigned code) {
        static const char digits[] = "0123456789abcdef";

        out = put_bytes(out, "\\u", 2);
        for (int shift = 12; shift >= 0; shift -= 4)
                *out++ = digits[code >> shift & 0xf];
        return out;
}

/* Bytes of the character that @text begins with, 0 if it is none. */
static size_t character_length(const char *text, size_t size) {
        char character[5] = {};

        if ((unsigned char)*text < 0x80)
                return 1;

        /* utf8_length() wants the end of the text to be seen. */
        memcpy(character, text, MIN(size, sizeof(character) - 1));
        return utf8_length(character);
}

static char *put_escaped(char *out, const char *text, size_t size) {
        while (size > 0) {
                unsigned char c = (unsigned char)*text;
                size_t n = character_length(text, size);

                if (n == 0) {
                        out = put_unicode(out, 0xfffd);
                        n = 1;
                } else if (c == '"' || c == '\\') {
                        *out++ = '\\';
                        *out++ = (char)c;
                } else if (c == '\t') {
                        out = put_bytes(out, "\\t", 2);
                } else if (c < 0x20 || c == 0x7f) {
                        out = put_unicode(out, c);
                } else {
                        out = put_bytes(out, text, n);
                }
                text += n;
                size -= n;
        }

        return out;
}

static void make_stamp(LogFormat format, const LineOrigin *origin, char *ret, size_t size) {
        char zone[8];
        struct tm tm;
        size_t n;

        if (!localtime_r(&origin->when.tv_sec, &tm))
                tm = (struct tm){ .tm_mday = 1 };

        if (format == LOG_FORMAT_PREFIX) {
                n = strftime(ret, size, "%Y-%m-%d %H:%M:%S", &tm);
                (void)snprintf(ret + n, size - n, ",%03ld", origin->when.tv_nsec / 1000000);
                return;
        }

        n = strftime(ret, size, "%Y-%m-%dT%H:%M:%S", &tm);
        (void)strftime(zone, sizeof(zone), "%z", &tm);
        (void)snprintf(ret + n, size - n, ".%06ld%.3s:%.2s", origin->when.tv_nsec / 1000, zone,
                       zone + 3);
}

static char *put_member(char *out, const char *name, const char *value) {
        out = put_bytes(out, name, strlen(name));
        out = put_escaped(out, value, strnlen(value, 64));
        return put_bytes(out, "\"", 1);
}

void lineformat_head(LogFormat format, const LineOrigin *origin, LineHead *ret) {
        char stamp[64], pid[32], *p = ret->text;

        ret->format = format;
        make_stamp(format, origin, stamp, sizeof(stamp));

        if (format == LOG_FORMAT_PREFIX) {
                ret->size = (size_t)snprintf(ret->text, sizeof(ret->text), "%s %.255s: ", stamp,
                                             origin->process);
                return;
        }

        p = put_member(p, "{\"time\":\"", stamp);
        p = put_member(p, ",\"process\":\"", origin->process);
        p = put_member(p, ",\"group\":\"", origin->group ? origin->group : origin->process);
        p = put_member(p, ",\"stream\":\"", origin->stream);
        if (origin->pid > 0)
                p = put_bytes(p, pid,
                              (size_t)snprintf(pid, sizeof(pid), ",\"pid\":%d", (int)origin->pid));
        ret->size = (size_t)(p - ret->text);
}

size_t lineformat_line(const LineHead *head, const char *line, size_t size, bool whole, char *out) {
        static const char partial[] = ",\"partial\":true", message[] = ",\"message\":\"";
        char *p = out;

        p = put_bytes(p, head->text, head->size);
        if (head->format == LOG_FORMAT_PREFIX) {
                p = put_bytes(p, line, size);
        } else {
                if (!whole)
                        p = put_bytes(p, partial, sizeof(partial) - 1);
                p = put_bytes(p, message, sizeof(message) - 1);
                p = put_escaped(p, line, size);
                p = put_bytes(p, "\"}", 2);
        }
        *p++ = '\n';
        return (size_t)(p - out);
}
