#include "base/table.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"

void table_done(Table *t) {
        if (!t->arena)
                free(t->slots);
        *t = (Table){ 0 };
}

/* FNV-1a: names come from the administrator, nobody crafts collisions here. */
static uint64_t hash(const char *s) {
        uint64_t h = UINT64_C(0xcbf29ce484222325);

        for (; *s; s++)
                h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
        return h ^ h >> 32;
}

/* The slot that holds @name, or the free one where it belongs. There is always a free slot. */
static TableSlot *probe(TableSlot *slots, size_t n_slots, const char *name) {
        size_t i = hash(name) & (n_slots - 1);

        while (slots[i].name && strcmp(slots[i].name, name) != 0)
                i = (i + 1) & (n_slots - 1);
        return slots + i;
}

size_t table_find(const Table *t, const char *name) {
        const TableSlot *slot;

        if (t->n == 0)
                return TABLE_NONE;
        slot = probe(t->slots, t->n_slots, name);
        return slot->name ? slot->index : TABLE_NONE;
}

static int grow(Table *t) {
        size_t n_slots = t->n_slots ? t->n_slots * 2 : 8;
        TableSlot *slots;

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

int table_add(Table *t, const char *name, size_t index) {
        int r;

        if (t->n * 4 >= t->n_slots * 3) {
                r = grow(t);
                if (r < 0)
                        return r;
        }
        *probe(t->slots, t->n_slots, name) = (TableSlot){ .name = name, .index = index };
        t->n++;
        return 0;
}
