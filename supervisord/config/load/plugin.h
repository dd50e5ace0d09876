/*
 * Sections and keys that name Python code. It is never run; what would be refused by its form is.
 */
#pragma once

#include <stdbool.h>

#include "config/model/config.h"

/* "module" or "module:attribute", each of letters, digits, '_' and '.'; "[extras]" may follow. */
bool is_python_spec(const char *spec);

PluginConfig *plugin_config_free(PluginConfig *p);
DEFINE_CLEANUP(PluginConfig, plugin_config_free);
