#include "log/console.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool console_is_journal(void) {
        const char *value = getenv("JOURNAL_STREAM");
        char own[64];
        struct stat st;

        if (!value || fstat(STDOUT_FILENO, &st) < 0)
                return false;

        (void)snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
        return strcmp(value, own) == 0;
}

bool console_wants_colours(void) {
        const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");

        return isatty(STDOUT_FILENO) && (!none || !*none) && terminal &&
               strcmp(terminal, "dumb") != 0;
}
