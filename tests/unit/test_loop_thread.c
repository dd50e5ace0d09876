/*
 * A call in a thread of its own; pthread_create() is ours (see --wrap in tests/rules.mk) and fails
 * when told to.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "main/loop-thread.h"

TestSuite(loop_thread, .timeout = 10);

static int create_error;

int __real_pthread_create(pthread_t *thread,
                          const pthread_attr_t *attr,
                          void *(*fn)(void *),
                          void *data);
int __wrap_pthread_create(pthread_t *thread,
                          const pthread_attr_t *attr,
                          void *(*fn)(void *),
                          void *data);

int __wrap_pthread_create(pthread_t *thread,
                          const pthread_attr_t *attr,
                          void *(*fn)(void *),
                          void *data) {
        return create_error != 0 ? create_error : __real_pthread_create(thread, attr, fn, data);
}

static int note_thread(void *userdata) {
        *(pid_t *)userdata = gettid();
        return 7;
}

Test(loop_thread, call_is_made_in_another_thread_of_the_process) {
        pid_t thread = 0;
        int result = 0;

        cr_assert_eq(loop_thread_call(note_thread, &thread, &result), 0);
        cr_expect_eq(result, 7);
        cr_expect_neq(thread, 0);
        cr_expect_neq(thread, gettid());
}

Test(loop_thread, call_is_not_made_where_there_can_be_no_thread) {
        pid_t thread = 0;
        int result = 0;

        create_error = EAGAIN;
        cr_expect_eq(loop_thread_call(note_thread, &thread, &result), -EAGAIN);
        cr_expect_eq(thread, 0);
        cr_expect_eq(result, 0);
}
