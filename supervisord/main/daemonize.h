/* The way into the background. The parent stays until the start has succeeded or failed. */
#pragma once

/*
 * Fork. In the parent this does not return: it exits with 0 when the daemon has called
 * daemonize_done(), and with the daemon's exit status if the daemon has ended before. In the
 * daemon, which leads a session of its own, it returns 0, with *ret_fd for daemonize_done().
 * Returns -errno if there can be no second process.
 */
int daemonize(int *ret_fd);

/*
 * The daemon stands: let the parent go, and leave the terminal (stdin, stdout and stderr are
 * /dev/null from now on). Closes @fd. Returns 0 or -errno.
 */
int daemonize_done(int fd);
