#include <criterion/criterion.h>
#include <string.h>

#include "base/macro.h"
#include "config/text/line.h"

TestSuite(line, .timeout = 10);

static const struct {
        const char *text;
        LineKind kind;
        const char *content; /* not of a comment */
        size_t indent;
} cases[] = {
        { "", LINE_EMPTY, "", 0 },
        { " \t ", LINE_EMPTY, "", 3 },
        { "; x", LINE_COMMENT, NULL, 0 },
        { "  # x", LINE_COMMENT, NULL, 2 },
        { "[program:a]", LINE_SECTION, "[program:a]", 0 },
        { "\t[ a ] ; c", LINE_SECTION, "[ a ]", 1 },
        { "[a]b] rest", LINE_SECTION, "[a]b] rest", 0 },
        { "[]", LINE_OTHER, "[]", 0 },
        { "[a = b", LINE_OPTION, "[a = b", 0 },
        { "Key = Value ", LINE_OPTION, "Key = Value", 0 },
        { "a:b=c", LINE_OPTION, "a:b=c", 0 },
        { "=x", LINE_OPTION, "=x", 0 },
        { "word", LINE_OTHER, "word", 0 },
        { "a=b;c", LINE_OPTION, "a=b;c", 0 },
        { "a=b ;c", LINE_OPTION, "a=b", 0 },
        { "a=b\t#c", LINE_OPTION, "a=b", 0 },
        { "a=\"b ;c\"", LINE_OPTION, "a=\"b", 0 },
        { "a=;x", LINE_OPTION, "a=;x", 0 },
        { "a= ;x", LINE_OPTION, "a=", 0 },
        { "a=x;b ;c #d", LINE_OPTION, "a=x;b ;c", 0 }, /* the round that finds # ends the search */
        { "a=x#b #c ;d", LINE_OPTION, "a=x#b #c", 0 },
        { "a=x;b ;c", LINE_OPTION, "a=x;b", 0 },
        { "a=b\xc2\xa0;c", LINE_OPTION, "a=b", 0 },
        { "\xe3\x80\x80 a=b", LINE_OPTION, "a=b", 2 },
        { "rem x", LINE_OTHER, "rem x", 0 },
};

Test(line, is_cut_as_python_does) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char text[64];
                Line line;

                (void)strcpy(text, cases[i].text);
                line_cut(text, &line);
                cr_expect_eq(line.kind, cases[i].kind, "%s", cases[i].text);
                cr_expect_eq(line.indent, cases[i].indent, "%s", cases[i].text);
                if (cases[i].content)
                        cr_expect_str_eq(line.content, cases[i].content, "%s", cases[i].text);
        }
}
