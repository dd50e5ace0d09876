/*
 * One group in the making. Private to this folder.
 */
#pragma once

#include "config/load/loader.h"

/* A group called @name that @section defines; its processes come later. Returns 0 or -ENOMEM. */
int group_config_new(GroupType type,
                     const char *name,
                     const TextSection *section,
                     GroupConfig **ret);
GroupConfig *group_config_free(GroupConfig *g);
DEFINE_CLEANUP(GroupConfig, group_config_free);

/*
 * Append the processes of @section, which need not be the section of the group. Those of an
 * [fcgi-program:x] share a socket, which is the group's as well if it is the group's section.
 * Errors are reported. Returns 0 or -errno.
 */
int group_add_section(Loader *l, GroupConfig *g, const TextSection *section);

/*
 * The priority of the group, from the key of @section or @fallback. Only ENV_ names and "here" may
 * stand in it, as in Python. Errors are reported. Returns 0 or -errno.
 */
int group_load_priority(Loader *l, GroupConfig *g, const TextSection *section, int64_t fallback);

/* What only [eventlistener:x] has. Errors are reported. Returns 0 or -errno. */
int group_load_listener(Loader *l, GroupConfig *g, const TextSection *section);
