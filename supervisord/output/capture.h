/*
 * Takes the messages out of a stream that a child marks for the event listeners:
 *
 *         log<!--XSUPERVISOR:BEGIN-->message<!--XSUPERVISOR:END-->log
 *
 * The marks are found wherever the stream happens to be cut.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct Capture {
        char *data; /* the message so far */
        size_t size;
        bool active;           /* inside a message */
        unsigned char matched; /* bytes of the mark looked for that ended the data so far */
} Capture;

typedef struct CaptureCalls {
        void (*on_log)(char *data, size_t size, void *userdata); /* may change @data */
        void (*on_message)(const char *data, size_t size, void *userdata);
        void *userdata;
        size_t max_bytes; /* of a message; its end is kept */
} CaptureCalls;

void capture_push(Capture *capture, char *data, size_t size, const CaptureCalls *calls);

/* The stream has ended. A message without its end goes to the log: it may be the last words of a
 * child that crashed. */
void capture_flush(Capture *capture, const CaptureCalls *calls);

void capture_done(Capture *capture);
