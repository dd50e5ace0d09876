/*
 * The reader of environment files, one character after the other, in one pass. It sets variables
 * as it goes; an error leaves those set that stood before it. It expands nothing and runs nothing.
 */
#include "host/spawn/envfile.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/macro.h"
#include "base/strv.h"

typedef struct EnvfileReader {
        const char *p; /* what is not read yet */
        unsigned line;
        Buffer value;    /* of the variable being read */
        const char *why; /* after -EINVAL */
} EnvfileReader;

static bool is_line_end(char c) {
        return c == '\n' || c == '\r' || c == '\0';
}

static void next(EnvfileReader *r) {
        r->line += *r->p == '\n';
        r->p++;
}

static void skip_spaces(EnvfileReader *r) {
        r->p += strspn(r->p, " \t");
}

static void skip_line(EnvfileReader *r) {
        r->p += strcspn(r->p, "\r\n");
}

static int fail(EnvfileReader *r, const char *why) {
        r->why = why;
        return -EINVAL;
}

static int add(EnvfileReader *r) {
        int k;

        k = buffer_append(&r->value, r->p, 1);
        next(r);
        return k;
}

/* The character behind a backslash at the reader; the end of a line is swallowed. */
static int add_escaped(EnvfileReader *r) {
        next(r);
        if (*r->p == '\r' && r->p[1] == '\n')
                next(r);
        if (*r->p == '\n') {
                next(r);
                return 0;
        }
        return *r->p ? add(r) : 0;
}

static int read_quoted_part(EnvfileReader *r) {
        const char quote = *r->p;
        const unsigned line = r->line;
        int k = 0;

        for (next(r); k == 0 && *r->p != quote;) {
                if (!*r->p) {
                        r->line = line; /* where it began says more than where the file ends */
                        return fail(r, "a quote is not closed");
                }
                if (quote == '"' && *r->p == '\\' && r->p[1] && strchr("\"\\`$\r\n", r->p[1]))
                        k = add_escaped(r);
                else
                        k = add(r);
        }
        if (k == 0)
                next(r);
        return k;
}

/* To the end of the line, without the blanks there unless they are escaped. */
static int read_plain(EnvfileReader *r) {
        size_t n_kept = r->value.n;
        int k = 0;

        while (k == 0 && !is_line_end(*r->p)) {
                bool counts = *r->p != ' ' && *r->p != '\t';

                k = *r->p == '\\' ? add_escaped(r) : add(r);
                if (counts)
                        n_kept = r->value.n;
        }
        r->value.n = n_kept;
        return k;
}

static int read_value(EnvfileReader *r) {
        int k = 0;

        r->value.n = 0;
        for (;;) {
                skip_spaces(r);
                if (k < 0 || is_line_end(*r->p))
                        break;
                k = *r->p == '\'' || *r->p == '"' ? read_quoted_part(r) : read_plain(r);
        }
        return k < 0 ? k : buffer_append(&r->value, "", 1);
}

/* Is text[0..n-1] what a shell would take for the name of a variable? */
static bool is_name(const char *text, size_t n) {
        if (n == 0 || isdigit((unsigned char)*text))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char)text[i]) && text[i] != '_')
                        return false;
        return true;
}

static int read_variable(EnvfileReader *r, char ***env) {
        size_t n = strcspn(r->p, "=\r\n");
        _cleanup_(freep) char *name = NULL;
        int k;

        if (r->p[n] != '=') {
                skip_line(r);
                return 0;
        }
        name = strndup(r->p, n);
        if (!name)
                return -ENOMEM;
        r->p += n + 1;
        while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == '\t'))
                name[--n] = '\0';
        if (!is_name(name, n))
                return fail(r, "what stands before '=' is no name of a variable");
        k = read_value(r);
        return k < 0 ? k : strv_env_set(env, name, r->value.data);
}

static int read_all(EnvfileReader *r, char ***env) {
        int k = 0;

        for (skip_spaces(r); k == 0 && *r->p; skip_spaces(r)) {
                if (is_line_end(*r->p))
                        next(r);
                else if (*r->p == '#' || *r->p == ';')
                        skip_line(r);
                else
                        k = read_variable(r, env);
        }
        return k;
}

int envfile_parse(const char *text, char ***env, unsigned *reterr_line, const char **reterr_why) {
        EnvfileReader r = { .p = text, .line = 1 };
        int k;

        k = read_all(&r, env);
        buffer_done(&r.value);
        if (k == -EINVAL) {
                *reterr_line = r.line;
                *reterr_why = r.why;
        }
        return k;
}

/* ---------------------------------------------------------------- files */

/* The whole file, terminated; -EINVAL with *reterr_why if it is not one of text. */
static int slurp(const char *path, char **ret, const char **reterr_why) {
        _cleanup_(closep) int fd = -1;
        _cleanup_(freep) char *text = NULL;
        size_t n = 0;
        struct stat st;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode)) {
                *reterr_why = "it is no regular file";
                return -EINVAL;
        }
        text = malloc(ENVFILE_SIZE_MAX + 1);
        if (!text)
                return -ENOMEM;
        while (n <= ENVFILE_SIZE_MAX) {
                ssize_t k = read(fd, text + n, ENVFILE_SIZE_MAX + 1 - n);

                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t)k;
        }
        if (n > ENVFILE_SIZE_MAX || memchr(text, '\0', n)) {
                *reterr_why = n > ENVFILE_SIZE_MAX ? "it is too large" : "it holds a NUL byte";
                return -EINVAL;
        }
        text[n] = '\0';
        *ret = TAKE_PTR(text);
        return 0;
}

int envfile_read(const char *path, char ***env, char **reterr_message) {
        _cleanup_(freep) char *text = NULL;
        const char *why = NULL;
        unsigned line = 0;
        int r, k;

        r = slurp(path, &text, &why);
        if (r == 0) {
                assert(text);
                r = envfile_parse(text, env, &line, &why);
        }
        if (r == 0)
                return 0;
        if (line > 0)
                k = asprintf(reterr_message, "couldn't read environment file '%s': line %u: %s",
                             path, line, why);
        else
                k = asprintf(reterr_message, "couldn't read environment file '%s': %s", path,
                             why ? why : strerror(-r));
        if (k < 0)
                *reterr_message = NULL;
        return r;
}
