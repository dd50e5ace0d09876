/*
 * Descriptors that our service manager opened for us, see sd_listen_fds_with_names(3).
 */
#pragma once

/*
 * Take what was passed, @take being called for each with its name, in their order. The descriptors
 * are close-on-exec then. @take gets them for keeps if it returns 0 or more; else they stay open
 * and nobody's.
 *
 * The variables that tell of them leave the environment, so that nobody else believes in them. To
 * be called before the process forks, as they are for one process id only. Returns how many there
 * were, or -errno.
 */
int passed_take(int (*take)(void *userdata, const char *name, int fd), void *userdata);
