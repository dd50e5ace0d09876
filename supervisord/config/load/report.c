#include "config/load/report.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/array.h"
#include "base/text-stream.h"

void config_report_done(ConfigReport *r) {
        for (size_t i = 0; i < r->n; i++)
                free(r->messages[i].text);
        free(r->messages);
        *r = (ConfigReport){ 0 };
}

static void print_place(FILE *f, const ConfigPlace *place) {
        if (place->file)
                (void)fputs(place->file, f);
        if (place->file && place->line > 0)
                (void)fprintf(f, ":%u", place->line);
        if (place->file)
                (void)fputs(": ", f);
        if (place->section)
                (void)fprintf(f, "[%s]%s", place->section, place->key ? " " : ": ");
        if (place->key)
                (void)fprintf(f, "%s: ", place->key);
}

static int _printf_(2, 0)
        format_message(const ConfigPlace *place, const char *format, va_list ap, char **ret) {
        char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        if (place)
                print_place(f, place);
        (void)vfprintf(f, format, ap);
        if (text_stream_close(f, &text) < 0) {
                free(text);
                return -ENOMEM;
        }
        *ret = text;
        return 0;
}

/* @text is taken over, on success only. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the report will free it */
static int append(ConfigReport *r, Severity severity, char *text) {
        ConfigMessage *grown;

        grown = array_room(r->messages, r->n, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        r->messages = grown;
        r->messages[r->n++] = (ConfigMessage){
                .is_error = severity == SEVERITY_ERROR,
                .is_note = severity == SEVERITY_NOTE,
                .text = text,
        };
        return 0;
}

/* A program in two groups is read twice. */
static bool is_known(const ConfigReport *r, const char *text) {
        for (size_t i = 0; i < r->n; i++)
                if (strcmp(r->messages[i].text, text) == 0)
                        return true;
        return false;
}

int report_add(ConfigReport *r,
               Severity severity,
               const ConfigPlace *place,
               const char *format,
               ...) {
        _cleanup_(freep) char *text = NULL;
        va_list ap;
        int k;

        va_start(ap, format);
        k = format_message(place, format, ap, &text);
        va_end(ap);
        if (k == 0 && is_known(r, text))
                return 0;

        if (severity == SEVERITY_ERROR)
                r->n_errors++;
        if (severity == SEVERITY_WARNING)
                r->n_warnings++;
        if (k < 0 || r->n >= CONFIG_REPORT_MAX)
                return k;
        k = append(r, severity, text);
        if (k < 0)
                return k;
        (void)TAKE_PTR(text); /* the report owns it now */
        return 0;
}
