#include "config/keys/environment-pairs.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/strv.h"
#include "base/utf8.h"

typedef struct Lexer {
        const char *p;
        char **tokens; /* NULL-terminated once there is one */
        size_t n_tokens;
        bool glued_comment; /* a '#' within a word has hidden the rest of the line */
} Lexer;

static void lexer_done(Lexer *l) {
        l->tokens = strv_free(l->tokens);
}

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_word(char c) {
        return isalnum((unsigned char)c) || (c && strchr("_/.+-():", c));
}

static void skip_line(const char **p) {
        *p += strcspn(*p, "\n");
        if (**p)
                (*p)++;
}

static int push_token(Lexer *l, const char *text, size_t n) {
        char *copy = strndup(text, n), **grown;

        grown = copy ? array_room(l->tokens, l->n_tokens + 1, sizeof(char *)) : NULL;
        if (!grown) {
                free(copy);
                return -ENOMEM;
        }
        if (!l->tokens)
                grown[0] = NULL;
        l->tokens = grown;
        grown[l->n_tokens++] = copy;
        grown[l->n_tokens] = NULL;
        return 0;
}

/* A word goes on over quotes, and behind a comment on the next line. */
static int read_word(Lexer *l) {
        _cleanup_(buffer_done) Buffer word = { 0 };
        int r;

        r = buffer_append(&word, "", 0);
        while (r == 0 && *l->p) {
                if (*l->p == '#') {
                        l->glued_comment = true;
                        skip_line(&l->p);
                        continue;
                }
                if (!is_word(*l->p) && *l->p != '"' && *l->p != '\'')
                        break;
                r = buffer_append(&word, l->p++, 1);
        }
        return r < 0 ? r : push_token(l, word.data, word.n);
}

static int read_quoted(Lexer *l) {
        const char *end = strchr(l->p + 1, *l->p), *start = l->p;

        if (!end)
                return -EINVAL;
        l->p = end + 1;
        return push_token(l, start, (size_t)(l->p - start));
}

/* All of @text into tokens. Returns 0, -EINVAL for a quotation that does not end, -ENOMEM. */
static int tokenize(Lexer *l, const char *text) {
        int r = 0;

        l->p = text;
        while (r == 0 && *l->p) {
                if (is_blank(*l->p)) {
                        l->p++;
                } else if (*l->p == '#') {
                        skip_line(&l->p);
                } else if (*l->p == '"' || *l->p == '\'') {
                        r = read_quoted(l);
                } else if (is_word(*l->p)) {
                        r = read_word(l);
                } else {
                        size_t n = MAX(utf8_length(l->p), (size_t)1);

                        r = push_token(l, l->p, n);
                        l->p += n;
                }
        }
        return r;
}

static bool is_quote(char c) {
        return c == '"' || c == '\'';
}

/* Set a pair whose value loses all quotes at both ends. */
static int set_stripped(char ***env, const char *key, const char *value) {
        _cleanup_(freep) char *stripped = NULL;
        size_t n;

        while (is_quote(*value))
                value++;
        n = strlen(value);
        while (n > 0 && is_quote(value[n - 1]))
                n--;
        stripped = strndup(value, n);
        return stripped ? strv_env_set(env, key, stripped) : -ENOMEM;
}

/* Has a token that stands where a value or separator is expected swallowed what was meant? */
static bool is_lone_punctuation(const char *token) {
        return token[1] == '\0' && !is_word(token[0]) && !is_quote(token[0]);
}

/*
 * Python's reading of the tokens. *ret_doubtful: a part of the text was dropped. Returns 0,
 * -ENOMEM, or -EINVAL with the index of the offending token in *reterr_at.
 */
static int pair_tokens(const Lexer *l, char ***ret, bool *ret_doubtful, size_t *reterr_at) {
        _cleanup_(strv_freep) char **env = NULL;
        char *const *t = l->tokens;
        int r;

        *ret_doubtful = l->glued_comment;
        for (size_t i = 0; i < l->n_tokens; i += 4) {
                *reterr_at = i;
                if (l->n_tokens - i < 3 || strcmp(t[i + 1], "=") != 0 || strchr(t[i], '='))
                        return -EINVAL;
                r = set_stripped(&env, t[i], t[i + 2]);
                if (r < 0)
                        return r;
                if (is_lone_punctuation(t[i + 2]) ||
                    (i + 3 < l->n_tokens && strcmp(t[i + 3], ",") != 0 &&
                     strcmp(t[i + 3], ";") != 0))
                        *ret_doubtful = true;
        }
        *ret = TAKE_PTR(env);
        return 0;
}

/* Is there KEY= at @p, behind blanks? *ret_key and *ret_n tell the key, *ret_end what follows '='.
 */
static bool at_key(const char *p, const char **ret_key, size_t *ret_n, const char **ret_end) {
        while (is_blank(*p))
                p++;
        *ret_key = p;
        while (isalnum((unsigned char)*p) || *p == '_')
                p++;
        *ret_n = (size_t)(p - *ret_key);
        while (is_blank(*p))
                p++;
        *ret_end = p + 1;
        return *ret_n > 0 && *p == '=';
}

/* Does the value end at @p, which is outside quotes? A comma that starts no pair makes it
 * ambiguous. */
