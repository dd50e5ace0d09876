/*
 * The writing end of something that is not a regular file (terminal, pipe, FIFO, socket, device),
 * used without ever blocking and without changing what others see of it: O_NONBLOCK belongs to an
 * open file, which the shell and every child may share with us, so it is set on an opening of our
 * own only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef enum SinkKind {
        SINK_CLOSED,
        SINK_OWN,    /* our own opening, O_NONBLOCK or a regular file */
        SINK_SOCKET, /* flags are given per call */
        SINK_SHARED, /* could not be opened again: asked with poll() before each small write */
} SinkKind;

typedef struct Sink {
        SinkKind kind;
        int fd; /* owned, O_CLOEXEC */
} Sink;

#define SINK_NULL ((Sink){ .kind = SINK_CLOSED, .fd = -1 })

/* Write to what @fd refers to; @fd stays the caller's. Returns 0 or -errno. */
int sink_open_fd(int fd, Sink *ret);

/* Take over @fd, which must be O_NONBLOCK or a regular file. */
Sink sink_take(int fd);

void sink_close(Sink *sink);

/*
 * Write what goes without blocking. Returns how many bytes that were (> 0), or -errno: -EAGAIN if
 * nothing goes now, which EPOLLOUT on @sink->fd ends.
 */
ssize_t sink_write(const Sink *sink, const void *data, size_t size);
