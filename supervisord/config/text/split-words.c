#include "config/text/split-words.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/macro.h"
#include "base/strv.h"

/*
 * A character within @quote, with the backslash before it where that stays. Returns 0, -ENOMEM, or
 * -EINVAL when nothing follows the backslash.
 */
static int take_quoted(const char **p, char quote, Buffer *word) {
        int r = 0;

        if (quote == '"' && **p == '\\') {
                (*p)++;
                if (!**p)
                        return -EINVAL;
                if (**p != '"' && **p != '\\')
                        r = buffer_append(word, "\\", 1);
        }
        return r < 0 ? r : buffer_append(word, (*p)++, 1);
}

/* The text within quotes; *@p is behind the opening one and ends up behind the closing one. */
static int read_quoted(const char **p, char quote, Buffer *word, const char **reterr_why) {
        *reterr_why = "No escaped character";
        while (**p && **p != quote) {
                int r = take_quoted(p, quote, word);

                if (r < 0)
                        return r;
        }
        *reterr_why = **p ? NULL : "No closing quotation";
        if (!**p)
                return -EINVAL;
        (*p)++;
        return 0;
}

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int read_word(const char **p, Buffer *word, const char **reterr_why) {
        int r = 0;

        while (r == 0 && **p && !is_blank(**p)) {
                char c = *(*p)++;

                if (c == '"' || c == '\'') {
                        r = read_quoted(p, c, word, reterr_why);
                        continue;
                }
                if (c == '\\') {
                        c = **p;
                        if (!c) {
                                *reterr_why = "No escaped character";
                                return -EINVAL;
                        }
                        (*p)++;
                }
                r = buffer_append(word, &c, 1);
        }
        return r;
}

static int push(char ***words, size_t *n, const Buffer *word) {
        _cleanup_(freep) char *copy = NULL;
        char **grown;

        copy = strdup(word->data);
        grown = copy ? array_room(*words, *n + 1, sizeof(char *)) : NULL;
        if (!grown)
                return -ENOMEM;
        *words = grown;
        grown[(*n)++] = TAKE_PTR(copy);
        grown[*n] = NULL;
        return 0;
}

int split_words(const char *text, char ***ret, const char **reterr_why) {
        _cleanup_(strv_freep) char **words = NULL;
        _cleanup_(buffer_done) Buffer word = { 0 };
        size_t n = 0;
        int r;

        words = calloc(1, sizeof(*words));
        if (!words)
                return -ENOMEM;
        for (;;) {
                while (is_blank(*text))
                        text++;
                if (!*text)
                        break;
                word.n = 0;
                r = buffer_append(&word, "", 0);
                if (r == 0)
                        r = read_word(&text, &word, reterr_why);
                if (r == 0)
                        r = push(&words, &n, &word);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(words);
        return 0;
}
