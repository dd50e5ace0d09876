#include "config/text/line.h"

#include <string.h>

#include "base/utf8.h"

/* Where the comment of @text begins; NULL if it has none. */
static char *find_inline_comment(char *text) {
        char *next[2] = { text, text };
        char *found = NULL;

        while (!found && (next[0] || next[1])) {
                for (size_t i = 0; i < 2; i++) {
                        char *p = next[i] ? strchr(next[i], ";#"[i]) : NULL;

                        next[i] = p ? p + 1 : NULL;
                        if (p && (p == text || utf8_blank_before(text, p) > 0) &&
                            (!found || p < found))
                                found = p;
                }
        }
        return found;
}

static size_t count_indent(const char *text) {
        size_t indent = 0, n;

        for (; (n = utf8_blank(text)) > 0; text += n)
                indent++;
        return indent;
}

/* "[name] rest": the name runs up to the last bracket and is not empty. */
static bool is_section(const char *content) {
        const char *end = strrchr(content, ']');

        return content[0] == '[' && end && end >= content + 2;
}

void line_cut(char *text, Line *ret) {
        char *comment = find_inline_comment(text);

        *ret = (Line){ .indent = count_indent(text) };
        if (comment)
                *comment = '\0';
        ret->content = utf8_strip(text);
        if (!*ret->content || strchr(";#", *ret->content))
                ret->kind = comment || *ret->content ? LINE_COMMENT : LINE_EMPTY;
        else if (is_section(ret->content))
                ret->kind = LINE_SECTION;
        else
                ret->kind = strpbrk(ret->content, "=:") ? LINE_OPTION : LINE_OTHER;
}
