/*
 * Terminal sequences are taken out of a stream: see ansi.h. A state of one byte is all that is kept
 * between two pieces; text is never buffered.
 */
#include <string.h>

#include "output/ansi.h"

#define ESCAPE '\033'

/* Parameters and intermediate characters go on, a letter ends the sequence, anything else breaks
 * it. */
static bool is_final(unsigned char c) {
        return c >= 0x40 && c <= 0x7e;
}

static bool is_middle(unsigned char c) {
        return c >= 0x20 && c < 0x40;
}

typedef struct Strip {
        char *data;
        size_t size;
        size_t in, out;
} Strip;

static AnsiFilter pass_text(Strip *s) {
        const char *escape = memchr(s->data + s->in, ESCAPE, s->size - s->in);
        size_t n = (escape ? (size_t)(escape - s->data) : s->size) - s->in;

        if (s->out != s->in)
                memmove(s->data + s->out, s->data + s->in, n);
        s->in += n;
        s->out += n;
        if (!escape)
                return ANSI_TEXT;

        s->in++;
        return ANSI_ESCAPE;
}

/* Only ESC [ begins what is removed. */
static AnsiFilter pass_escape(Strip *s, bool *ret_escape) {
        if (s->data[s->in] == '[') {
                s->in++;
                return ANSI_SEQUENCE;
        }

        if (s->in == 0)
                *ret_escape = true;
        else
                s->data[s->out++] = ESCAPE;
        return ANSI_TEXT;
}

static AnsiFilter skip_sequence(Strip *s) {
        unsigned char c = (unsigned char)s->data[s->in];

        if (is_middle(c) || is_final(c))
                s->in++;
        return is_middle(c) ? ANSI_SEQUENCE : ANSI_TEXT;
}

size_t ansi_strip(AnsiFilter *state, char *data, size_t size, bool *ret_escape) {
        Strip s = { .size = size };

        s.data = data;
        *ret_escape = false;
        while (s.in < s.size) {
                switch (*state) {
                case ANSI_TEXT:
                        *state = pass_text(&s);
                        break;

                case ANSI_ESCAPE:
                        *state = pass_escape(&s, ret_escape);
                        break;

                case ANSI_SEQUENCE:
                        *state = skip_sequence(&s);
                        break;
                }
        }

        return s.out;
}
