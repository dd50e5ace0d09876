#include "config/text/reader.h"

#include <errno.h>
#include <ini.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "config/load/report.h"
#include "config/text/line.h"
#include "config/text/path.h"
#include "config/text/source.h"

/*
 * The lines that inih sees are NAME=|TEXT|. The bars keep blanks at both ends; a text that is long
 * or has a blank before a comment character is spread over several lines. NAME is one of these:
 */
#define EVENT_SECTION 's'  /* the name of a section */
#define EVENT_KEY 'k'      /* the key of an option */
#define EVENT_VALUE 'v'    /* its value, as far as the first line goes */
#define EVENT_CONTINUE 'c' /* one more line of the value */
#define EVENT_MORE 'm'     /* more of the same text */
#define EVENT_END 'e'      /* the text is complete */

#define PIECE_MAX 120 /* bytes of text per line; inih takes 199 as it is packaged */

typedef struct Reader {
        ConfigText *text;
        ConfigReport *report;
        const TextFile *origin;
        Source source;
        Buffer scratch; /* as large as the physical line */

        Buffer queue; /* prepared lines for inih */
        size_t n_fed;

        char event; /* of the text that inih is handing over */
        Buffer piece;

        TextSection *section;
        char *key; /* of the open option: deeper lines continue its value */
        unsigned key_line;
        Buffer value;
        size_t indent; /* of the line that a continuation must be deeper than */
        bool orphans;  /* text before the first section has been reported */
        int error;     /* -ENOMEM or -EIO: inih is told that the file ends */
} Reader;

static void reader_done(Reader *r) {
        source_close(&r->source);
        buffer_done(&r->scratch);
        buffer_done(&r->queue);
        buffer_done(&r->piece);
        buffer_done(&r->value);
        free(r->key);
}

static int complain(Reader *r, Severity severity, const char *what) {
        const ConfigPlace place = {
                .file = r->origin->path,
                .line = r->source.number,
                .section = r->section ? r->section->name : NULL,
        };

        return report_add(r->report, severity, &place, "%s", what);
}

static int queue_line(Reader *r, char name, const char *text, size_t n) {
        const char head[] = { name, '=', '|' };
        int k;

        k = buffer_append(&r->queue, head, sizeof(head));
        if (k == 0)
                k = buffer_append(&r->queue, text, n);
        return k < 0 ? k : buffer_append(&r->queue, "|\n", 2);
}

/* How much of @text one prepared line may hold: no blank directly before a comment character in it.
 */
static size_t piece_length(const char *text) {
        size_t n = 0;

        while (text[n] && n < PIECE_MAX) {
                n++;
                if (strchr(";#", text[n]) && utf8_blank_before(text, text + n) > 0)
                        break;
        }
        return n;
}

static int queue_text(Reader *r, char name, const char *text) {
        size_t n;
        int k;

        do {
                n = piece_length(text);
                k = queue_line(r, name, text, n);
                if (k < 0)
                        return k;
                name = EVENT_MORE;
                text += n;
        } while (*text);
        return queue_line(r, EVENT_END, "", 0);
}

static int report_orphan(Reader *r) {
        if (r->orphans)
                return 0;
        r->orphans = true;
        return complain(
                r, SEVERITY_ERROR,
                "text before the first section; a section such as [supervisord] must come first");
}

static int queue_option(Reader *r, const Line *line) {
        int k;

        if (!r->section)
                return report_orphan(r);
        if (!*line->name)
                return complain(r, SEVERITY_ERROR,
                                "a key is missing before '='; write key = value");
        k = queue_text(r, EVENT_KEY, line->name);
        return k < 0 ? k : queue_text(r, EVENT_VALUE, line->value);
}

/* Decide what r->source.line is and queue what inih shall see of it. */
static int interpret_line(Reader *r) {
        Line line;
        int k;

        k = buffer_reserve(&r->scratch, r->source.line.n + 1);
        if (k < 0)
                return k;
        line_cut(r->source.line.data, r->scratch.data, &line);
        if (line.kind == LINE_COMMENT)
                return 0;
        if (line.kind == LINE_EMPTY)
                return r->key ? queue_text(r, EVENT_CONTINUE, "") : 0;
        if (r->key && line.indent > r->indent)
                return queue_text(r, EVENT_CONTINUE, line.content);

        r->indent = line.indent;
        if (line.kind == LINE_SECTION)
                return queue_text(r, EVENT_SECTION, line.name);
        if (line.kind == LINE_OPTION)
                return queue_option(r, &line);
        if (!r->section)
                return report_orphan(r);
        return complain(r, SEVERITY_ERROR,
                        "neither a section nor a key; write [section] or key = value");
}

