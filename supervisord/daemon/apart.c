#include "daemon/apart.h"

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

int run_apart(int (*fn)(void *userdata), void *userdata) {
        Call c = { .fn = fn, .userdata = userdata };
        pthread_t thread;

        if (pthread_create(&thread, NULL, call, &c) != 0)
                return fn(userdata);
        (void)pthread_join(thread, NULL); /* ours, and joined once: nothing can fail */
        return c.result;
}
