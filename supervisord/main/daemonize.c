#include "main/daemonize.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "base/macro.h"

static _noreturn_ void wait_for_daemon(pid_t pid, int fd) {
        char done;
        ssize_t n;
        int status = 0;

        do
                n = read(fd, &done, 1);
        while (n < 0 && errno == EINTR);
        if (n == 1)
                _exit(0);

        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        _exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
}

int daemonize(int *ret_fd) {
        int pipe_fds[2];
        pid_t pid;

        if (pipe2(pipe_fds, O_CLOEXEC) < 0)
                return -errno;

        pid = fork();
        if (pid < 0) {
                int r = -errno;

                safe_close(pipe_fds[0]);
                safe_close(pipe_fds[1]);
                return r;
        }
        if (pid > 0) {
                safe_close(pipe_fds[1]);
                wait_for_daemon(pid, pipe_fds[0]);
        }

        safe_close(pipe_fds[0]);
        *ret_fd = pipe_fds[1];
        return setsid() < 0 ? -errno : 0;
}

int daemonize_done(int fd) {
        _cleanup_(closep) int owned = fd;
        _cleanup_(closep) int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null < 0)
                return -errno;
        for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
                if (dup2(null, i) < 0)
                        return -errno;
        return write(owned, "", 1) == 1 ? 0 : -errno;
}
