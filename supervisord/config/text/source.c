#include "config/text/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/macro.h"
#include "base/utf8.h"

int source_open(Source *s, const char *path) {
        _cleanup_(closep) int fd = -1;
        struct stat st;

        *s = (Source){ 0 };
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -ENXIO;
        s->file = fdopen(fd, "re");
        if (!s->file)
                return -ENOMEM;
        (void)TAKE_FD(fd); /* the stream's */
        return 0;
}

void source_close(Source *s) {
        fclosep(&s->file);
        buffer_done(&s->line);
        *s = (Source){ 0 };
}

/* Read up to the end of a line whose first character is @c. */
static int read_rest(Source *s, int c) {
        Buffer *line = &s->line;
        int r;

        for (; c != EOF && c != '\n' && c != '\r'; c = getc_unlocked(s->file)) {
                if (line->n >= SOURCE_LINE_MAX) {
                        s->damage = "the line is longer than 1 MiB; is this a configuration file?";
                        return 0;
                }
                if (line->n + 1 >= line->size) {
                        r = buffer_reserve(line, line->n + 2);
                        if (r < 0)
                                return r;
                }
                line->data[line->n++] = (char)c;
        }
        s->ended_in_cr = c == '\r';
        if (c == EOF && ferror(s->file))
                return -EIO;
        return buffer_append(line, "", 0);
}

static void skip_byte_order_mark(Buffer *line) {
        if (line->n < 3 || memcmp(line->data, "\xef\xbb\xbf", 3) != 0)
                return;
        line->n -= 3;
        memmove(line->data, line->data + 3, line->n + 1);
}

static void check_text(Source *s) {
        size_t n = utf8_valid_prefix(s->line.data);

        if (n == s->line.n)
                return;
        s->damage = s->line.data[n] == '\0'
                            ? "the line holds a NUL byte; this is no text file"
                            : "the line is not valid UTF-8; save the file in that encoding";
}

int source_next(Source *s) {
        int c, r;

        if (s->damage)
                return 0;
        s->line.n = 0;
        c = getc_unlocked(s->file);
        if (c == '\n' && s->ended_in_cr)
                c = getc_unlocked(s->file);
        s->ended_in_cr = false;
        if (c == EOF)
                return ferror(s->file) ? -EIO : 0;

        s->number++;
        r = read_rest(s, c);
        if (r < 0)
                return r;
        if (!s->damage && s->number == 1)
                skip_byte_order_mark(&s->line);
        if (!s->damage)
                check_text(s);
        return s->damage ? 0 : 1;
}
