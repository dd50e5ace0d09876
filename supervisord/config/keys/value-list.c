#include "config/keys/value-list.h"

#include <stdlib.h>

#include "base/strv.h"
#include "config/text/list.h"
#include "config/text/refuse.h"

int files_store(const Key *key,
                const char *text,
                void *field,
                const ValueRules *rules,
                char **reterr_why) {
        _cleanup_(strv_freep) char **files = NULL;
        int r;

        while (text && *text) {
                _cleanup_(freep) char *item = NULL;

                r = next_list_item(&text, &item);
                if (r < 0)
                        return r;
                if (item[item[0] == '-'] != '/')
                        return refuse(reterr_why,
                                      "'%s' is no absolute path; write one such as /etc/default/x "
                                      "or %%(here)s/x",
                                      item);
                r = strv_extend(&files, item);
                if (r < 0)
                        return r;
        }
        list_clear(field);
        *(char ***)field = TAKE_PTR(files);
        return 0;
}

int names_store(const Key *key,
                const char *text,
                void *field,
                const ValueRules *rules,
                char **reterr_why) {
        _cleanup_(strv_freep) char **names = NULL;
        int r;

        if (!*text)
                text = NULL;
        while (text) {
                _cleanup_(freep) char *item = NULL;

                r = next_list_item(&text, &item);
                if (r < 0)
                        return r;
                if (!*item)
                        return refuse(reterr_why,
                                      "an empty name stands between or behind the commas; remove "
                                      "it");
                r = strv_extend(&names, item);
                if (r < 0)
                        return r;
        }
        list_clear(field);
        *(char ***)field = TAKE_PTR(names);
        return 0;
}

void list_clear(void *field) {
        *(char ***)field = strv_free(*(char ***)field);
}

bool list_equal(const void *a, const void *b) {
        return strv_equal(*(char **const *)a, *(char **const *)b);
}

bool list_is_set(const void *field) {
        return *(char **const *)field != NULL;
}

void list_print(FILE *f, const Key *key, const void *field) {
        char *const *list = *(char **const *)field;

        for (char *const *p = list; p && *p; p++)
                (void)fprintf(f, "%s%s", p == list ? "" : ",", *p);
}

void list_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        json_array_begin(w, name);
        for (char *const *p = *(char **const *)field; p && *p; p++)
                json_string(w, NULL, *p);
        json_array_end(w);
}
