/*
 * The table behind a PidMap: a power of two of places, at most three in four of them taken.
 * Removing moves the followers up instead of leaving a mark, so that a table with much coming and
 * going stays as quick as a new one.
 */
#include "base/pidmap.h"

#include <errno.h>

#define CAPACITY_MIN 16 /* a power of two, as every capacity */

typedef struct _packed_ PidSlot {
        pid_t pid; /* 0: free */
        void *value;
} PidSlot;

struct PidMap {
        PidSlot *entries;
        size_t capacity;
        size_t size;
};

/* Numbers are given out in sequence: a multiplication spreads neighbours over the table. */
static size_t home_of(const PidMap *m, pid_t pid) {
        return (size_t)(((uint64_t)(uint32_t)pid * UINT64_C(0x9E3779B97F4A7C15)) >> 32) &
               (m->capacity - 1);
}

/* The place of @pid, or the free one where it would go. */
static size_t find(const PidMap *m, pid_t pid) {
        size_t i = home_of(m, pid);

        while (m->entries[i].pid != 0 && m->entries[i].pid != pid)
                i = (i + 1) & (m->capacity - 1);
        return i;
}

int pidmap_new(PidMap **ret) {
        _cleanup_(pidmap_freep) PidMap *m = NULL;

        m = calloc(1, sizeof(*m));
        if (!m)
                return -ENOMEM;

        m->capacity = CAPACITY_MIN;
        m->entries = calloc(m->capacity, sizeof(*m->entries));
        if (!m->entries)
                return -ENOMEM; /* cppcheck-suppress memleak ; freed by its cleanup */

        *ret = TAKE_PTR(m);
        return 0;
}

PidMap *pidmap_free(PidMap *m) {
        if (!m)
                return NULL;

        free(m->entries);
        free(m);
        return NULL;
}

static int grow_map(PidMap *m) {
        PidMap wider = {
                .capacity = m->capacity * 2,
                .size = m->size,
        };
        size_t i;

        wider.entries = calloc(wider.capacity, sizeof(*wider.entries));
        if (!wider.entries)
                return -ENOMEM;

        for (i = 0; i < m->capacity; i++)
                if (m->entries[i].pid != 0)
                        wider.entries[find(&wider, m->entries[i].pid)] = m->entries[i];

        free(m->entries);
        *m = wider;
        return 0;
}

int pidmap_put(PidMap *m, pid_t pid, void *value) {
        size_t i;
        int r;

        if (pid <= 0 || !value)
                return -EINVAL;

        i = find(m, pid);
        if (m->entries[i].pid == 0) {
                if ((m->size + 1) * 4 > m->capacity * 3) {
                        r = grow_map(m);
                        if (r < 0)
                                return r;
                        i = find(m, pid);
                }
                m->size++;
        }

        m->entries[i] = (PidSlot){ .pid = pid, .value = value };
        return 0;
}

void *pidmap_get(const PidMap *m, pid_t pid) {
        if (pid <= 0)
                return NULL;
        return m->entries[find(m, pid)].value;
}

/*
 * Free place @hole, moving later members of the same run back so that no search ends at it early.
 */
static void close_gap(PidMap *m, size_t hole) {
        size_t mask = m->capacity - 1, i;

        for (i = (hole + 1) & mask; m->entries[i].pid != 0; i = (i + 1) & mask) {
                size_t home = home_of(m, m->entries[i].pid);

                if (((i - home) & mask) < ((i - hole) & mask))
                        continue; /* its home lies behind the hole: it is found as it is */
                m->entries[hole] = m->entries[i];
                hole = i;
        }
        m->entries[hole] = (PidSlot){ 0 };
}

void *pidmap_remove(PidMap *m, pid_t pid) {
        void *value;
        size_t i;

        if (pid <= 0)
                return NULL;

        i = find(m, pid);
        if (m->entries[i].pid == 0)
                return NULL;

        value = m->entries[i].value;
        close_gap(m, i);
        m->size--;
        return value;
}

size_t pidmap_remove_value(PidMap *m, const void *value) {
        size_t n = 0, i = 0;

        while (i < m->capacity) {
                if (m->entries[i].pid == 0 || m->entries[i].value != value) {
                        i++;
                        continue;
                }
                /* Look at this place again: a later entry may have moved here. */
                close_gap(m, i);
                m->size--;
                n++;
        }
        /*
         * A run that wraps around the end can move an entry from the start, which was passed, only
         * to the end, which was not: nothing is missed.
         */
        return n;
}

void pidmap_clear(PidMap *m) {
        for (size_t i = 0; i < m->capacity; i++)
                m->entries[i] = (PidSlot){ 0 };
        m->size = 0;
}

size_t pidmap_size(const PidMap *m) {
        return m->size;
}

bool pidmap_next(const PidMap *m, size_t *cursor, pid_t *ret_pid, void **ret_value) {
        while (*cursor < m->capacity) {
                const PidSlot *e = &m->entries[(*cursor)++];

                if (e->pid == 0)
                        continue;
                *ret_pid = e->pid;
                *ret_value = e->value;
                return true;
        }
        return false;
}