static int value_ends(const char *p) {
        const char *key, *end;
        size_t n;

        if (*p == '\0')
                return 1;
        if (!strchr(",;\n", *p))
                return 0;
        if (at_key(p + 1, &key, &n, &end))
                return 1;
        p += 1 + strspn(p + 1, " \t\r\n");
        if (*p == '\0')
                return 1;
        return *p == ',' ? -EINVAL : 0;
}

/* As value_ends(), and within @quote, which must be closed. */
static int meant_ends(const char *p, char quote) {
        int r;

        if (quote)
                return *p ? 0 : -EINVAL;
        r = value_ends(p);
        return r == 0 && *p == ',' ? -EINVAL : r;
}

/* One character, perhaps escaped, or a quote that begins or ends. */
static int take_meant(const char **p, char *quote, Buffer *value) {
        if (*quote ? **p == *quote : is_quote(**p)) {
                if (*quote)
                        *quote = '\0';
                else
                        *quote = **p;
                return 0;
        }
        if (*quote == '"' && **p == '\\' && ((*p)[1] == '"' || (*p)[1] == '\\'))
                (*p)++;
        return buffer_append(value, *p, 1);
}

/* A value as it was meant: quotes group anywhere, a backslash escapes within double quotes. */
static int read_meant_value(const char **p, Buffer *value) {
        char quote = '\0';
        size_t keep = 0; /* bytes that are no blanks at the end */
        int r;

        value->n = 0;
        while ((r = meant_ends(*p, quote)) == 0) {
                r = take_meant(p, &quote, value);
                if (r < 0)
                        return r;
                if (quote || !is_blank(**p))
                        keep = value->n;
                (*p)++;
        }
        if (r < 0)
                return r;
        value->n = keep;
        return buffer_append(value, "", 0);
}

/* The pairs as they were meant. Returns 0, -EINVAL when that is not clear either, -ENOMEM. */
static int read_meant(const char *p, char ***ret) {
        _cleanup_(strv_freep) char **env = NULL;
        _cleanup_(buffer_done) Buffer value = { 0 };
        int r;

        while (*p) {
                _cleanup_(freep) char *name = NULL;
                const char *key, *end;
                size_t n;

                if (!at_key(p, &key, &n, &end))
                        return -EINVAL;
                name = strndup(key, n);
                if (!name)
                        return -ENOMEM;
                p = end + strspn(end, " \t");
                r = read_meant_value(&p, &value);
                if (r == 0)
                        r = strv_env_set(&env, name, value.data);
                if (r < 0)
                        return r;
                p += *p != '\0';
                p += strspn(p, " \t\r\n");
        }
        *ret = TAKE_PTR(env);
        return 0;
}

/* Take the meant reading instead of @env if there is a clear one that differs. */
static int prefer_meant(const char *text, char ***env, char **ret_warning) {
        _cleanup_(strv_freep) char **meant = NULL;
        int r;

        r = read_meant(text, &meant);
        if (r == -ENOMEM)
                return r;
        strv_sort(meant);
        if (r == 0 && strv_equal(meant, *env))
                return 0;
        if (asprintf(
                    ret_warning,
                    r < 0 ? "a part of the value is ignored; put double quotes around each value"
                          : "Python's supervisord reads only a part of this (%s%s); it is taken as "
                            "written here; put double quotes around the value",
                    *env ? (*env)[0] : "nothing", strv_length(*env) > 1 ? ", …" : "") < 0) {
                *ret_warning = NULL;
                return -ENOMEM;
        }
        if (r == 0) {
                char **python = *env;

                *env = TAKE_PTR(meant);
                meant = python;
        }
        return 0;
}

static int explain(const Lexer *l, size_t at, char **reterr_why) {
        const char *key = at < l->n_tokens ? l->tokens[at] : "";
        int k;

        if (strchr(key, '='))
                k = asprintf(reterr_why, "'%s' is no name of a variable; write KEY=\"value\"", key);
        else if (at + 1 < l->n_tokens && strcmp(l->tokens[at + 1], "=") == 0)
                k = asprintf(reterr_why, "%s has no value; write %s=\"\" if it is to be empty", key,
                             key);
        else if (at > 0)
                k = asprintf(
                        reterr_why,
                        "'%s' does not begin another KEY=VALUE; put commas between pairs and double "
                        "quotes around values with other characters than letters, digits and _/.+-():",
                        key);
        else
                k = asprintf(reterr_why,
                             "'%s' is no KEY=VALUE; write KEY=\"value\",KEY2=\"value2\"", key);
        if (k < 0)
                *reterr_why = NULL;
        return k < 0 ? -ENOMEM : -EINVAL;
}

int parse_environment(const char *text, char ***ret, char **ret_warning, char **reterr_why) {
        _cleanup_(lexer_done) Lexer l = { 0 };
        _cleanup_(strv_freep) char **env = NULL;
        bool doubtful = false;
        size_t at = 0;
        int r;

        *ret_warning = NULL;
        r = tokenize(&l, text);
        if (r == -EINVAL) {
                *reterr_why = strdup(
                        "a quotation is not closed; note that a blank and ';' or '#' begin a "
                        "comment even within quotes");
                return *reterr_why ? -EINVAL : -ENOMEM;
        }
        if (r == 0)
                r = pair_tokens(&l, &env, &doubtful, &at);
        if (r == -EINVAL)
                return explain(&l, at, reterr_why);
        if (r < 0)
                return r;
        strv_sort(env);
        if (doubtful) {
                r = prefer_meant(text, &env, ret_warning);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(env);
        return 0;
}
