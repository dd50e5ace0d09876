/*
 * Messages between marks are taken out of a stream: see capture.h. The search for a mark is the
 * usual memmem(3); only a mark that is cut by the end of a piece is followed byte by byte.
 */
#include <string.h>

#include "base/macro.h"
#include "output/capture.h"

/* '<' occurs only at the beginning of each, so a match that breaks off can go on only with a new
 * one. */
static const char mark_begin[] = "<!--XSUPERVISOR:BEGIN-->";
static const char mark_end[] = "<!--XSUPERVISOR:END-->";

static const char *wanted_mark(const Capture *c) {
        return c->active ? mark_end : mark_begin;
}

void capture_done(Capture *c) {
        free(c->data);
        *c = (Capture){};
}

/* Keep the last @max bytes. Without memory for more the message loses its beginning earlier. */
static void collect(Capture *c, const char *data, size_t size, size_t max) {
        char *grown;

        if (size > max) {
                data += size - max;
                size = max;
        }
        if (c->size + size > max) {
                size_t excess = c->size + size - max;

                memmove(c->data, c->data + excess, c->size - excess);
                c->size -= excess;
        }

        grown = realloc(c->data, c->size + size + 1);
        if (!grown) {
                c->size = 0;
                return;
        }

        c->data = grown;
        memcpy(c->data + c->size, data, size);
        c->size += size;
}

static void pass_on(Capture *c, char *data, size_t size, const CaptureCalls *calls) {
        if (size == 0)
                return;
        if (c->active)
                collect(c, data, size, calls->max_bytes);
        else
                calls->on_log(data, size, calls->userdata);
}

/* What seemed to begin a mark was none. */
static void pass_on_matched(Capture *c, const CaptureCalls *calls) {
        char text[sizeof(mark_begin)];
        size_t n = c->matched;

        memcpy(text, wanted_mark(c), n);
        c->matched = 0;
        pass_on(c, text, n, calls);
}

static void pass_mark(Capture *c, const CaptureCalls *calls) {
        if (c->active) {
                calls->on_message(c->data ? c->data : "", c->size, calls->userdata);
                capture_done(c);
                return;
        }

        c->matched = 0;
        c->active = true;
}

/* Go on with a mark that began in earlier data; returns how many bytes of @data belong to it. */
static size_t continue_mark(Capture *c, const char *data, size_t size, const CaptureCalls *calls) {
        const char *mark = wanted_mark(c);
        size_t n = 0;

        while (n < size && mark[c->matched] && data[n] == mark[c->matched]) {
                c->matched++;
                n++;
        }

        if (!mark[c->matched])
                pass_mark(c, calls);
        else if (n < size)
                pass_on_matched(c, calls);
        return n;
}

/* How many bytes at the end of @data may be the beginning of @mark. */
static size_t partial_mark(const char *data, size_t size, const char *mark) {
        size_t tail = MIN(size, strlen(mark) - 1);
        const char *start = memrchr(data + size - tail, '<', tail);
        size_t n = start ? (size_t)(data + size - start) : 0;

        return n > 0 && memcmp(start, mark, n) == 0 ? n : 0;
}

void capture_push(Capture *c, char *data, size_t size, const CaptureCalls *calls) {
        while (size > 0) {
                const char *mark = wanted_mark(c), *found;
                size_t n;

                if (c->matched > 0) {
                        n = continue_mark(c, data, size, calls);
                        data += n;
                        size -= n;
                        continue;
                }

                found = memmem(data, size, mark, strlen(mark));
                if (!found) {
                        n = partial_mark(data, size, mark);
                        pass_on(c, data, size - n, calls);
                        c->matched = (unsigned char)n;
                        return;
                }

                n = (size_t)(found - data);
                pass_on(c, data, n, calls);
                pass_mark(c, calls);
                data += n + strlen(mark);
                size -= n + strlen(mark);
        }
}

void capture_flush(Capture *c, const CaptureCalls *calls) {
        char begin[sizeof(mark_begin)];

        if (c->matched > 0)
                pass_on_matched(c, calls);

        if (c->active) {
                memcpy(begin, mark_begin, sizeof(begin));
                calls->on_log(begin, sizeof(begin) - 1, calls->userdata);
                if (c->size > 0)
                        calls->on_log(c->data, c->size, calls->userdata);
        }
        capture_done(c);
}
