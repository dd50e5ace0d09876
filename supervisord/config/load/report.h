/*
 * Collects what there is to say about a configuration. Messages are complete sentences for people.
 */
#pragma once

#include "config/model/config.h"

/* What a message is about. All may be NULL or 0. */
typedef struct ConfigPlace {
        const char *file;
        unsigned line;
        const char *section;
        const char *key;
} ConfigPlace;

typedef enum Severity {
        SEVERITY_NOTE,
        SEVERITY_WARNING,
        SEVERITY_ERROR,
} Severity;

/*
 * Add a message about @place, "FILE:LINE: [section] key: " followed by the formatted text. Messages
 * past CONFIG_REPORT_MAX are counted and dropped. Returns 0 or -ENOMEM; the counts are right in any
 * case.
 */
int report_add(ConfigReport *r,
               Severity severity,
               const ConfigPlace *place,
               const char *format,
               ...) _printf_(4, 5);
