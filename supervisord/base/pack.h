/*
 * Many short strings in one piece of memory, where each for itself would take several times its
 * length.
 */
#pragma once

#include <stddef.h>

/*
 * Copy @texts[0..n-1] one behind the other; one that equals another, or is the end of one before
 * it, takes no room of its own. @ret[i] is the copy of @texts[i], NULL for NULL. Returns the memory
 * that all of them lie in, the caller's; it begins with the copy of the first that is not NULL.
 * NULL without memory.
 */
char *pack_texts(const char *const *texts, const char **ret, size_t n);
