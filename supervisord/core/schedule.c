#include "core/schedule.h"

#include <assert.h>
#include <errno.h>

#define WORD_BITS 64

struct Schedule {
        size_t n_waves;
        size_t n_words;
        size_t *counts[_DUE_MAX];   /* by wave */
        uint64_t *waves[_DUE_MAX];  /* bit set: the count is not zero */
        uint64_t *places[_DUE_MAX]; /* bit set: its process has it */
};

int schedule_new(size_t n_waves, size_t n_places, Schedule **ret) {
        _cleanup_(schedule_freep) Schedule *s = NULL;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;

        s->n_waves = n_waves;
        s->n_words = n_waves / WORD_BITS + 1;
        for (Due due = 0; due < _DUE_MAX; due++) {
                s->counts[due] = calloc(n_waves + 1, sizeof(size_t));
                s->waves[due] = calloc(s->n_words, sizeof(uint64_t));
                s->places[due] = calloc(n_places / WORD_BITS + 1, sizeof(uint64_t));
                if (!s->counts[due] || !s->waves[due] || !s->places[due])
                        return -ENOMEM;
        }

        *ret = TAKE_PTR(s);
        return 0;
}

Schedule *schedule_free(Schedule *s) {
        if (!s)
                return NULL;
        for (Due due = 0; due < _DUE_MAX; due++) {
                free(s->counts[due]);
                free(s->waves[due]);
                free(s->places[due]);
        }
        free(s);
        return NULL;
}

static void set_bit(uint64_t *words, size_t i, bool is) {
        uint64_t bit = UINT64_C(1) << i % WORD_BITS;

        if (is)
                words[i / WORD_BITS] |= bit;
        else
                words[i / WORD_BITS] &= ~bit;
}

static void count_one(Schedule *s, size_t wave, Due due, bool is) {
        size_t *count = &s->counts[due][wave];

        assert(is || *count > 0);
        *count = is ? *count + 1 : *count - 1;
        set_bit(s->waves[due], wave, *count > 0);
}

void schedule_count(Schedule *s, size_t wave, size_t place, DueSet before, DueSet after) {
        if (wave == NO_WAVE || before == after)
                return;
        assert(wave < s->n_waves);

        for (Due due = 0; due < _DUE_MAX; due++) {
                bool is = after & 1U << due;

                if (is == ((before & 1U << due) != 0))
                        continue;
                count_one(s, wave, due, is);
                set_bit(s->places[due], place, is);
        }
}

size_t schedule_next(const Schedule *s, size_t place, size_t end, Due due) {
        const uint64_t *words = s->places[due];

        while (place < end) {
                uint64_t rest = words[place / WORD_BITS] >> place % WORD_BITS;

                if (rest)
                        return MIN(place + (size_t)__builtin_ctzll(rest), end);
                place = (place / WORD_BITS + 1) * WORD_BITS;
        }
        return end;
}

size_t schedule_get(const Schedule *s, size_t wave, Due due) {
        assert(wave < s->n_waves);
        return s->counts[due][wave];
}

size_t schedule_highest(const Schedule *s, Due due) {
        for (size_t i = s->n_words; i-- > 0;)
                if (s->waves[due][i])
                        return i * WORD_BITS + (WORD_BITS - 1) -
                               (size_t)__builtin_clzll(s->waves[due][i]);
        return NO_WAVE;
}

size_t schedule_lowest(const Schedule *s, Due due) {
        for (size_t i = 0; i < s->n_words; i++)
                if (s->waves[due][i])
                        return i * WORD_BITS + (size_t)__builtin_ctzll(s->waves[due][i]);
        return NO_WAVE;
}
