#include "main/loop-thread.h"

#include <pthread.h>
#include <stddef.h>

typedef struct ThreadCall {
        int (*fn)(void *userdata);
        void *userdata;
        int result;
} ThreadCall;

static void *call(void *userdata) {
        ThreadCall *c = userdata;

        c->result = c->fn(c->userdata);
        return NULL;
}

int loop_thread_call(int (*fn)(void *userdata), void *userdata, int *ret) {
        ThreadCall c = { .fn = fn, .userdata = userdata };
        pthread_t thread;
        int r;

        r = pthread_create(&thread, NULL, call, &c);
        if (r != 0)
                return -r;
        (void)pthread_join(thread, NULL); /* ours, and joined once: nothing can fail */
        *ret = c.result;
        return 0;
}
