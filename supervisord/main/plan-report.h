/* `supervisord -t`: what would happen, without letting it happen. */
#pragma once

#include <stdio.h>

#include "config/model/config.h"

/*
 * Print the plan of @config on @f: start order, stop order, worst-case stop time, and whether the
 * unit of systemd that runs it allows so much: @unit, or NULL to look for one. Returns 0, -ENOENT
 * if there is no @unit, or -ENOMEM.
 */
int plan_report_print(const Config *config, const char *unit, FILE *f);
