#include "base/writers.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>

/* A thread needs little; what it does not touch costs nothing. */
#define STACK_SIZE ((size_t)256 * 1024)

/* How often progress is looked at while a thread is busy and others wait. */
#define LOOK_SEC 1

/* Pieces of memory to keep: what is in use while one log is written at full speed. */
#define SPARE_MAX 10

typedef struct Worker {
        Writers *writers;
        Strand *strand;   /* at work on it, or NULL */
        uint64_t seen;    /* its progress at the last look */
        bool is_seen;     /* … there was one */
        bool is_replaced; /* another thread serves the rest: ends when it comes back */
        bool has_ended;
        pthread_t thread;
        LIST_ENTRY(Worker) workers;
} Worker;

struct Writers {
        pthread_mutex_t mutex;
        pthread_cond_t work; /* something is ready */
        pthread_cond_t idle; /* a thread has nothing to do, or has ended */

        TAILQ_HEAD(, Strand) ready; /* by ready_stamp, but for those that had to wait again */
        TAILQ_HEAD(, Strand) news;
        LIST_HEAD(, Worker) workers;
        unsigned n_workers, n_max;
        unsigned n_idle; /* wait for work … */
        bool is_woken;   /* … and one of them is on its way */
        bool is_awaited; /* by writers_wait() */
        bool is_stopping;
        uint64_t stamp;
        uint64_t pending_bytes;
        void *spare[SPARE_MAX];
        unsigned n_spare;

        /* the loop's */
        bool was_scheduled; /* since the last kick; with the lock */
        bool is_looking;    /* the timer runs */
        int epoll_fd, event_fd, timer_fd;
};

void writers_lock(Writers *w) {
        (void)pthread_mutex_lock(&w->mutex); /* fails only if used wrongly, as the next */
}

void writers_unlock(Writers *w) {
        (void)pthread_mutex_unlock(&w->mutex);
}

static void make_ready(Writers *w, Strand *s) {
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
                make_ready(s->writers, s);
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
        if (s->is_ready)
                TAILQ_REMOVE(&s->writers->ready, s, ready);
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

        TAILQ_FOREACH(s, &w->ready, ready)
        if (!s->is_ordered)
                return s->ready_stamp;
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
        if ((result == STRAND_MORE || s->is_again) && !s->is_ready)
                make_ready(w, s);
        s->is_again = false;
}

/* Wait for something to do; NULL when there will be nothing any more. */
static Strand *next_strand(Writers *w) {
        while (TAILQ_EMPTY(&w->ready)) {
                if (w->is_stopping)
                        return NULL;
                w->n_idle++;
                if (w->is_awaited)
                        (void)pthread_cond_signal(&w->idle);
                (void)pthread_cond_wait(&w->work, &w->mutex);
                w->n_idle--;
                w->is_woken = false;
        }

        return TAILQ_FIRST(&w->ready);
}

static bool is_serving(const Worker *worker) {
        return !worker->is_replaced && !worker->has_ended &&
               (!worker->strand || !worker->strand->is_stuck);
}

/* One that hung and has come back goes, or takes the place of one that hangs now. */
static bool is_needed(Worker *me) {
        Worker *other;

        if (!me->is_replaced)
                return true;

        LIST_FOREACH(other, &me->writers->workers, workers)
        if (is_serving(other))
                return false;

        LIST_FOREACH(other, &me->writers->workers, workers)
        other->is_replaced = other != me;
        return true;
}

static void *work(void *userdata) {
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
                        s->is_again = true; /* another thread has it, and has seen it hang */
                else
                        serve(me, s);
        }
        me->has_ended = true;
        (void)pthread_cond_signal(&w->work); /* what it leaves is the other's */
        if (w->is_awaited)
                (void)pthread_cond_signal(&w->idle);
        writers_unlock(w);
        return NULL;
}

/* ---------------------------------------------------------------- in the loop */

