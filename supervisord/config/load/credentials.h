/*
 * As whom a process runs. Private to this folder.
 */
#pragma once

#include "config/load/loader.h"

/*
 * Resolve `user`, `group`, `supplementary_groups` and `login_env` of @section into @c; login_env is
 * stored already. Errors are reported. Returns 0 or more, or -errno.
 */
int load_credentials(Loader *l, const TextSection *section, const Scope *scope, ProcessConfig *c);
