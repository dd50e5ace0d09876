/* plan: the order of start and stop. */
#include <inttypes.h>

#include "ctl/command.h"
#include "ctl/describe.h"
#include "ctl/namespec.h"
#include "ctl/words.h"

static void print_step(const PlanStep *step) {
        char grace[DESCRIBE_DURATION_MAX];
        _cleanup_(freep) char *name = NULL;

        if (namespec_join(step->group, step->name, &name) < 0)
                return;
        printf("  %-32s %" PRId64 ":%" PRId64 "  grace %s\n", name, step->group_priority,
               step->priority, describe_duration(step->grace_usec, grace));
}

void command_plan(Session *s, char **words) {
        _cleanup_(plan_done) Plan plan = { 0 };
        char worst[DESCRIBE_DURATION_MAX];

        if (!words_expect_none(s, words, "plan") || !session_open(s))
                return;
        if (client_plan(s->client, &plan) < 0) {
                session_report(s);
                return;
        }
        puts("Started in this order, stopped in the reverse, together within a wave:");
        for (size_t i = 0; i < plan.n; i++) {
                if (i == 0 || plan.items[i].wave != plan.items[i - 1].wave)
                        printf("wave %u\n", plan.items[i].wave);
                print_step(&plan.items[i]);
        }
        printf("A stop of all may take %s.\n", describe_duration(plan.worst_usec, worst));
}
