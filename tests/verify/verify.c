/*
 * Model checking: the real engine in every state that a scenario can come to.
 *
 *   verify [--quick] [--list] [--most STATES] [SCENARIO...]
 *
 * One line for each scenario; the way to a broken rule is printed before it. The exit status is 1
 * if one was broken, or a scenario is larger than STATES.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "explore.h"
#include "scenarios.h"

typedef struct Options {
        bool quick, list;
        size_t most;
        char *const *names; /* up to a NULL; none: all */
} Options;

static bool parse_options(int argc, char **argv, Options *ret) {
        static const struct option options[] = {
                { "quick", no_argument, NULL, 'q' },
                { "list", no_argument, NULL, 'l' },
                { "most", required_argument, NULL, 'm' },
                {},
        };
        char *end;
        int c;

        *ret = (Options){ .most = 20 * 1000 * 1000 };
        while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
                switch (c) {
                case 'q':
                        ret->quick = true;
                        break;
                case 'l':
                        ret->list = true;
                        break;
                case 'm':
                        errno = 0;
                        ret->most = strtoull(optarg, &end, 10);
                        if (errno != 0 || end == optarg || *end != '\0')
                                return false;
                        break;
                default:
                        return false;
                }
        ret->names = argv + optind;
        return true;
}

static bool is_wanted(const Options *o, const Scenario *s) {
        if (!o->names[0])
                return !o->quick || s->is_quick;
        for (char *const *name = o->names; *name; name++)
                if (strcmp(*name, s->name) == 0)
                        return true;
        return false;
}

static double cpu_seconds(void) {
        struct timespec t;

        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* cannot fail */
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool run(const Options *o, const Scenario *s) {
        double start = cpu_seconds();
        Result r = explore(s, o->most);
        bool ok = !r.broken && r.is_whole;

        printf("%s  verify::%s  %zu states, %zu transitions, depth %zu, %zu compared, %.1f s, %.0f MB%s%s\n",
               ok ? "ok  " : "FAIL", s->name, r.n_states, r.n_transitions, r.depth, r.n_compared,
               cpu_seconds() - start, (double)r.n_bytes / 1e6, ok ? "" : ": ",
               r.broken      ? r.broken
               : !r.is_whole ? "more states than may be"
                             : "");
        (void)fflush(stdout); /* what cannot be written is not worth a failure */
        return ok;
}

int main(int argc, char **argv) {
        unsigned n_passed = 0, n_failed = 0;
        Options o;

        if (!parse_options(argc, argv, &o)) {
                fprintf(stderr, "usage: verify [--quick] [--list] [--most STATES] [SCENARIO...]\n");
                return 2;
        }
        for (size_t k = 0; k < n_scenarios; k++) {
                if (!is_wanted(&o, &scenarios[k]))
                        continue;
                if (o.list)
                        puts(scenarios[k].name);
                else if (run(&o, &scenarios[k]))
                        n_passed++;
                else
                        n_failed++;
        }
        if (!o.list)
                printf("%u passed, %u failed, 0 skipped\n", n_passed, n_failed);
        return n_failed > 0;
}
