/*
 * Where the benchmarks of parts leave their figures for other programs.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

/*
 * Append a JSON line to the file that $BENCH_JSON names; nothing without it. All words are plain:
 * no quotes, no backslashes. A file that cannot be written to costs the line only: the figures are
 * shown anyway.
 */
static inline void result_emit(const char *metric,
                               const char *load,
                               const char *contestant,
                               const char *unit,
                               double value) {
        const char *path = getenv("BENCH_JSON");
        FILE *f = path ? fopen(path, "ae") : NULL;

        if (!f)
                return;
        (void)fprintf(f,
                      "{\"metric\": \"%s\", \"load\": \"%s\", \"contestant\": \"%s\", "
                      "\"unit\": \"%s\", \"median\": %.6g}\n",
                      metric, load, contestant, unit, value);
        (void)fclose(f);
}
