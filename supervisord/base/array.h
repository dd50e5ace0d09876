/*
 * Growing arrays whose owner counts the elements.
 */
#pragma once

#include <stddef.h>
#include <stdlib.h>

/*
 * Make room for one element of @size bytes behind the @n that @array holds. Room doubles, so that n
 * additions cost O(n); the room is known from @n alone, so elements must not be taken off again.
 * Gives the array, perhaps moved, or NULL when there is no memory (the old one is then still
 * valid).
 */
static inline void *array_room(void *array, size_t n, size_t size) {
        if ((n & (n - 1)) != 0)
                return array;
        return reallocarray(array, n ? n * 2 : 1, size);
}
