/*
 * Part of the writers (writers.h): the loop's side. It starts threads, wakes them, looks whether
 * they still move and replaces those that hang, and passes on what they tell.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>

#include "log/writers-private.h"

/* A thread needs little, and pages of its stack that it does not touch cost nothing. */
#define STACK_SIZE ((size_t)256 * 1024)

/* How often progress is looked at while a thread is busy and others wait. */
#define LOOK_SEC 1

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
                r = pthread_create(&worker->thread, &attr, writers_serve, worker);
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

/* With the lock: free the threads that have ended, as they hung and were replaced meanwhile. */
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

        /*
         * Not a condition variable: a thread that is woken through a pipe runs on the CPU of the
         * thread that woke it, which is the loop and soon sleeps. A futex may put it on a CPU
         * behind a program that writes at full speed, where it waits for milliseconds.
         */
        if (pipe2(w->work_fds, O_CLOEXEC) < 0)
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
        w->epoll_fd = w->event_fd = w->timer_fd = w->work_fds[0] = w->work_fds[1] = -1;
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

        LIST_FOREACH(worker, &w->workers, workers) {
                if (worker->strand)
                        return true;
        }
        return false;
}

Writers *writers_free(Writers *w) {
        Worker *worker;

        if (!w)
                return NULL;

        writers_lock(w);
        w->is_stopping = true;
        LIST_FOREACH(worker, &w->workers, workers) {
                (void)writers_wake(w);
        }
        /* Closing the pipe wakes those that were not woken so, unless a child that has not reached
         * its program yet holds the other end as well. */
        w->work_fds[1] = safe_close(w->work_fds[1]);
        if (is_at_work(w)) {
                writers_unlock(w);
                return NULL; /* the thread needs all this when its disk answers, if ever */
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
        (void)pthread_cond_destroy(&w->idle);
        safe_close(w->epoll_fd);
        safe_close(w->event_fd);
        safe_close(w->timer_fd);
        safe_close(w->work_fds[0]);
        safe_close(w->work_fds[1]);
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

static void set_nobody_woken(Writers *w) {
        writers_lock(w);
        w->is_woken = false;
        writers_unlock(w);
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
        /* A strand that is alone holds up no other, until more is queued. */
        look = first && (!wake || TAILQ_NEXT(first, ready));
        writers_unlock(w);

        if (wake && !writers_wake(w)) {
                set_nobody_woken(w);
                look = true;
        }
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

                TAILQ_FOREACH(s, &w->ready, ready) {
                        set_stuck(s);
                }
        }
        return moved;
}

/* With the lock: wake a thread where that could not be done at once. False if it still cannot. */
static bool wake_idle(Writers *w) {
        if (TAILQ_EMPTY(&w->ready) || w->n_idle == 0 || w->is_woken)
                return true;
        w->is_woken = writers_wake(w);
        return w->is_woken;
}

/* Look after the threads; true if that is needed again later. */
static bool check_progress(Writers *w) {
        bool more;

        writers_lock(w);
        join_ended(w);
        more = replace_stuck(w);
        more |= !wake_idle(w);
        writers_unlock(w);
        return more;
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

        (void)!read(w->event_fd, &n, sizeof(n)); /* or it was the timer */
        if (read(w->timer_fd, &n, sizeof(n)) > 0) {
                w->is_looking = false;
                if (check_progress(w))
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
                (void)wake_idle(w); /* else after the next wait */
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
