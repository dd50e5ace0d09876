#include <string.h>

#include "host/ansi.h"

#define ESCAPE '\033'

/* Parameters and intermediate characters go on, a letter ends the sequence, anything else breaks
 * it. */
static bool is_final(unsigned char c) {
        return c >= 0x40 && c <= 0x7e;
}

static bool is_middle(unsigned char c) {
        return c >= 0x20 && c < 0x40;
}

size_t ansi_strip(AnsiFilter *state, char *data, size_t size, bool *ret_escape) {
        size_t in = 0, out = 0;

        *ret_escape = false;

        while (in < size) {
                unsigned char c = (unsigned char)data[in];
                const char *escape;
                size_t n;

                switch (*state) {
                case ANSI_TEXT:
                        escape = memchr(data + in, ESCAPE, size - in);
                        n = escape ? (size_t)(escape - data) - in : size - in;
                        if (out != in)
                                memmove(data + out, data + in, n);
                        in += n;
                        out += n;
                        if (escape) {
                                in++;
                                *state = ANSI_ESCAPE;
                        }
                        break;

                case ANSI_ESCAPE:
                        if (c == '[') {
                                in++;
                                *state = ANSI_SEQUENCE;
                                break;
                        }
                        /* Another kind of escape: it stays. */
                        if (in == 0)
                                *ret_escape = true;
                        else
                                data[out++] = ESCAPE;
                        *state = ANSI_TEXT;
                        break;

                case ANSI_SEQUENCE:
                        if (is_middle(c) || is_final(c))
                                in++;
                        if (!is_middle(c))
                                *state = ANSI_TEXT;
                        break;
                }
        }

        return out;
}
