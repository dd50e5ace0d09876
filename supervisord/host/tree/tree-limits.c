/*
 * Limits are written into the files of the tree's leaf; a tree without one has none, which is said
 * in words instead of failing the start.
 */
#include "host/tree/tree-limits.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "host/tree/tree-internal.h"

#define CPU_PERIOD_USEC INT64_C(100000) /* the kernel's own choice */
#define CPU_QUOTA_MIN INT64_C(1000)     /* the kernel takes none that is shorter */

/* One limit: the key of the configuration, and where the kernel wants it. */
typedef struct Limit {
        const char *key;
        const char *controller;
        const char *file;
        int64_t value;
} Limit;

static void format_value(const Limit *limit, char *text, size_t size) {
        int64_t quota = limit->value, period = (int64_t)USEC_PER_SEC;

        if (strcmp(limit->controller, "cpu") != 0) {
                (void)snprintf(text, size, "%" PRId64, limit->value);
                return;
        }
        if (quota * CPU_PERIOD_USEC / period >= CPU_QUOTA_MIN) {
                quota = quota * CPU_PERIOD_USEC / period;
                period = CPU_PERIOD_USEC;
        }
        (void)snprintf(text, size, "%" PRId64 " %" PRId64, quota, period);
}

/* The words for a controller that cannot be had, NULL without memory. */
static char *why_no_controller(const Tree *t, const Limit *limit, int error) {
        const char *path = cgroup_get_path(t->trees->cgroup), *c = limit->controller;
        char *text;
        int r;

        switch (error) {
        case -EOPNOTSUPP:
                r = asprintf(&text, "the %s controller is not available in cgroup %s", c, path);
                break;
        case -EBUSY:
                r = asprintf(&text,
                             "the %s controller cannot be enabled, as other processes share the "
                             "cgroup of supervisord",
                             c);
                break;
        default:
                r = asprintf(&text, "the %s controller cannot be enabled in cgroup %s: %s", c, path,
                             strerror(-error));
        }
        return r < 0 ? NULL : text;
}

/* Returns 0; 1 and *ret_why: it has no effect; -errno. */
static int set_limit(Tree *t, const Limit *limit, char **ret_why) {
        Trees *ts = t->trees;
        char text[64];
        int r;

        if (!ts->cgroup) {
                if (asprintf(ret_why, "it needs a control group for the process, but %s",
                             trees_why_no_cgroup(ts)) < 0)
                        *ret_why = NULL;
                return 1;
        }
        r = cgroup_enable(ts->cgroup, limit->controller);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                *ret_why = why_no_controller(t, limit, r);
                return 1;
        }
        format_value(limit, text, sizeof(text));
        return cgroup_leaf_set(ts->cgroup, t->leaf, limit->file, text);
}

static int add_words(Buffer *b, const char *key, const char *why) {
        _cleanup_(freep) char *text = NULL;

        if (asprintf(&text, "%s%s has no effect: %s", b->n > 0 ? "; " : "", key,
                     why ? why : "out of memory") < 0) {
                text = NULL; /* undefined after a failure */
                return -ENOMEM;
        }
        return buffer_append(b, text, strlen(text));
}

int tree_limit(Tree *t, const TreeLimits *limits, char **ret_words) {
        const Limit all[] = {
                { "memory_max", "memory", "memory.max", limits->memory_max },
                { "pids_max", "pids", "pids.max", limits->pids_max },
                { "cpu_max", "cpu", "cpu.max", limits->cpu_max_usec },
        };
        _cleanup_(buffer_done) Buffer words = { 0 };
        int r;

        *ret_words = NULL;
        for (size_t i = 0; i < ELEMENTSOF(all); i++) {
                _cleanup_(freep) char *why = NULL;

                r = all[i].value > 0 ? set_limit(t, all + i, &why) : 0;
                if (r > 0)
                        r = add_words(&words, all[i].key, why);
                if (r < 0) {
                        if (asprintf(ret_words, "couldn't set %s: %s", all[i].key, strerror(-r)) <
                            0)
                                *ret_words = NULL;
                        return r;
                }
        }
        if (words.n == 0)
                return 0;
        *ret_words = TAKE_PTR(words.data);
        return 1;
}
