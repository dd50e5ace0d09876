/*
 * A configuration as text: sections and their keys, merged over all files as Python merges them,
 * and where each came from. Nothing is expanded or checked here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"
#include "base/string-index.h"

typedef struct TextFile {
        char *path;
        char *here;   /* absolute directory of the file, for %(here)s */
        size_t order; /* 0: the main file */
} TextFile;

typedef struct TextOption {
        char *key;   /* lower case */
        char *value; /* comments and outer blanks removed, lines joined by newlines */
        const TextFile *file;
        unsigned line; /* of the key */
} TextOption;

typedef struct TextSection {
        char *name;
        const TextFile *file; /* where it appeared first */
        unsigned line;
        TextOption *options; /* in the order of their first appearance */
        size_t n_options;
        StringIndex index;
} TextSection;

typedef struct ConfigText {
        Arena arena; /* all of it but these two arrays lies there */
        TextFile **files;
        TextSection **sections; /* in the order of their first appearance, without [DEFAULT] */
        size_t n_files;
        size_t n_sections;
        StringIndex index;
        TextSection *defaults; /* [DEFAULT]: keys for every section; or NULL */
} ConfigText;

ConfigText *config_text_free(ConfigText *t);
DEFINE_CLEANUP(ConfigText, config_text_free);

/* Register a file; *ret belongs to @t. @here is copied. Returns 0 or -ENOMEM. */
int config_text_add_file(ConfigText *t, const char *path, const char *here, TextFile **ret);

/*
 * The section @name, made at @file:@line if there is none yet. "DEFAULT" is the section of
 * defaults. Returns 0 or -ENOMEM.
 */
int config_text_section(ConfigText *t,
                        const char *name,
                        const TextFile *file,
                        unsigned line,
                        TextSection **ret);

/* The section called @name, or NULL. */
const TextSection *config_text_find(const ConfigText *t, const char *name);

/* The option @key of @section itself, or NULL. */
TextOption *text_section_find(const TextSection *section, const char *key);

/* The option @key that counts in @section: its own, else that of [DEFAULT]; or NULL. */
const TextOption *
config_text_option(const ConfigText *t, const TextSection *section, const char *key);

/*
 * Put @option into @section of @t; its strings are copied. An option of the same key is replaced
 * and keeps its rank. Returns 0 or -ENOMEM.
 */
int text_section_set(ConfigText *t, TextSection *section, const TextOption *option);
