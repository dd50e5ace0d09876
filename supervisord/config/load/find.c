/* Where a configuration is looked for that was not named. */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "config/model/config.h"

/* "DIR/../etc/supervisord.conf" of the program's own directory, as Python spells it. */
static int beside_program(const char *argv0, const char *file, char **ret) {
        const char *slash = strrchr(argv0, '/');
        int n = slash ? (int)(slash - argv0) : 0;

        if (n == 0)
                return asprintf(ret, "%s../%s", slash ? "/" : "", file) < 0 ? -ENOMEM : 0;
        return asprintf(ret, "%.*s/../%s", n, argv0, file) < 0 ? -ENOMEM : 0;
}

static int list_candidates(const char *argv0, char ***ret) {
        static const char *const fixed[] = {
                "supervisord.conf",
                "etc/supervisord.conf",
                "/etc/supervisord.conf",
                "/etc/supervisor/supervisord.conf",
        };
        _cleanup_(strv_freep) char **list = NULL;
        _cleanup_(freep) char *first = NULL, *second = NULL;
        int r;

        r = beside_program(argv0, "etc/supervisord.conf", &first);
        if (r == 0)
                r = beside_program(argv0, "supervisord.conf", &second);
        if (r == 0)
                r = strv_extend(&list, first);
        if (r == 0)
                r = strv_extend(&list, second);
        for (size_t i = 0; r == 0 && i < ELEMENTSOF(fixed); i++)
                r = strv_extend(&list, fixed[i]);
        if (r == 0)
                *ret = TAKE_PTR(list);
        return r;
}

int config_find(const char *argv0, char **ret_path, char ***ret_tried) {
        _cleanup_(strv_freep) char **list = NULL;
        char *path = NULL;
        int r;

        r = list_candidates(argv0, &list);
        if (r < 0)
                return r;
        for (char **p = list; p && *p && !path; p++)
                if (access(*p, F_OK) == 0) {
                        path = strdup(*p);
                        if (!path)
                                return -ENOMEM;
                }
        if (ret_tried)
                *ret_tried = TAKE_PTR(list);
        if (!path)
                return -ENOENT;
        *ret_path = path;
        return 0;
}
