/*
 * One process with its output: the test writes what the child would, and sees what is told. For
 * test_output*.c.
 */
#pragma once

#include <poll.h>

#include "files.h"
#include "output/output.h"

static Outputs *outputs;
static Output *output;
static ProcessConfig *config;
static int child_fds[3] = { -1, -1, -1 };

/* What was told. */
static unsigned n_events[OUTPUT_EVENT_COMPRESS + 1];
static OutputEvent last_event;
static char data[4096];
static size_t data_size;
static OutputCompress compress_job;

static void on_event(void *owner, const OutputEvent *event, void *userdata) {
        cr_assert_eq(owner, &output);
        cr_assert_eq(userdata, &outputs);
        n_events[event->kind]++;
        last_event = *event;

        if (event->kind == OUTPUT_EVENT_DATA || event->kind == OUTPUT_EVENT_CAPTURED) {
                cr_assert_leq(data_size + event->size, sizeof(data));
                memcpy(data + data_size, event->data, event->size);
                data_size += event->size;
        }
        if (event->kind == OUTPUT_EVENT_COMPRESS) {
                compress_job = event->compress;
                compress_job.stdin_fd = fcntl(event->compress.stdin_fd, F_DUPFD_CLOEXEC, 3);
                compress_job.stdout_fd = fcntl(event->compress.stdout_fd, F_DUPFD_CLOEXEC, 3);
        }
}

static void make_outputs(void) {
        OutputsOptions options = { .identifier = "test",
                                   .on_event = on_event,
                                   .userdata = &outputs };

        make_folder();
        options.childlogdir = folder;
        cr_assert_eq(outputs_new(&options, &outputs), 0);

        config = calloc(1, sizeof(*config));
        cr_assert(config);
        config->n_ref = 1;
        config->settings = calloc(1, sizeof(*config->settings));
        cr_assert(config->settings);
        config->settings->n_ref = 1;
        cr_assert_eq(process_config_set_names(config,
                                              &(ProcessNames){ .name = "web", .group = "site" }),
                     0);
        config->log[OUTPUT_STDOUT].kind = LOG_KIND_FILE;
        config->log[OUTPUT_STDOUT].path = strdup(in_folder("out"));
        config->log[OUTPUT_STDERR].kind = LOG_KIND_FILE;
        config->log[OUTPUT_STDERR].path = strdup(in_folder("err"));
}

static void close_child(void) {
        for (size_t i = 0; i < ELEMENTSOF(child_fds); i++)
                child_fds[i] = safe_close(child_fds[i]);
}

static void free_outputs(void) {
        close_child();
        output = output_free(output);
        outputs = outputs_free(outputs);
        config = process_config_unref(config);
        remove_folder();
}

/* The child is spawned: it has its descriptors, and the daemon has closed them. */
static void start(void) {
        int stdio[3];

        if (!output)
                cr_assert_eq(output_new(outputs, config, &output, &output), 0);
        close_child();
        cr_assert_eq(output_open(output, stdio), 0);
        for (size_t i = 0; i < ELEMENTSOF(stdio); i++)
                child_fds[i] = fcntl(stdio[i], F_DUPFD_CLOEXEC, 100);
        output_started(output, 42);
}

static void say(OutputStream stream, const char *text) {
        size_t size = strlen(text);

        cr_assert_eq(write(child_fds[1 + (int)stream], text, size), (ssize_t)size);
}

static inline bool is_readable(void) {
        struct pollfd p = { .fd = outputs_get_fd(outputs), .events = POLLIN };

        return poll(&p, 1, 0) > 0;
}

static inline void replace_path(OutputStream stream, const char *path) {
        free(config->log[stream].path);
        config->log[stream].path = strdup(path);
}
