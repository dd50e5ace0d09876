#include "main/apart.h"

#include <pthread.h>
#include <stddef.h>

typedef struct Call {
        int (*fn)(void *userdata);
        void *userdata;
        int result;
} Call;

static void *call(void *userdata) {
        Call *c = userdata;

        c->result = c->fn(c->userdata);
        return NULL;
}

int run_apart(int (*fn)(void *userdata), void *userdata, int *ret) {
        Call c = { .fn = fn, .userdata = userdata };
        pthread_t thread;
        int r;

        r = pthread_create(&thread, NULL, call, &c);
        if (r != 0)
                return -r;
        (void)pthread_join(thread, NULL); /* ours, and joined once: nothing can fail */
        *ret = c.result;
        return 0;
}