static int create_thread(Worker *worker) {
        sigset_t all, before;
        pthread_attr_t attr;
        int r;

        r = pthread_attr_init(&attr);
        if (r != 0)
                return -r;
        r = pthread_attr_setstacksize(&attr, STACK_SIZE);
        if (r == 0) {
                /* Signals are the loop's. */
                (void)sigfillset(&all);
                (void)pthread_sigmask(SIG_SETMASK, &all, &before);
                r = pthread_create(&worker->thread, &attr, work, worker);
                (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        }
        (void)pthread_attr_destroy(&attr);
        if (r == 0)
                (void)pthread_setname_np(worker->thread, "log-writer"); /* for people */
        return -r;
}

/* With the lock: the new thread waits for it. */
static int start_worker(Writers *w) {
        Worker *worker;
        int r;

        worker = calloc(1, sizeof(*worker));
        if (!worker)
                return -ENOMEM;
        worker->writers = w;

        r = create_thread(worker);
        if (r < 0) {
                free(worker);
                return r;
        }

        LIST_INSERT_HEAD(&w->workers, worker, workers);
        w->n_workers++;
        return 0;
}

/* With the lock: those that have come back from where they hung, and were not needed any more. */
static void join_ended(Writers *w) {
        Worker *worker, *next;

        for (worker = LIST_FIRST(&w->workers); worker; worker = next) {
                next = LIST_NEXT(worker, workers);
                if (!worker->has_ended)
                        continue;
                writers_unlock(w);
                (void)pthread_join(worker->thread, NULL); /* all it has to do is to return */
                writers_lock(w);
                LIST_REMOVE(worker, workers);
                w->n_workers--;
                free(worker);
        }
}

static int open_descriptors(Writers *w) {
        struct epoll_event event = { .events = EPOLLIN };

        w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        w->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        w->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        if (w->epoll_fd < 0 || w->event_fd < 0 || w->timer_fd < 0)
                return -errno;

        event.data.fd = w->event_fd;
        if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->event_fd, &event) < 0)
                return -errno;
        event.data.fd = w->timer_fd;
        if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->timer_fd, &event) < 0)
                return -errno;
        return 0;
}

