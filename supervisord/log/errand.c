#include "log/errand.h"

#include <errno.h>
#include <stdlib.h>

typedef struct Errand {
        Strand strand; /* first */
        const ErrandCalls *calls;
        void *data;
} Errand;

static StrandResult on_work(Strand *s, uint64_t until) {
        Errand *e = (Errand *)s;

        e->calls->run(e->data);
        return STRAND_OVER;
}

static void on_news(Strand *s) {
        Errand *e = (Errand *)s;
        bool is_over;

        writers_lock(s->writers);
        is_over = s->is_over;
        writers_unlock(s->writers);
        if (!is_over)
                return; /* it hangs, or moves again: of no interest here */
        e->calls->done(e->data);
        free(e);
}

int errand_begin(Writers *writers, const ErrandCalls *calls, void *data) {
        static const StrandCalls strand_calls = { .work = on_work, .on_news = on_news };
        Errand *e;

        if (!writers) {
                calls->run(data);
                calls->done(data);
                return 0;
        }
        e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;
        e->strand = (Strand){ .calls = &strand_calls, .writers = writers };
        e->calls = calls;
        e->data = data;
        writers_lock(writers);
        (void)strand_stamp(&e->strand); /* after what is queued now */
        strand_schedule(&e->strand);
        writers_unlock(writers);
        return 0;
}
