#include "config/text/line.h"

#include <ctype.h>
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
static bool cut_section(char *content, Line *line) {
        char *end;

        if (content[0] != '[')
                return false;
        end = strrchr(content, ']');
        if (!end || end < content + 2)
                return false;
        *end = '\0';
        line->name = content + 1;
        return true;
}

static bool cut_option(char *content, Line *line) {
        char *delimiter = strpbrk(content, "=:");

        if (!delimiter)
                return false;
        *delimiter = '\0';
        line->name = utf8_strip(content);
        line->value = utf8_strip(delimiter + 1);
        for (char *p = line->name; *p; p++)
                *p = (char)tolower((unsigned char)*p);
        return true;
}

void line_cut(char *text, char *scratch, Line *ret) {
        char *comment = find_inline_comment(text);
        char *copy = scratch;

        *ret = (Line){ .indent = count_indent(text) };
        if (comment)
                *comment = '\0';
        ret->content = utf8_strip(text);
        if (!*ret->content || strchr(";#", *ret->content)) {
                ret->kind = comment || *ret->content ? LINE_COMMENT : LINE_EMPTY;
                return;
        }
        memcpy(copy, ret->content, strlen(ret->content) + 1); /* fits: it is a part of text */
        if (cut_section(copy, ret))
                ret->kind = LINE_SECTION;
        else
                ret->kind = cut_option(copy, ret) ? LINE_OPTION : LINE_OTHER;
}
