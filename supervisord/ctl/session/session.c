/* The connection of a run, and how its failures are told. */
#include "ctl/session/session.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "protocol/places.h"

void session_done(Session *s) {
        s->client = client_free(s->client);
}

/* Python's words for @error of connect(2). */
static const char *describe_connect_error(int error) {
        switch (error) {
        case -ENOENT:
                return "no such file";
        case -ECONNREFUSED:
                return "refused connection";
        default:
                return strerror(-error);
        }
}

/* Of several sockets that fail the first is told, but "no such file" only if no other error is. */
static bool tells_more(int error, int than) {
        return than == 0 || (than == -ENOENT && error != -ENOENT);
}

int session_connect(Session *s, char **reterr_text) {
        const char *place = NULL;
        int error = 0;

        if (s->client && !client_is_open(s->client))
                s->client = client_free(s->client);
        if (s->client)
                return 0;
        for (char **p = s->setup->sockets; p && *p; p++) {
                int r;

                r = place_check_control(*p, geteuid());
                if (r == 0)
                        r = client_connect(*p, &s->client);
                if (r == 0)
                        return 0;
                if (tells_more(r, error)) {
                        error = r;
                        place = *p;
                }
        }
        if (!place) {
                *reterr_text = strdup(s->setup->why_none ?: "there is no place for a socket");
                return -ECONNREFUSED;
        }
        if (asprintf(reterr_text, "unix://%s %s", place, describe_connect_error(error)) < 0)
                *reterr_text = NULL;
        return error;
}

bool session_up(Session *s) {
        _cleanup_(freep) char *text = NULL;
        int r;

        r = session_connect(s, &text);
        if (r == 0)
                return true;
        puts(text ?: strerror(-r));
        s->status = r == -ENOENT         ? EXIT_NOT_RUNNING
                    : r == -ECONNREFUSED ? EXIT_REFUSED
                                         : EXIT_GENERIC;
        return false;
}

bool session_open(Session *s) {
        _cleanup_(freep) char *text = NULL;
        int r;

        r = session_connect(s, &text);
        if (r == 0)
                return true;
        printf("error: %s\n", text ?: strerror(-r));
        s->status = EXIT_GENERIC;
        return false;
}

bool session_faulted(const Session *s, FaultCode code) {
        return s->client && client_fault(s->client)->code == code;
}

void session_report(Session *s) {
        const Fault *f = client_fault(s->client);

        switch (f->code) {
        case FAULT_SHUTTING_DOWN:
                puts("error: supervisord is shutting down");
                break;
        case FAULT_ACCESS_DENIED:
                printf("error: access denied%s%s\n", *f->message ? ": " : "", f->message);
                break;
        case FAULT_LOST:
                printf("error: supervisord does not answer: %s\n", f->message);
                s->client = client_free(s->client);
                break;
        default:
                printf("error: %s\n", f->message);
                break;
        }
        s->status = EXIT_GENERIC;
}

void session_complain(Session *s, ExitStatus status, const char *format, ...) {
        va_list ap;

        fputs("Error: ", stdout);
        va_start(ap, format);
        vprintf(format, ap);
        va_end(ap);
        putchar('\n');
        s->status = status;
}
