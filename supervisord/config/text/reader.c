#include "config/text/reader.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "config/load/report.h"
#include "config/text/line.h"
#include "config/text/path.h"
#include "config/text/source.h"

#define PLAIN_MAX 190  /* bytes of a plain line, its end not counted; inih takes 199 */
#define SECTION_MAX 48 /* bytes of the name of a section; inih takes 49 */

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* inih takes one away where a line begins with it */

typedef struct Reader {
        ConfigText *text;
        ConfigReport *report;
        const TextFile *origin;
        Source source;

        TextSection *section; /* that the lines belong to, or NULL before the first */
        Buffer option;        /* the open option: its line, then those that continue it */
        bool is_open;         /* there is one: deeper lines continue it */
        unsigned number;      /* of its first line */
        size_t indent;        /* of the line that a continuation must be deeper than */
        bool orphans;         /* text before the first section has been reported */

        Buffer plain;     /* what inih is given */
        const char *tail; /* what follows behind what inih hands over */
        Buffer name;      /* begins with what comes before it */
        Buffer value;
        int result; /* of the handler */
} Reader;

static void reader_done(Reader *r) {
        source_close(&r->source);
        buffer_done(&r->option);
        buffer_done(&r->plain);
        buffer_done(&r->name);
        buffer_done(&r->value);
}

static int complain(Reader *r, const char *what) {
        const ConfigPlace place = {
                .file = r->origin->path,
                .line = r->source.number,
                .section = r->section ? r->section->name : NULL,
        };

        return report_add(r->report, SEVERITY_ERROR, &place, "%s", what);
}

static int append(Buffer *b, const char *text) {
        return buffer_append(b, text, strlen(text));
}

/* ---------------------------------------------------------------- plain lines and inih */

/*
 * How many bytes of the line at @text inih can carry, at most @max: no comment seems to begin in
 * them, and no blank is at their end.
 */
static size_t carried(const char *text, size_t max) {
        size_t n = 0;

        for (size_t i = 0; text[i] && text[i] != '\n' && i < max; i++) {
                bool is_blank = isspace((unsigned char)text[i]);

                if (strchr(";#", text[i]) && i > 0 && n < i)
                        break;
                if (!is_blank)
                        n = i + 1;
        }
        return n;
}

/* Give inih what is in r->plain; @handler must be called for it, once. */
static int split(Reader *r, ini_handler handler) {
        r->result = -EIO;
        (void)ini_parse_string(r->plain.data, handler, r);
        return r->result;
}

/* A handler of inih; nonzero means success. */
static int on_section(void *userdata, const char *section, const char *name, const char *value) {
        Reader *r = userdata;

        r->name.n = 0;
        r->result = append(&r->name, section);
        if (r->result == 0)
                r->result = append(&r->name, r->tail);
        return r->result == 0;
}

/* The same. */
static int on_option(void *userdata, const char *section, const char *name, const char *value) {
        Reader *r = userdata;

        r->value.n = 0;
        r->result = append(&r->name, name);
        if (r->result == 0)
                r->result = append(&r->value, value);
        if (r->result == 0)
                r->result = append(&r->value, r->tail);
        return r->result == 0;
}

/* ---------------------------------------------------------------- options */

/* Where the first line of a value begins: blanks that Python knows and inih does not are skipped.
 */
static char *skip_blanks(char *value) {
        size_t n;

        while (*value != '\n' && (n = utf8_blank(value)) > 0)
                value += n;
        return value;
}

/* Store the option that is in r->name and r->value. */
static int store_option(Reader *r) {
        const TextOption *old;
        TextOption option = { .file = r->origin, .line = r->number };
        ConfigPlace place = { .file = r->origin->path, .line = r->number };
        int k = 0;

        option.key = utf8_strip_end(r->name.data);
        option.value = utf8_strip_end(skip_blanks(r->value.data));
        for (char *p = option.key; *p; p++)
                *p = (char)tolower((unsigned char)*p);
        place.section = r->section->name;
        place.key = option.key;
        old = text_section_find(r->section, option.key);
        if (old)
                k = report_add(r->report, SEVERITY_NOTE, &place,
                               "replaces the value given at %s:%u", old->file->path, old->line);
        return k < 0 ? k : text_section_set(r->text, r->section, &option);
}

