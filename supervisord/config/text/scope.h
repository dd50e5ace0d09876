/*
 * The names that a value may mention as %(name)s, and Python's % formatting over them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

typedef struct Variable {
        char *name;
        char *text; /* NULL: a number */
        int64_t number;
} Variable;

/* Names that add to, and hide, those of the parent. Start with one that is all zero but the parent.
 */
typedef struct Scope {
        const struct Scope *parent; /* must outlive this one; or NULL */
        Variable *variables;
        size_t n;
} Scope;

/* Free the names of this scope, not those of the parent; may be used for `_cleanup_`. */
void scope_done(Scope *s);

/* Set a name of this scope. Both strings are copied. Returns 0 or -ENOMEM. */
int scope_set(Scope *s, const char *name, const char *text);
int scope_set_number(Scope *s, const char *name, int64_t number);

/* The same for "ENV_" and @name. */
int scope_set_env(Scope *s, const char *name, const char *text);

/* Take a name out of this scope if it is in it. */
void scope_unset(Scope *s, const char *name);

/* The variable that @name means here, or NULL. */
const Variable *scope_find(const Scope *s, const char *name);

/*
 * Replace every %(name)s in @text, "%%" by "%". Besides s there are Python's d i u x X o and c,
 * with flags, width and precision, for numbers. What Python accepts by accident (%s without a name,
 * %r) is refused.
 *
 * Returns 0 and the caller's *ret; -EINVAL and the caller's *reterr_why, half a sentence about what
 * is wrong and what would be right; or -ENOMEM.
 */
int scope_expand(const Scope *s, const char *text, char **ret, char **reterr_why);
