#include "config/text/refuse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int refuse(char **reterr_why, const char *format, ...) {
        va_list ap;
        int k;

        va_start(ap, format);
        k = vasprintf(reterr_why, format, ap);
        va_end(ap);
        if (k < 0)
                *reterr_why = NULL;
        return k < 0 ? -ENOMEM : -EINVAL;
}
