/*
 * A configuration from text, and what there was to say about it.
 */
#pragma once

#include "config/model/config.h"
#include "files.h"

typedef struct Loaded {
        Config *config; /* NULL when there were errors */
        ConfigReport report;
        int result;
} Loaded;

static inline void loaded_done(Loaded *l) {
        l->config = config_free(l->config);
        config_report_done(&l->report);
}

static inline void write_text(const char *name, const char *text) {
        _cleanup_(fclosep) FILE *f = fopen(in_folder(name), "we");

        cr_assert(f);
        cr_assert_geq(fputs(text, f), 0);
}

static inline Loaded load_with(const char *text, const ConfigOptions *options) {
        Loaded l = { 0 };

        write_text("main.conf", text);
        l.result = config_load(in_folder("main.conf"), options, &l.config, &l.report);
        return l;
}

/* Without looking at users, groups and directories of this machine. */
static inline Loaded load_text(const char *text) {
        return load_with(text, &(ConfigOptions){ .no_host_checks = true });
}

/* Is there a message with @part in it? */
static inline bool mentions(const Loaded *l, const char *part) {
        for (size_t i = 0; i < l->report.n; i++)
                if (strstr(l->report.messages[i].text, part))
                        return true;
        return false;
}

static inline void show_messages(const Loaded *l) {
        for (size_t i = 0; i < l->report.n; i++)
                (void)fprintf(stderr, "%s\n", l->report.messages[i].text);
}

/* @text is a whole configuration that must load. */
#define LOAD(name, text)                                      \
        _cleanup_(loaded_done) Loaded name = load_text(text); \
        if (name.result < 0)                                  \
                show_messages(&name);                         \
        cr_assert_eq(name.result, 0)

/* @text is refused with a message that holds @part. */
#define REFUSE(text, part)                                                         \
        do {                                                                       \
                _cleanup_(loaded_done) Loaded refused_ = load_text(text);          \
                cr_expect_eq(refused_.result, -EINVAL, "%s", text);                \
                cr_expect(mentions(&refused_, part), "%s: no \"%s\"", text, part); \
                if (!mentions(&refused_, part))                                    \
                        show_messages(&refused_);                                  \
        } while (0)

/* One program called a, whose section holds @keys besides a command. */
#define PROGRAM(keys) "[supervisord]\n[program:a]\ncommand=/bin/cat\n" keys "\n"
