/*
 * Memory that is given back all at once: see arena.h. Blocks are mappings of their own, not the
 * heap's.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/macro.h"

#define BLOCK_SIZE ((size_t)256 * 1024)

struct ArenaBlock {
        ArenaBlock *next;
        size_t size; /* of the whole, this header included */
        size_t used;
        alignas(max_align_t) char bytes[];
};

void arena_done(Arena *a) {
        while (a->blocks) {
                ArenaBlock *block = a->blocks;

                a->blocks = block->next;
                (void)munmap(block, block->size); /* it is a whole mapping: cannot fail */
        }
}

/* A block with room for @size bytes at least becomes the one in use. */
static ArenaBlock *add_block(Arena *a, size_t size) {
        ArenaBlock *block;

        if (size > SIZE_MAX - BLOCK_SIZE)
                return NULL;
        size = MAX(BLOCK_SIZE, size + sizeof(*block));
        block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED)
                return NULL;
        block->size = size;
        block->used = sizeof(*block);
        block->next = a->blocks;
        a->blocks = block;
        return block;
}

void *arena_alloc(Arena *a, size_t size) {
        const size_t align = alignof(max_align_t);
        ArenaBlock *block = a->blocks;
        void *result;

        if (size > SIZE_MAX - align)
                return NULL;
        size = (size + align - 1) / align * align;
        if (!block || block->size - block->used < size)
                block = add_block(a, size);
        if (!block)
                return NULL;
        result = (char *)block + block->used;
        block->used += size;
        return result;
}

char *arena_strdup(Arena *a, const char *s) {
        size_t size = strlen(s) + 1;
        char *copy = arena_alloc(a, size);

        return copy ? memcpy(copy, s, size) : NULL;
}

void *arena_room(Arena *a, void *array, size_t n, size_t size) {
        void *room;

        if ((n & (n - 1)) != 0)
                return array;
        if (__builtin_mul_overflow(n ? n * 2 : 1, size, &size))
                return NULL;
        room = arena_alloc(a, size);
        if (room && n > 0)
                memcpy(room, array, size / 2);
        return room;
}
