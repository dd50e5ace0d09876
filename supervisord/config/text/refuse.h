/*
 * Why a value is refused, put into words.
 */
#pragma once

#include "base/macro.h"

/*
 * As asprintf(3) for a *reterr_why that is the caller's. Returns -EINVAL, so that one can say
 * `return refuse(…)`; or -ENOMEM with *reterr_why NULL.
 */
int refuse(char **reterr_why, const char *format, ...) _printf_(2, 3);
