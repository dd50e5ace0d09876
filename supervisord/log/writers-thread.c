/*
 * Part of the writers (writers.h): the threads' side, and what both sides call with the lock. A
 * thread takes the strand that is ready for longest, works on it, and waits when there is none.
 */
#include <unistd.h>

#include "log/writers-private.h"

void writers_lock(Writers *w) {
        (void)pthread_mutex_lock(&w->mutex); /* fails only if used wrongly, as the next */
}

void writers_unlock(Writers *w) {
        (void)pthread_mutex_unlock(&w->mutex);
}

void writers_make_ready(Writers *w, Strand *s) {
        s->is_ready = true;
        s->ready_stamp = w->stamp;
        TAILQ_INSERT_TAIL(&w->ready, s, ready);
}

uint64_t strand_stamp(Strand *s) {
        return s->is_ordered ? s->writers->stamp : ++s->writers->stamp;
}

void strand_schedule(Strand *s) {
        s->writers->was_scheduled = true;
        if (!s->is_ready)
                writers_make_ready(s->writers, s);
}

void strand_tell(Strand *s) {
        Writers *w = s->writers;
        const uint64_t one = 1;

        if (s->has_news || s->is_forgotten)
                return;

        if (TAILQ_EMPTY(&w->news))
                (void)!write(w->event_fd, &one, sizeof(one)); /* it is read before it overflows */
        s->has_news = true;
        TAILQ_INSERT_TAIL(&w->news, s, news);
}

void strand_progress(Strand *s) {
        s->progress++;
        if (s->is_stuck) {
                s->is_stuck = false;
                strand_tell(s);
        }
}

void strand_forget(Strand *s) {
        if (s->has_news)
                TAILQ_REMOVE(&s->writers->news, s, news);
        s->has_news = false;
        s->is_forgotten = true;
}

void strand_end(Strand *s) {
        Writers *w = s->writers;
        Worker *worker;

        if (s->is_ready)
                TAILQ_REMOVE(&w->ready, s, ready);
        /* From now on the loop must not find it at a worker. */
        LIST_FOREACH(worker, &w->workers, workers) {
                if (worker->strand == s)
                        worker->strand = NULL;
        }
        if (w->is_awaited)
                (void)pthread_cond_signal(&w->idle);
}

bool writers_keep(Writers *w, void *memory) {
        if (w->n_spare >= SPARE_MAX)
                return false;
        w->spare[w->n_spare++] = memory;
        return true;
}

void *writers_take(Writers *w) {
        return w->n_spare > 0 ? w->spare[--w->n_spare] : NULL;
}

void strand_account(Strand *s, int64_t n_bytes) {
        s->writers->pending_bytes += (uint64_t)n_bytes; /* wraps around as it should */
}

uint64_t writers_get_pending(Writers *w) {
        uint64_t n;

        writers_lock(w);
        n = w->pending_bytes;
        writers_unlock(w);
        return n;
}

/* ---------------------------------------------------------------- in a thread */

/* When the oldest work was queued that an ordered strand must not overtake. */
static uint64_t oldest_stamp(const Writers *w) {
        Strand *s;

        TAILQ_FOREACH(s, &w->ready, ready) {
                if (!s->is_ordered)
                        return s->ready_stamp;
        }
        return UINT64_MAX;
}

static void serve(Worker *me, Strand *s) {
        Writers *w = me->writers;
        uint64_t until = oldest_stamp(w);
        StrandResult result;

        s->is_running = true;
        me->strand = s;
        me->is_seen = false;

        writers_unlock(w);
        result = s->calls->work(s, until);
        writers_lock(w);

        me->strand = NULL;
        if (result == STRAND_GONE)
                return;

        s->is_running = false;
        strand_progress(s);
        if (result == STRAND_OVER) {
                s->is_over = true;
                strand_tell(s);
                return;
        }
        if ((result == STRAND_MORE || s->is_again) && !s->is_ready)
                writers_make_ready(w, s);
        s->is_again = false;
}

bool writers_wake(Writers *w) {
        return write(w->work_fds[1], "", 1) == 1; /* it cannot be full: there are few threads */
}

/* With the lock, which is left while it waits: something to do; NULL when the daemon ends. */
static Strand *next_strand(Writers *w) {
        char byte;

        while (TAILQ_EMPTY(&w->ready)) {
                if (w->is_stopping)
                        return NULL;
                w->n_idle++;
                if (w->is_awaited)
                        (void)pthread_cond_signal(&w->idle);
                writers_unlock(w);
                (void)!read(w->work_fds[0], &byte, 1); /* what it found is seen in the queue */
                writers_lock(w);
                w->n_idle--;
                w->is_woken = false;
        }

        return TAILQ_FIRST(&w->ready);
}

static bool is_serving(const Worker *worker) {
        return !worker->is_replaced && !worker->has_ended &&
               (!worker->strand || !worker->strand->is_stuck);
}

/* A thread that hung and has been replaced ends when it comes back, or takes the place of one that
 * hangs now. */
static bool is_needed(Worker *me) {
        Worker *other;

        if (!me->is_replaced)
                return true;

        LIST_FOREACH(other, &me->writers->workers, workers) {
                if (is_serving(other))
                        return false;
        }

        LIST_FOREACH(other, &me->writers->workers, workers) {
                other->is_replaced = other != me;
        }
        return true;
}

void *writers_serve(void *userdata) {
        Worker *me = userdata;
        Writers *w = me->writers;
        Strand *s;

        writers_lock(w);
        while (is_needed(me)) {
                s = next_strand(w);
                if (!s)
                        break;
                TAILQ_REMOVE(&w->ready, s, ready);
                s->is_ready = false;
                if (s->is_running)
                        s->is_again = true; /* another thread hangs in it: that one goes on */
                else
                        serve(me, s);
        }
        me->has_ended = true;
        (void)writers_wake(w); /* for what it leaves to others; else the next look does it */
        if (w->is_awaited)
                (void)pthread_cond_signal(&w->idle);
        writers_unlock(w);
        return NULL;
}
