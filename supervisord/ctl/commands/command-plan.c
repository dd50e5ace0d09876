/* plan: the order of start and stop, and how long a stop of all may take. */
#include "ctl/commands/command-plan.h"

#include <inttypes.h>

#include "ctl/client/questions.h"
#include "ctl/text/describe.h"
#include "ctl/text/namespec.h"

static void print_step(const PlanStep *step) {
        char grace[DESCRIBE_DURATION_MAX];
        _cleanup_(freep) char *name = NULL;

        if (namespec_join(step->group, step->name, &name) < 0)
                return;
        printf("  %-32s %" PRId64 ":%" PRId64 "  grace %s\n", name, step->group_priority,
               step->priority, describe_duration(step->grace_usec, grace));
}

static void run_plan(Session *s, char **words) {
        _cleanup_(daemon_plan_done) DaemonPlan plan = { 0 };
        char worst[DESCRIBE_DURATION_MAX];

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

const Command command_plan = {
        .name = "plan",
        .takes = TAKES_NOTHING,
        .needs = NEEDS_OPEN,
        .ours = true,
        .run = run_plan,
        .help = "plan\t\t\tShow the order of start and how long a stop of all may take",
};
