#include "core/deadlines.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>

#define NOWHERE UINT32_MAX

typedef struct _packed_ Slot {
        uint64_t usec;
        uint32_t position; /* in the heap, or NOWHERE */
} Slot;

struct Deadlines {
        Slot *slots;
        size_t n_slots;
        uint32_t *heap; /* of slot indexes; room for n_slots */
        size_t n_heap;
};

int deadlines_new(Deadlines **ret) {
        Deadlines *d = calloc(1, sizeof(*d));

        if (!d)
                return -ENOMEM;
        *ret = d;
        return 0;
}

Deadlines *deadlines_free(Deadlines *d) {
        if (!d)
                return NULL;
        free(d->slots);
        free(d->heap);
        free(d);
        return NULL;
}

int deadlines_reserve(Deadlines *d, size_t n) {
        Slot *slots;
        uint32_t *heap;

        if (n <= d->n_slots)
                return 0;

        heap = reallocarray(d->heap, n, sizeof(*heap));
        if (!heap)
                return -ENOMEM;
        d->heap = heap;

        slots = reallocarray(d->slots, n, sizeof(*slots));
        if (!slots)
                return -ENOMEM;
        d->slots = slots;

        for (size_t i = d->n_slots; i < n; i++)
                slots[i] = (Slot){ USEC_INFINITY, NOWHERE };
        d->n_slots = n;
        return 0;
}

/* Of two that are due together the lower index comes first, so that nothing depends on the heap's
 * shape. */
static bool is_before(const Deadlines *d, size_t position, size_t other) {
        size_t a = d->heap[position], b = d->heap[other];

        return d->slots[a].usec != d->slots[b].usec ? d->slots[a].usec < d->slots[b].usec : a < b;
}

static void put(Deadlines *d, size_t position, size_t index) {
        d->heap[position] = index;
        d->slots[index].position = position;
}

static void swap(Deadlines *d, size_t a, size_t b) {
        size_t index = d->heap[a];

        put(d, a, d->heap[b]);
        put(d, b, index);
}

static void sift_up(Deadlines *d, size_t position) {
        while (position > 0) {
                size_t parent = (position - 1) / 2;

                if (!is_before(d, position, parent))
                        return;
                swap(d, parent, position);
                position = parent;
        }
}

static void sift_down(Deadlines *d, size_t position) {
        for (;;) {
                size_t child = 2 * position + 1;

                if (child >= d->n_heap)
                        return;
                if (child + 1 < d->n_heap && is_before(d, child + 1, child))
                        child++;
                if (!is_before(d, child, position))
                        return;
                swap(d, position, child);
                position = child;
        }
}

static void take_out(Deadlines *d, size_t index) {
        size_t position = d->slots[index].position;

        d->n_heap--;
        if (position != d->n_heap) {
                put(d, position, d->heap[d->n_heap]);
                sift_down(d, position);
                sift_up(d, position);
        }
        d->slots[index].position = NOWHERE;
}

void deadlines_set(Deadlines *d, size_t index, uint64_t usec) {
        Slot *slot;

        assert(index < d->n_slots);
        slot = &d->slots[index];

        slot->usec = usec;
        if (usec == USEC_INFINITY) {
                if (slot->position != NOWHERE)
                        take_out(d, index);
                return;
        }

        if (slot->position == NOWHERE)
                put(d, d->n_heap++, index);
        sift_down(d, slot->position);
        sift_up(d, slot->position);
}

uint64_t deadlines_get(const Deadlines *d, size_t index) {
        assert(index < d->n_slots);
        return d->slots[index].usec;
}

uint64_t deadlines_next(const Deadlines *d, size_t *ret_index) {
        if (d->n_heap == 0)
                return USEC_INFINITY;
        if (ret_index)
                *ret_index = d->heap[0];
        return d->slots[d->heap[0]].usec;
}
