/* `supervisord -t`: what would happen, without letting it happen. */
#pragma once

#include <stdio.h>

#include "config/config.h"

/* Print the plan of @config on @f: start order, stop order, worst-case stop time. 0 or -ENOMEM. */
int check_print_plan(const Config *config, FILE *f);
