/*
 * The engine in a virtual world, run after run. Each run is a function of its seed; a run that
 * breaks a rule is cut down to the orders that matter, printed, and ends the program with status 1.
 *
 *   sim [--seed N] [--runs N] [--seconds N] [--steps N] [--skip A,B,…] [--trace]
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

typedef struct Options {
        uint64_t seed;
        uint64_t n_runs;
        uint64_t seconds;
        unsigned n_steps;
        bool skip[MAX_STEPS];
        bool trace;
} Options;

typedef struct Totals {
        uint64_t n_runs, n_events, n_actions;
        size_t most_actions;
} Totals;

static double seconds_by(clockid_t clock) {
        struct timespec t;

        (void)clock_gettime(clock, &t); /* cannot fail with the clocks that are asked for */
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A run takes milliseconds: one that does not end within this is broken, too. */
#define RUN_LIMIT_SECONDS 60

static volatile uint64_t running_seed; /* for on_alarm() */

static void on_alarm(int signo) {
        /* The engine hangs: there is no state that a late printf() could disturb. */
        /* NOLINTNEXTLINE(bugprone-signal-handler) */
        printf("seed %" PRIu64 ": a call of the engine does not come back\n", running_seed);
        (void)fflush(stdout); /* NOLINT(bugprone-signal-handler) */
        _exit(1);
}

static Outcome run_with(const Options *o, uint64_t seed, unsigned n_steps, bool trace) {
        WorldRun run = { .seed = seed, .n_steps = n_steps, .skip = o->skip, .trace = trace };

        running_seed = seed;
        (void)alarm(RUN_LIMIT_SECONDS); /* the time that is left of the run before */
        return world_run(&run);
}

/* Leave out every order without which the same rule is still broken. Returns the steps needed. */
static unsigned cut_down(Options *o, uint64_t seed, Outcome broken) {
        bool acted[MAX_STEPS] = {}, fewer;
        WorldRun run = { .seed = seed, .n_steps = MAX_STEPS, .skip = o->skip, .acted = acted };
        unsigned n_steps = world_run(&run).step;

        do { /* one order less may lead to another elsewhere, which is left out in the next turn */
                fewer = false;
                for (unsigned s = n_steps; s-- > 0;) {
                        Outcome without;

                        if (!acted[s] || o->skip[s])
                                continue;
                        o->skip[s] = true;
                        without = run_with(o, seed, MAX_STEPS, /* trace= */ false);
                        if (strcmp(without.broken, broken.broken) == 0) {
                                n_steps = without.step;
                                fewer = true;
                        } else
                                o->skip[s] = false;
                }
                if (fewer)
                        n_steps = world_run(&run).step;
        } while (fewer);
        return n_steps;
}

static void report(Options *o, uint64_t seed, Outcome broken) {
        unsigned n_steps;
        const char *comma = "";

        printf("seed %" PRIu64 ": %s at step %u\n", seed, broken.broken, broken.step - 1);
        n_steps = cut_down(o, seed, broken);
        (void)run_with(o, seed, n_steps, /* trace= */ true); /* the outcome is known */

        printf("replay: %s --seed %" PRIu64 " --steps %u --trace", program_invocation_name, seed,
               n_steps);
        for (unsigned s = 0; s < n_steps; s++)
                if (o->skip[s]) {
                        printf("%s%u", *comma ? comma : " --skip ", s);
                        comma = ",";
                }
        putchar('\n');
}

static bool simulate(Options *o, Totals *t) {
        double start = seconds_by(CLOCK_MONOTONIC);
        uint64_t seed = o->seed;

        for (; t->n_runs < o->n_runs; seed++) {
                Outcome outcome = run_with(o, seed, o->n_steps, o->trace);

                t->n_runs++;
                t->n_events += outcome.n_events;
                t->n_actions += outcome.n_actions;
                t->most_actions = MAX(t->most_actions, outcome.most_actions);
                if (outcome.broken[0] != '\0') {
                        if (!o->trace)
                                report(o, seed, outcome);
                        return false;
                }
                if (o->seconds > 0 && t->n_runs % 64 == 0 &&
                    seconds_by(CLOCK_MONOTONIC) - start >= (double)o->seconds)
                        break;
        }
        return true;
}

static bool parse_number(const char *text, uint64_t *ret) {
        char *end;

        errno = 0;
        *ret = strtoull(text, &end, 10);
        return errno == 0 && end != text && *end == '\0' && text[0] != '-';
}

static bool parse_skip(Options *o, char *text) {
        for (char *save, *word = strtok_r(text, ",", &save); word;
             word = strtok_r(NULL, ",", &save)) {
                uint64_t step;

                if (!parse_number(word, &step) || step >= MAX_STEPS)
                        return false;
                o->skip[step] = true;
        }
        return true;
}

static bool parse_options(int argc, char **argv, Options *o) {
        static const struct option options[] = {
                { "seed", required_argument, NULL, 's' },
                { "runs", required_argument, NULL, 'r' },
                { "steps", required_argument, NULL, 'n' },
                { "seconds", required_argument, NULL, 'd' },
                { "skip", required_argument, NULL, 'k' },
                { "trace", no_argument, NULL, 't' },
                {},
        };
        uint64_t number;
        bool has_runs = false;
        int c;

        while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
                if (c == '?')
                        return false;
                if (c == 't')
                        o->trace = true;
                else if (c == 'k' ? !parse_skip(o, optarg) : !parse_number(optarg, &number))
                        return false;
                switch (c) {
                case 's':
                        o->seed = number;
                        break;
                case 'r':
                        o->n_runs = number;
                        has_runs = true;
                        break;
                case 'n':
                        o->n_steps = (unsigned)MIN(number, MAX_STEPS);
                        break;
                case 'd':
                        o->seconds = number;
                        break;
                default:
                        break;
                }
        }
        if (!has_runs)
                o->n_runs = o->trace ? 1 : o->seconds > 0 ? UINT64_MAX : 20000;
        return optind == argc;
}

int main(int argc, char **argv) {
        Options o = { .seed = (uint64_t)time(NULL) * 1000, .n_steps = MAX_STEPS };
        Totals t = {};
        double seconds;
        bool ok;

        if (!parse_options(argc, argv, &o)) {
                fprintf(stderr, "usage: sim [--seed N] [--runs N] [--seconds N] [--steps N]"
                                " [--skip A,B,...] [--trace]\n");
                return 2;
        }
        (void)signal(SIGALRM, on_alarm);
        ok = simulate(&o, &t);
        (void)alarm(0);
        seconds = seconds_by(CLOCK_PROCESS_CPUTIME_ID); /* the machine may have other work */
        printf("seeds %" PRIu64 "..%" PRIu64 ": %" PRIu64 " events, %" PRIu64
               " actions (at most %zu of one process at once) in %.1f s of CPU, %.2f million events/s%s\n",
               o.seed, o.seed + t.n_runs - 1, t.n_events, t.n_actions, t.most_actions, seconds,
               (double)t.n_events / seconds / 1e6, ok ? "" : ": A RULE WAS BROKEN");
        return ok ? 0 : 1;
}
