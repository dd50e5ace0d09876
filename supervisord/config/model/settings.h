/*
 * ProcessSettings as a value: references, comparison, and having equal ones in common.
 */
#pragma once

#include "config/model/config.h"

/* One reference, the caller's; nothing is set but what is "unset". NULL without memory. */
ProcessSettings *process_settings_new(void);

ProcessSettings *process_settings_ref(ProcessSettings *s);
ProcessSettings *process_settings_unref(ProcessSettings *s);

/* Who @a and @b run as, and with what groups, as far as no row of the table of keys says. */
bool process_settings_same_credentials(const ProcessSettings *a, const ProcessSettings *b);

/* How many different settings are looked at before a new one is kept by itself. */
#define SETTINGS_RECENT 16

/* The last different settings of a configuration that is being read. Start with one that is all
 * zero. */
typedef struct RecentSettings {
        ProcessSettings *items[SETTINGS_RECENT]; /* references; the newest first, then NULL */
} RecentSettings;

/*
 * If one of @recent is the same to the letter @s is given up for it and that one is returned; else
 * @s is remembered, and returned. The reference is the caller's in any case.
 */
ProcessSettings *recent_settings_share(RecentSettings *recent, ProcessSettings *s);

void recent_settings_done(RecentSettings *recent);
