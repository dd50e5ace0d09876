#include "config/keys/value-exit-codes.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/parse.h"
#include "config/model/config.h"
#include "config/text/refuse.h"

static int read_codes(const char *text, ExitCodes *codes, char **reterr_why) {
        int64_t code;

        while (*text) {
                _cleanup_(freep) char *item = strndup(text, strcspn(text, ","));

                if (!item)
                        return -ENOMEM;
                if (parse_integer(item, &code) < 0 || code < 0 || code > 255)
                        return refuse(reterr_why,
                                      "'%s' is no exit status; write numbers from 0 to 255, "
                                      "separated by commas",
                                      item);
                codes->expected[code / 64] |= UINT64_C(1) << code % 64;
                codes->list[codes->n++] = (uint8_t)code;
                text += strlen(item);
                if (*text == ',' && !*++text)
                        return refuse(reterr_why, "nothing follows the last comma; leave it out");
        }
        return 0;
}

int exit_codes_store(const Key *key,
                     const char *text,
                     void *field,
                     const ValueRules *rules,
                     char **reterr_why) {
        _cleanup_(exit_codes_clear) ExitCodes codes = { .list = calloc(strlen(text) / 2 + 1, 1) };
        int r;

        if (!codes.list)
                return -ENOMEM;
        r = read_codes(text, &codes, reterr_why);
        if (r < 0)
                return r;
        exit_codes_clear(field);
        *(ExitCodes *)field = codes;
        codes = (ExitCodes){ 0 };
        return 0;
}

void exit_codes_clear(void *field) {
        ExitCodes *codes = field;

        free(codes->list);
        *codes = (ExitCodes){ 0 };
}

bool exit_codes_equal(const void *a, const void *b) {
        const ExitCodes *x = a, *y = b;

        return memcmp(x->expected, y->expected, sizeof(x->expected)) == 0;
}

void exit_codes_print(FILE *f, const Key *key, const void *field) {
        const ExitCodes *codes = field;

        for (size_t i = 0; i < codes->n; i++)
                (void)fprintf(f, "%s%d", i > 0 ? "," : "", codes->list[i]);
}

void exit_codes_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        const ExitCodes *codes = field;

        json_array_begin(w, name);
        for (size_t i = 0; i < codes->n; i++)
                json_integer(w, NULL, codes->list[i]);
        json_array_end(w);
}