/* The open option is complete. */
static int close_option(Reader *r) {
        const char *text = r->option.data;
        size_t n, name;
        int k;

        if (!r->is_open)
                return 0;
        r->is_open = false;
        r->name.n = r->plain.n = 0;
        n = carried(text, PLAIN_MAX);
        name = strcspn(text, "=:");
        if (name < n && *text != '[' && strncmp(text, BYTE_ORDER_MARK, 3) != 0)
                name = 0;
        k = buffer_append(&r->name, text, name); /* all of it, or nothing */
        text += name;
        if (name > 0)
                n = carried(text, PLAIN_MAX);
        r->tail = text + n;
        if (k == 0)
                k = buffer_append(&r->plain, text, n);
        if (k == 0)
                k = split(r, on_option);
        return k < 0 ? k : store_option(r);
}

static int report_orphan(Reader *r) {
        if (r->orphans)
                return 0;
        r->orphans = true;
        return complain(
                r,
                "text before the first section; a section such as [supervisord] must come first");
}

static int open_option(Reader *r, const char *content) {
        int k;

        if (!r->section)
                return report_orphan(r);
        if (strchr("=:", *content))
                return complain(r, "a key is missing before '='; write key = value");
        k = close_option(r);
        if (k < 0)
                return k;
        r->is_open = true;
        r->number = r->source.number;
        r->option.n = 0;
        return append(&r->option, content);
}

/* One more line of the open option. */
static int continue_option(Reader *r, const char *content) {
        int k = append(&r->option, "\n");

        return k < 0 ? k : append(&r->option, content);
}

/* ---------------------------------------------------------------- sections */

/* Make the section of @name the one that the lines belong to. */
static int enter_section(Reader *r, const char *name) {
        bool defaults = strcmp(name, "DEFAULT") == 0;
        const TextSection *old = defaults ? r->text->defaults : config_text_find(r->text, name);
        const ConfigPlace place = { .file = r->origin->path,
                                    .line = r->source.number,
                                    .section = name };
        int k;

        k = config_text_section(r->text, name, r->origin, r->source.number, &r->section);
        if (k < 0 || !old)
                return k;
        return report_add(r->report, SEVERITY_NOTE, &place,
                          "continues the section that began at %s:%u", old->file->path, old->line);
}

/* @content is "[name]", and perhaps more; brackets in the name belong to it. */
static int begin_section(Reader *r, char *content) {
        char *name = content + 1;
        size_t length = (size_t)(strrchr(name, ']') - name), n;
        int k;

        k = close_option(r);
        if (k < 0)
                return k;
        n = MIN(carried(name, MIN(length, (size_t)SECTION_MAX)), strcspn(name, "]"));
        r->plain.n = 0;
        k = buffer_append(&r->plain, content, n + 1);
        if (k == 0)
                k = append(&r->plain, "]\n=\n");
        name[length] = '\0'; /* its bracket has been given to inih */
        r->tail = name + n;
        if (k == 0)
                k = split(r, on_section);
        return k < 0 ? k : enter_section(r, r->name.data);
}

/* ---------------------------------------------------------------- lines */

static int interpret_line(Reader *r) {
        Line line;

        line_cut(r->source.line.data, &line);
        if (line.kind == LINE_COMMENT)
                return 0;
        if (line.kind == LINE_EMPTY)
                return r->is_open ? continue_option(r, "") : 0;
        if (r->is_open && line.indent > r->indent)
                return continue_option(r, line.content);

        r->indent = line.indent;
        if (line.kind == LINE_SECTION)
                return begin_section(r, line.content);
        if (line.kind == LINE_OPTION)
                return open_option(r, line.content);
        if (!r->section)
                return report_orphan(r);
        return complain(r, "neither a section nor a key; write [section] or key = value");
}

static int read_lines(Reader *r) {
        int k;

        while ((k = source_next(&r->source)) > 0) {
                k = interpret_line(r);
                if (k < 0)
                        return k;
        }
        if (k == 0 && r->source.damage)
                k = complain(r, r->source.damage);
        return k < 0 ? k : close_option(r);
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
        return read_lines(&r);
}
