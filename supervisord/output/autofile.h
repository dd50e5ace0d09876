/*
 * The files of logs that are AUTO: in childlogdir, under names that no other run has,
 *
 *         web-stdout---supervisor-k3x_9a0q.log
 *
 * as Python's supervisord names them, so that either cleans up after the other.
 */
#pragma once

typedef struct AutoFile {
        const char *directory;
        const char *process;
        const char *stream; /* "stdout", "stderr" */
        const char *identifier;
} AutoFile;

/* Make an empty file (mode 0600); *ret is its path, the caller's. Returns 0 or -errno. */
int autofile_make(const AutoFile *file, char **ret);

/* Remove all of them that runs with this identifier have left in @directory, rotated ones included.
 * What cannot be removed stays. */
void autofile_clean(const char *directory, const char *identifier);
