#include "config/keys/value-readiness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "base/parse.h"
#include "base/strv.h"
#include "config/keys/value-text.h"
#include "config/model/config.h"
#include "config/text/refuse.h"
#include "config/text/split-words.h"
#include "config/text/suggest.h"

#define PATH_LENGTH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

static const char *const forms[] = {
        [READINESS_STARTSECS] = "startsecs",
        [READINESS_NOTIFY] = "notify",
        [READINESS_FD] = "fd",
        [READINESS_TCP] = "tcp",
        [READINESS_UNIX] = "unix",
        [READINESS_EXEC] = "exec",
};

static bool takes_detail(ReadinessKind kind) {
        return kind != READINESS_STARTSECS && kind != READINESS_NOTIFY;
}

void readiness_clear(void *field) {
        Readiness *readiness = field;

        free(readiness->text);
        free(readiness->host);
        free(readiness->path);
        strv_free(readiness->argv);
        *readiness = (Readiness){ 0 };
}

static int unknown_form(const char *text, const char *word, char **reterr_why) {
        const char *best = NULL;

        for (size_t i = 0; i < ELEMENTSOF(forms); i++)
                best = suggest_closer(word, best, forms[i]);
        if (best)
                return refuse(reterr_why, "'%s' is no readiness; did you mean %s%s?", text, best,
                              strchr(text, ':') ? ":…" : "");
        return refuse(reterr_why,
                      "'%s' is no readiness; write startsecs, notify, fd:N, tcp:HOST:PORT, "
                      "unix:PATH or exec:COMMAND",
                      text);
}

static int read_fd(const char *detail, Readiness *r, char **reterr_why) {
        int64_t number;

        if (parse_integer(detail, &number) < 0 || number < 3 || number > READINESS_FD_MAX)
                return refuse(reterr_why,
                              "'%s' is no descriptor that a program can be given; write a "
                              "number from 3 to %d, such as fd:3",
                              detail, READINESS_FD_MAX);
        r->fd = (int)number;
        return asprintf(&r->text, "fd:%d", r->fd) < 0 ? -ENOMEM : 0;
}

/* A number of digits alone: what parse_integer() takes beyond that is no port. */
static bool read_port(const char *text, uint16_t *ret) {
        int64_t port;

        if (text[strspn(text, "0123456789")] || parse_integer(text, &port) < 0)
                return false;
        if (port < 1 || port > UINT16_MAX)
                return false;
        *ret = (uint16_t)port;
        return true;
}

/* The address in @host, perhaps in brackets, in one spelling. Returns 1, 0 if it is none, -ENOMEM.
 */
static int read_host(const char *host, char **ret) {
        char spelling[INET6_ADDRSTRLEN];
        struct in6_addr address;
        _cleanup_(freep) char *bare = NULL;
        size_t n = strlen(host);
        int family = AF_INET;

        if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
                family = AF_INET6;
                host++;
                n -= 2;
        }
        bare = strndup(host, n);
        if (!bare)
                return -ENOMEM;
        if (family == AF_INET && strcasecmp(bare, "localhost") == 0)
                *ret = strdup("localhost");
        else if (inet_pton(family, bare, &address) != 1 ||
                 !inet_ntop(family, &address, spelling, sizeof(spelling)))
                return 0;
        else
                *ret = strdup(spelling);
        return *ret ? 1 : -ENOMEM;
}

static int read_tcp(const char *detail, Readiness *r, char **reterr_why) {
        const char *colon = strrchr(detail, ':');
        _cleanup_(freep) char *host = NULL;
        int k;

        if (!colon || colon == detail)
                return refuse(reterr_why,
                              "'%s' is not HOST:PORT; write one such as tcp:127.0.0.1:8080",
                              detail);
        if (!read_port(colon + 1, &r->port))
                return refuse(reterr_why, "'%s' is no port; write a number from 1 to 65535",
                              colon + 1);
        host = strndup(detail, (size_t)(colon - detail));
        if (!host)
                return -ENOMEM;
        k = read_host(host, &r->host);
        if (k < 0)
                return k;
        if (k == 0)
                return refuse(reterr_why,
                              "'%s' is no numeric address, and names are not looked up; "
                              "write one such as 127.0.0.1 or [::1], or localhost",
                              host);
        k = asprintf(&r->text, strchr(r->host, ':') ? "tcp:[%s]:%u" : "tcp:%s:%u", r->host,
                     (unsigned)r->port);
        return k < 0 ? -ENOMEM : 0;
}

