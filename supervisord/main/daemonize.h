/* Into the background, with a parent that stays until it knows how the start went. */
#pragma once

/*
 * Fork. In the parent this does not return: it exits with 0 when the daemon has called
 * daemonize_done(), and with the daemon's own exit status when that ended before. In the daemon,
 * which leads a session of its own, returns 0 and *ret_fd for daemonize_done(). -errno if there
 * could be no second process.
 */
int daemonize(int *ret_fd);

/*
 * The daemon stands: let the parent go, and leave the terminal (stdin, stdout and stderr are
 * /dev/null from now on). Closes @fd. Returns 0 or -errno.
 */
int daemonize_done(int fd);