static void init_locks(Writers *w) {
        pthread_condattr_t attr;

        /* None of these can fail on Linux. */
        (void)pthread_mutex_init(&w->mutex, NULL);
        (void)pthread_condattr_init(&attr);
        (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        (void)pthread_cond_init(&w->work, &attr);
        (void)pthread_cond_init(&w->idle, &attr);
        (void)pthread_condattr_destroy(&attr);
}

int writers_new(unsigned n_max, Writers **ret) {
        _cleanup_(writers_freep) Writers *w = NULL;
        int r;

        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        w->n_max = n_max;
        w->epoll_fd = w->event_fd = w->timer_fd = -1;
        TAILQ_INIT(&w->ready);
        TAILQ_INIT(&w->news);
        LIST_INIT(&w->workers);
        init_locks(w);

        r = open_descriptors(w);
        if (r < 0)
                return r;

        /* What a thread allocates is little and short-lived: not worth a heap of its own. */
        (void)mallopt(M_ARENA_MAX, 1);
        writers_lock(w);
        r = start_worker(w);
        writers_unlock(w);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(w);
        return 0;
}

static bool is_at_work(const Writers *w) {
        const Worker *worker;

        LIST_FOREACH(worker, &w->workers, workers)
        if (worker->strand)
                return true;
        return false;
}

Writers *writers_free(Writers *w) {
        Worker *worker;

        if (!w)
                return NULL;

        writers_lock(w);
        w->is_stopping = true;
        (void)pthread_cond_broadcast(&w->work);
        if (is_at_work(w)) {
                writers_unlock(w);
                return NULL; /* the thread needs it when the disk lets it go */
        }
        writers_unlock(w);

        while ((worker = LIST_FIRST(&w->workers))) {
                (void)pthread_join(worker->thread, NULL);
                LIST_REMOVE(worker, workers);
                free(worker);
        }
        while (w->n_spare > 0)
                free(w->spare[--w->n_spare]);
        (void)pthread_mutex_destroy(&w->mutex);
        (void)pthread_cond_destroy(&w->work);
        (void)pthread_cond_destroy(&w->idle);
        safe_close(w->epoll_fd);
        safe_close(w->event_fd);
        safe_close(w->timer_fd);
        free(w);
        return NULL;
}

int writers_get_fd(const Writers *w) {
        return w->epoll_fd;
}

static void look_later(Writers *w) {
        const struct itimerspec when = { .it_value.tv_sec = LOOK_SEC };

        if (w->is_looking)
                return;
        (void)timerfd_settime(w->timer_fd, 0, &when, NULL); /* the time is valid */
        w->is_looking = true;
}

void writers_kick(Writers *w) {
        bool wake, look;
        Strand *first;

        if (!w->was_scheduled)
                return;
        w->was_scheduled = false;

        writers_lock(w);
        first = TAILQ_FIRST(&w->ready);
        wake = first && w->n_idle > 0 && !w->is_woken;
        if (wake)
                w->is_woken = true;
        /* A single strand hangs up nobody but itself, until more is queued. */
        look = first && (!wake || TAILQ_NEXT(first, ready));
        writers_unlock(w);

        if (wake)
                (void)pthread_cond_signal(&w->work);
        if (look)
                look_later(w);
}

static void set_stuck(Strand *s) {
        if (!s->is_stuck) {
                s->is_stuck = true;
                strand_tell(s);
        }
}

/* Has @worker done anything since the last look? */
static bool has_moved(Worker *worker) {
        uint64_t progress = worker->strand->progress;
        bool moved = !worker->is_seen || worker->seen != progress;

        worker->seen = progress;
        worker->is_seen = true;
        return moved;
}

/* With the lock: put another thread in the place of each that hangs. True if anything moves. */
static bool replace_stuck(Writers *w) {
        bool moved = false, served = false;
        Worker *worker;

        LIST_FOREACH(worker, &w->workers, workers) {
                if (!worker->strand) {
                        served |= !worker->is_replaced && !worker->has_ended;
                } else if (has_moved(worker)) {
                        moved = true;
                        served |= !worker->is_replaced;
                } else {
                        set_stuck(worker->strand);
                        if (worker->is_replaced || w->n_workers >= w->n_max)
                                continue;
                        /* Inserted in front: not seen in this round. */
                        worker->is_replaced = start_worker(w) >= 0;
                        served |= worker->is_replaced;
                        moved |= worker->is_replaced;
                }
        }

        if (!served) {
                Strand *s;

                TAILQ_FOREACH(s, &w->ready, ready)
                set_stuck(s);
        }
        return moved;
}

static bool look(Writers *w) {
        bool moved;

        writers_lock(w);
        join_ended(w);
        moved = replace_stuck(w);
        writers_unlock(w);
        return moved;
}

static Strand *take_news(Writers *w) {
        Strand *s;

        writers_lock(w);
        s = TAILQ_FIRST(&w->news);
        if (s) {
                TAILQ_REMOVE(&w->news, s, news);
                s->has_news = false;
        }
        writers_unlock(w);
        return s;
}

void writers_dispatch(Writers *w) {
        uint64_t n;
        Strand *s;

        (void)!read(w->event_fd, &n, sizeof(n)); /* which of the two it is does not matter */
        if (read(w->timer_fd, &n, sizeof(n)) > 0) {
                w->is_looking = false;
                if (look(w))
                        look_later(w);
        }

        while ((s = take_news(w)))
                s->calls->on_news(s);
}

int writers_wait(Writers *w, uint64_t patience_usec) {
        uint64_t waited_usec = 0;
        int r = 0;

        writers_kick(w);
        writers_lock(w);
        w->is_awaited = true;
        while (!TAILQ_EMPTY(&w->ready) || is_at_work(w)) {
                struct timespec when;

                (void)clock_gettime(CLOCK_MONOTONIC, &when);
                when.tv_sec += LOOK_SEC;
                if (pthread_cond_timedwait(&w->idle, &w->mutex, &when) != ETIMEDOUT)
                        continue;

                join_ended(w);
                waited_usec = replace_stuck(w) ? 0 : waited_usec + LOOK_SEC * USEC_PER_SEC;
                if (waited_usec >= patience_usec) {
                        r = -ETIMEDOUT;
                        break;
                }
        }
        w->is_awaited = false;
        writers_unlock(w);
        return r;
}