static int read_unix(const char *detail, Readiness *r, char **reterr_why) {
        if ((detail[0] != '/' && detail[0] != '@') || detail[1] == '\0')
                return refuse(reterr_why,
                              "'%s' is no absolute path; write one such as unix:/run/x.sock "
                              "(unix:@NAME is an abstract socket)",
                              detail);
        if (strlen(detail) > PATH_LENGTH_MAX)
                return refuse(reterr_why,
                              "'%s' is too long for a socket; use a path of at most %zu "
                              "bytes",
                              detail, PATH_LENGTH_MAX);
        if (detail[0] == '/' && detail[strlen(detail) - 1] == '/')
                return refuse(reterr_why, "'%s' is a directory; name the socket in it", detail);
        r->path = strdup(detail);
        if (!r->path)
                return -ENOMEM;
        return asprintf(&r->text, "unix:%s", detail) < 0 ? -ENOMEM : 0;
}

static int read_exec(const char *detail, Readiness *r, char **reterr_why) {
        const char *why = NULL;
        int k;

        k = split_words(detail, &r->argv, &why);
        if (k == -EINVAL)
                return refuse(reterr_why, "'%s' is no command: %s; correct the quotes", detail,
                              why);
        if (k < 0)
                return k;
        if (!r->argv[0] || !r->argv[0][0])
                return refuse(reterr_why,
                              "there is no command; write one such as exec:/usr/bin/pg_isready -q");
        return asprintf(&r->text, "exec:%s", detail) < 0 ? -ENOMEM : 0;
}

static int read_detail(const char *detail, Readiness *r, char **reterr_why) {
        int k;

        switch (r->kind) {
        case READINESS_FD:
                k = read_fd(detail, r, reterr_why);
                break;
        case READINESS_TCP:
                k = read_tcp(detail, r, reterr_why);
                break;
        case READINESS_UNIX:
                k = read_unix(detail, r, reterr_why);
                break;
        case READINESS_EXEC:
                k = read_exec(detail, r, reterr_why);
                break;
        default:
                r->text = strdup(forms[r->kind]);
                return r->text ? 0 : -ENOMEM;
        }
        if (k == -ENOMEM)
                r->text = NULL; /* asprintf leaves it undefined */
        return k;
}

int readiness_store(const Key *key,
                    const char *text,
                    void *field,
                    const ValueRules *rules,
                    char **reterr_why) {
        size_t n = strcspn(text, ":");
        _cleanup_(freep) char *word = strndup(text, n);
        _cleanup_(readiness_clear) Readiness result = { 0 };
        bool has_detail = text[n] == ':';
        const char *detail = text + n + has_detail;
        size_t kind = 0;
        int r;

        if (!word)
                return -ENOMEM;
        while (kind < ELEMENTSOF(forms) && strcasecmp(word, forms[kind]) != 0)
                kind++;
        if (kind == ELEMENTSOF(forms))
                return unknown_form(text, word, reterr_why);

        result.kind = (ReadinessKind)kind;
        if (takes_detail(result.kind) != has_detail)
                return refuse(reterr_why,
                              has_detail ? "'%s': nothing may follow %s; leave the colon out"
                                         : "'%s' says not all; write %s:…",
                              text, forms[kind]);
        detail += strspn(detail, " \t\n");
        r = read_detail(detail, &result, reterr_why);
        if (r < 0)
                return r;

        readiness_clear(field);
        *(Readiness *)field = result;
        result = (Readiness){ 0 };
        return 0;
}

int health_store(const Key *key,
                 const char *text,
                 void *field,
                 const ValueRules *rules,
                 char **reterr_why) {
        static const ReadinessKind kinds[] = { READINESS_TCP, READINESS_UNIX, READINESS_EXEC };
        size_t n = strcspn(text, ":");

        if (!*text || strcasecmp(text, "none") == 0) {
                readiness_clear(field);
                return 0;
        }
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (strlen(forms[kinds[i]]) == n && strncasecmp(text, forms[kinds[i]], n) == 0)
                        return readiness_store(key, text, field, rules, reterr_why);
        return refuse(reterr_why,
                      "'%s' is no health check; write none, tcp:HOST:PORT, unix:PATH or "
                      "exec:COMMAND",
                      text);
}

static const char *text_of(const void *field) {
        return ((const Readiness *)field)->text;
}

bool readiness_equal(const void *a, const void *b) {
        return same_string(text_of(a), text_of(b));
}

void readiness_print(FILE *f, const Key *key, const void *field) {
        (void)fputs(text_of(field) ?: forms[READINESS_STARTSECS], f);
}

void health_print(FILE *f, const Key *key, const void *field) {
        (void)fputs(text_of(field) ?: "none", f);
}

void readiness_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        json_string(w, name, text_of(field));
}
