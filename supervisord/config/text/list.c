#include "config/text/list.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "base/utf8.h"

int next_list_item(const char **list, char **ret) {
        size_t n = strcspn(*list, ",");
        _cleanup_(freep) char *item = strndup(*list, n);

        if (!item)
                return -ENOMEM;
        *ret = strdup(utf8_strip(item));
        if (!*ret)
                return -ENOMEM;
        *list = (*list)[n] ? *list + n + 1 : NULL;
        return 0;
}
