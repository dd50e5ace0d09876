/* Folders that are read entry by entry with readdir(3). */
#pragma once

#include <dirent.h>

/* For `_cleanup_(closedirp)`. */
static inline void closedirp(DIR **d) {
        if (*d)
                (void)closedir(*d); /* fails for no folder that is open */
}
