#include "ctl/text/columns.h"

#include <string.h>

#include "base/macro.h"

#define GAP 2 /* blanks between columns */

static size_t column_width(const char *const *words, size_t n, size_t rows, size_t column) {
        size_t width = 0;

        for (size_t i = column * rows; i < (column + 1) * rows && i < n; i++)
                width = MAX(width, strlen(words[i]));
        return width;
}

static size_t total_width(const char *const *words, size_t n, size_t rows) {
        size_t width = 0;

        for (size_t column = 0; column * rows < n; column++)
                width += column_width(words, n, rows, column) + (column > 0 ? GAP : 0);
        return width;
}

void columns_print(FILE *f, const char *const *words, size_t n, size_t width) {
        size_t rows = 1;

        while (rows < n && total_width(words, n, rows) > width)
                rows++;
        for (size_t row = 0; row < rows && n > 0; row++) {
                for (size_t i = row, column = 0; i < n; i += rows, column++)
                        (void)fprintf(f, "%*s%-*s", column > 0 ? GAP : 0, "",
                                      (int)column_width(words, n, rows, column), words[i]);
                (void)fputc('\n', f);
        }
}
