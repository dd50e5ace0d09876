#include "base/string-index.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "base/macro.h"

void string_index_done(StringIndex *t) {
        if (!t->arena)
                free(t->slots);
        *t = (StringIndex){ 0 };
}

/* The slot that holds @name, or the free one where it belongs. There is always a free slot. */
static StringSlot *probe(StringSlot *slots, size_t n_slots, const char *name) {
        uint64_t h = hash_text(name); /* names are the administrator's: nobody crafts collisions */
        size_t i = (h ^ h >> 32) & (n_slots - 1);

        while (slots[i].name && strcmp(slots[i].name, name) != 0)
                i = (i + 1) & (n_slots - 1);
        return slots + i;
}

size_t string_index_find(const StringIndex *t, const char *name) {
        const StringSlot *slot;

        if (t->n == 0)
                return STRING_INDEX_NONE;
        slot = probe(t->slots, t->n_slots, name);
        return slot->name ? slot->index : STRING_INDEX_NONE;
}

static int double_slots(StringIndex *t) {
        size_t n_slots = t->n_slots ? t->n_slots * 2 : 8;
        StringSlot *slots;

        slots = t->arena ? arena_alloc(t->arena, n_slots * sizeof(*slots))
                         : calloc(n_slots, sizeof(*slots));
        if (!slots)
                return -ENOMEM;
        for (size_t i = 0; i < t->n_slots; i++)
                if (t->slots[i].name)
                        *probe(slots, n_slots, t->slots[i].name) = t->slots[i];
        if (!t->arena)
                free(t->slots);
        t->slots = slots;
        t->n_slots = n_slots;
        return 0;
}

int string_index_add(StringIndex *t, const char *name, size_t index) {
        int r;

        if (t->n * 4 >= t->n_slots * 3) {
                r = double_slots(t);
                if (r < 0)
                        return r;
        }
        *probe(t->slots, t->n_slots, name) = (StringSlot){ .name = name, .index = index };
        t->n++;
        return 0;
}
