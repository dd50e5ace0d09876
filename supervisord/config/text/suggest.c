#include "config/text/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/macro.h"

#define WORD_MAX 64 /* longer ones are no slips of the pen */

static bool same(char a, char b) {
        return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Edits (insert, delete, replace, swap neighbours) that turn @a into @b; both are at most WORD_MAX
 * long. */
static size_t distance(const char *a, const char *b) {
        size_t rows[3][WORD_MAX + 1], n = strlen(a), m = strlen(b);
        size_t *before = rows[0], *last = rows[1], *row = rows[2], *free_row;

        for (size_t j = 0; j <= m; j++)
                last[j] = before[j] = j;
        for (size_t i = 1; i <= n; i++) {
                row[0] = i;
                for (size_t j = 1; j <= m; j++) {
                        size_t d = MIN(last[j], row[j - 1]) + 1;

                        d = MIN(d, last[j - 1] + !same(a[i - 1], b[j - 1]));
                        if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                                d = MIN(d, before[j - 2] + 1);
                        row[j] = d;
                }
                free_row = before;
                before = last;
                last = row;
                row = free_row;
        }
        return last[m];
}

const char *suggest_closer(const char *word, const char *best, const char *candidate) {
        size_t n = strlen(word), d;

        if (n > WORD_MAX || strlen(candidate) > WORD_MAX || n == 0)
                return best;
        d = distance(word, candidate);
        if (d > 3 || d * 3 > n + 1)
                return best;
        return !best || d < distance(word, best) ? candidate : best;
}
