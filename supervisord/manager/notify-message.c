/* Nothing in a message is trusted: numbers are bounded, texts are made safe to be shown. */
#include "manager/notify-message.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/utf8.h"

#define ERRNO_MAX 4095 /* what the kernel can return as one */

/* Digits alone, up to @max. */
static bool read_number(const char *text, uint64_t max, uint64_t *ret) {
        uint64_t number;
        char *end;

        if (*text < '0' || *text > '9')
                return false;
        errno = 0;
        number = strtoull(text, &end, 10);
        if (errno != 0 || *end != '\0' || number > max)
                return false;
        *ret = number;
        return true;
}

/* Will be shown on terminals and in journals: what would act there is made visible instead. */
static bool clean(char *text) {
        if (text[utf8_valid_prefix(text)] != '\0')
                return false;
        for (char *p = text; *p; p++) {
                unsigned char c = (unsigned char)*p;

                if (c < ' ' || c == 0x7f)
                        *p = '?';
                else if (c == 0xc2 && (unsigned char)p[1] < 0xa0) /* U+0080 … U+009F */
                        p[0] = p[1] = '?';
        }
        return true;
}

static void read_text(char *text, const char **field) {
        if (!*field && clean(text))
                *field = text;
}

static void read_usec(const char *text, uint64_t *field, uint64_t unsaid) {
        uint64_t number;

        if (*field == unsaid && read_number(text, USEC_INFINITY - 1, &number))
                *field = number;
}

static void read_main_pid(const char *text, NotifyMessage *m) {
        uint64_t number;

        if (m->main_pid == 0 && read_number(text, INT_MAX, &number) && number > 1)
                m->main_pid = (pid_t)number;
}

static void read_error(const char *text, NotifyMessage *m) {
        uint64_t number;

        if (m->error == 0 && read_number(text, ERRNO_MAX, &number))
                m->error = (int)number;
}

/* One of the lines that are all or nothing; false if @line is none. */
static bool read_flag(const char *line, NotifyMessage *m) {
        const struct {
                const char *line;
                bool *flag;
        } flags[] = {
                { "READY=1", &m->ready },
                { "RELOADING=1", &m->reloading },
                { "STOPPING=1", &m->stopping },
                { "WATCHDOG=1", &m->watchdog },
                { "WATCHDOG=trigger", &m->watchdog_trigger },
                { "FDSTORE=1", &m->fds_refused },
        };

        for (size_t i = 0; i < ELEMENTSOF(flags); i++)
                if (strcmp(line, flags[i].line) == 0) {
                        *flags[i].flag = true;
                        return true;
                }
        return false;
}

/* The value of @line if it is one of @key, which ends in '='. */
static char *value_of(char *line, const char *key) {
        size_t n = strlen(key);

        return strncmp(line, key, n) == 0 ? line + n : NULL;
}

static void read_line(char *line, NotifyMessage *m) {
        char *value;

        if (read_flag(line, m))
                return;
        if ((value = value_of(line, "STATUS=")))
                read_text(value, &m->status);
        else if ((value = value_of(line, "BUSERROR=")))
                read_text(value, &m->bus_error);
        else if ((value = value_of(line, "EXTEND_TIMEOUT_USEC=")))
                read_usec(value, &m->extend_usec, 0);
        else if ((value = value_of(line, "WATCHDOG_USEC=")))
                read_usec(value, &m->watchdog_usec, USEC_INFINITY);
        else if ((value = value_of(line, "MONOTONIC_USEC=")))
                read_usec(value, &m->monotonic_usec, 0);
        else if ((value = value_of(line, "MAINPID=")))
                read_main_pid(value, m);
        else if ((value = value_of(line, "ERRNO=")))
                read_error(value, m);
}

void notify_message_parse(char *text, NotifyMessage *ret) {
        char *line;

        *ret = (NotifyMessage){ .watchdog_usec = USEC_INFINITY };
        while ((line = strsep(&text, "\n")))
                read_line(line, ret);
}