/* Fill the queue from the file. Returns 1, 0 at the end of the file, -errno. */
static int refill(Reader *r) {
        int k;

        r->queue.n = 0;
        r->n_fed = 0;
        while (r->queue.n == 0) {
                k = source_next(&r->source);
                if (k == 0 && r->source.damage)
                        k = complain(r, SEVERITY_ERROR, r->source.damage);
                else if (k > 0)
                        k = interpret_line(r) < 0 ? -ENOMEM : 1;
                if (k <= 0)
                        return k;
        }
        return 1;
}

/* The fgets() of inih: at most @size - 1 bytes, not beyond the end of a line. */
static char *feed(char *out, int size, void *userdata) {
        Reader *r = userdata;
        size_t n = 0;
        int k;

        if (r->error < 0)
                return NULL;
        if (r->n_fed == r->queue.n) {
                k = refill(r);
                if (k < 0)
                        r->error = k;
                if (k <= 0)
                        return NULL;
        }
        while (n + 1 < (size_t)size && r->n_fed < r->queue.n) {
                out[n++] = r->queue.data[r->n_fed++];
                if (out[n - 1] == '\n')
                        break;
        }
        out[n] = '\0';
        return out;
}

/* The value of the open option is complete: store it. */
static int close_option(Reader *r) {
        const TextOption *old;
        TextOption option = { .file = r->origin, .line = r->key_line };
        ConfigPlace place = { .file = r->origin->path, .line = r->key_line, .key = r->key };
        int k = 0;

        if (!r->key)
                return 0;
        place.section = r->section->name;
        old = text_section_find(r->section, r->key);
        if (old)
                k = report_add(r->report, SEVERITY_NOTE, &place,
                               "replaces the value given at %s:%u", old->file->path, old->line);
        if (k < 0)
                return k;
        option.key = r->key;
        option.value = utf8_strip_end(r->value.data);
        k = text_section_set(r->text, r->section, &option);
        if (k < 0)
                return k;
        free(r->key);
        r->key = NULL;
        return 0;
}

static int on_section(Reader *r, const char *name) {
        bool defaults = strcmp(name, "DEFAULT") == 0;
        const TextSection *old = defaults ? r->text->defaults : config_text_find(r->text, name);
        const ConfigPlace place = { .file = r->origin->path,
                                    .line = r->source.number,
                                    .section = name };
        int k;

        k = close_option(r);
        if (k == 0)
                k = config_text_section(r->text, name, r->origin, r->source.number, &r->section);
        if (k < 0 || !old)
                return k;
        return report_add(r->report, SEVERITY_NOTE, &place,
                          "continues the section that began at %s:%u", old->file->path, old->line);
}

static int on_key(Reader *r, const char *key) {
        int k;

        k = close_option(r);
        if (k < 0)
                return k;
        r->key = strdup(key);
        r->key_line = r->source.number;
        r->value.n = 0;
        return r->key ? 0 : -ENOMEM;
}

static int on_text(Reader *r) {
        const char *text = r->piece.data;
        int k = 0;

        switch (r->event) {
        case EVENT_SECTION:
                return on_section(r, text);
        case EVENT_KEY:
                return on_key(r, text);
        case EVENT_CONTINUE:
                k = buffer_append(&r->value, "\n", 1);
                break;
        default:
                break;
        }
        return k < 0 ? k : buffer_append(&r->value, text, r->piece.n);
}

/* The handler of inih; nonzero means success. */
static int on_line(void *userdata, const char *section, const char *name, const char *value) {
        Reader *r = userdata;
        int k;

        if (*name == EVENT_END) {
                k = on_text(r);
        } else {
                if (*name != EVENT_MORE) {
                        r->event = *name;
                        r->piece.n = 0;
                }
                k = buffer_append(&r->piece, value + 1, strlen(value) - 2);
        }
        if (k < 0)
                r->error = k;
        return k >= 0;
}

int config_read_file(ConfigText *text, const char *path, ConfigReport *report) {
        _cleanup_(reader_done) Reader r = { .text = text, .report = report };
        _cleanup_(freep) char *here = NULL;
        TextFile *origin;
        int k;

        k = source_open(&r.source, path);
        if (k < 0)
                return k;
        k = path_directory(path, &here);
        if (k < 0)
                return k;
        k = config_text_add_file(text, path, here, &origin);
        if (k < 0)
                return k;
        r.origin = origin;

        k = ini_parse_stream(feed, &r, on_line, &r);
        if (k == -2)
                return -ENOMEM;
        return r.error < 0 ? r.error : close_option(&r);
}
