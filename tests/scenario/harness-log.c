/* The daemon's log as the tests see it: lines to wait for, to count and to compare in time. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness-internal.h"
#include "harness.h"

#define SHOWN_WITH_FAILURE 6000

/* Let the log end after its last complete line, or with all there is when @at_end. */
static void hide_beginning(Scenario *s, bool at_end) {
        size_t end = s->received;

        while (!at_end && end > 0 && s->log[end - 1] != '\n')
                end--;
        s->log_len = end;
        s->hidden = s->log[end];
        s->log[end] = '\0';
}

void log_receive(Scenario *s, int msec) {
        char buffer[65536];
        struct pollfd waiting = { .fd = s->log_fd, .events = POLLIN };
        ssize_t n;

        if (poll(&waiting, 1, msec) <= 0)
                return;
        s->log[s->log_len] = s->hidden;
        while ((n = read(s->log_fd, buffer, sizeof(buffer))) > 0) {
                s->log = realloc(s->log, s->received + n + 1);
                cr_assert(s->log);
                memcpy(s->log + s->received, buffer, n);
                s->received += n;
                s->log[s->received] = '\0';
        }
        hide_beginning(s, n == 0);
        if (n == 0 && msec > 0)
                (void)poll(NULL, 0, msec); /* at its end the pipe is always ready: do not spin */
}

_Noreturn void log_fail(Scenario *s, const char *what) {
        size_t from = s->log_len > SHOWN_WITH_FAILURE ? s->log_len - SHOWN_WITH_FAILURE : 0;

        cr_assert_fail("%s; the log so far:\n%s", what, s->log + from);
        abort(); /* not reached; tells the compiler so */
}

/* The @nth match (from 0) of @regex at or after @from, in @ret; false if there is none. */
static bool find(const char *text, const char *regex, size_t nth, regmatch_t ret[2]) {
        regex_t compiled;
        size_t offset = 0;
        bool found = false;

        cr_assert(regcomp(&compiled, regex, REG_EXTENDED | REG_NEWLINE) == 0, "%s", regex);
        for (size_t i = 0; i <= nth; i++) {
                found = regexec(&compiled, text + offset, 2, ret, offset > 0 ? REG_NOTBOL : 0) == 0;
                if (!found)
                        break;
                for (int j = 0; j < 2; j++)
                        if (ret[j].rm_so >= 0) {
                                ret[j].rm_so += (regoff_t)offset;
                                ret[j].rm_eo += (regoff_t)offset;
                        }
                offset = ret[0].rm_eo;
                offset += strcspn(text + offset, "\n"); /* one match in a line is enough */
        }
        regfree(&compiled);
        return found;
}

char *scenario_match(Scenario *s, const char *regex) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;
        regmatch_t match[2];
        const regmatch_t *m;
        char what[1024];

        for (;;) {
                if (find(s->log + s->mark, regex, 0, match))
                        break;
                if (now_msec() > deadline) {
                        snprintf(what, sizeof(what), "no line matches '%s'", regex);
                        log_fail(s, what);
                }
                log_receive(s, 50);
        }
        m = match[1].rm_so >= 0 ? &match[1] : &match[0];
        return strndup(s->log + s->mark + m->rm_so, m->rm_eo - m->rm_so);
}

void scenario_await(Scenario *s, const char *regex) {
        free(scenario_match(s, regex));
}

size_t scenario_count(Scenario *s, const char *regex) {
        const char *text = s->log + s->mark;
        regex_t compiled;
        regmatch_t match;
        size_t n = 0;

        cr_assert(regcomp(&compiled, regex, REG_EXTENDED | REG_NEWLINE) == 0, "%s", regex);
        while (regexec(&compiled, text, 1, &match, n > 0 ? REG_NOTBOL : 0) == 0) {
                n++;
                text += match.rm_eo;
                text += strcspn(text, "\n");
        }
        regfree(&compiled);
        return n;
}

void scenario_await_count(Scenario *s, size_t n, const char *regex) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;
        char what[1024];

        while (scenario_count(s, regex) < n) {
                if (now_msec() > deadline) {
                        snprintf(what, sizeof(what), "%zu instead of %zu lines match '%s'",
                                 scenario_count(s, regex), n, regex);
                        log_fail(s, what);
                }
                log_receive(s, 50);
        }
}

size_t scenario_position(Scenario *s, const char *regex) {
        regmatch_t match[2];
        char what[1024];

        if (!find(s->log + s->mark, regex, 0, match)) {
                snprintf(what, sizeof(what), "no line matches '%s'", regex);
                log_fail(s, what);
        }
        return s->mark + match[0].rm_so;
}

static int64_t time_of(Scenario *s, const char *regex) {
        size_t at = scenario_position(s, regex);
        int hour, minute, second, msec;

        while (at > 0 && s->log[at - 1] != '\n')
                at--;
        if (sscanf(s->log + at, "%*d-%*d-%*d %d:%d:%d,%d", &hour, &minute, &second, &msec) != 4)
                log_fail(s, "a line without a time");
        return ((hour * INT64_C(60) + minute) * 60 + second) * 1000 + msec;
}

int64_t scenario_msec_between(Scenario *s, const char *from, const char *to) {
        int64_t passed = time_of(s, to) - time_of(s, from);

        return passed < -43200000 ? passed + 86400000 : passed; /* midnight lay between */
}

void scenario_mark(Scenario *s) {
        log_receive(s, 0);
        s->mark = s->log_len;
}

pid_t scenario_pid(Scenario *s, const char *name) {
        char regex[256];
        regmatch_t match[2];
        pid_t pid = 0;

        snprintf(regex, sizeof(regex), "spawned: '%s' with pid ([0-9]+)", name);
        scenario_await(s, regex);
        for (size_t i = 0; find(s->log + s->mark, regex, i, match); i++)
                pid = (pid_t)strtol(s->log + s->mark + match[1].rm_so, NULL, 10);
        return pid;
}

char *scenario_read(Scenario *s, const char *name) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;
        char *path = scenario_path(s, name), *text = NULL;
        size_t size = 0;
        FILE *f;

        while (!(f = fopen(path, "re"))) {
                if (now_msec() > deadline)
                        log_fail(s, path);
                log_receive(s, 10);
        }
        if (getdelim(&text, &size, '\0', f) < 0) { /* all of it: there is no NUL in a text */
                free(text);
                text = strdup("");
        }
        fclose(f);
        free(path);
        return text;
}

void scenario_await_ready(Scenario *s, size_t n) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;
        size_t found;

        for (;;) {
                char *text = scenario_read(s, "ready");

                found = 0;
                for (const char *p = text; (p = strchr(p, '\n')); p++)
                        found++;
                free(text);
                if (found >= n)
                        return;
                if (now_msec() > deadline)
                        log_fail(s, "not all programs came up");
                log_receive(s, 10);
        }
}

void scenario_await_text(Scenario *s, const char *name, const char *text) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;

        for (;;) {
                char *found = scenario_read(s, name);
                bool is_there = strcmp(found, text) == 0;

                if (!is_there && now_msec() > deadline)
                        cr_assert_str_eq(found, text);
                free(found);
                if (is_there)
                        return;
                log_receive(s, 10);
        }
}

char *fact(const char *facts, const char *name) {
        size_t len = strlen(name);

        for (const char *line = facts; *line; line += strcspn(line, "\n"), line += *line == '\n')
                if (strncmp(line, name, len) == 0 && line[len] == ' ')
                        return strndup(line + len + 1, strcspn(line + len + 1, "\n"));
        return NULL;
}
