/* Long operations over an engine whose actions are performed by writing them down. */
#include "bus/client/operation.h"
#include "config/keys/value-dependencies.h"
#include "engine-fixture.h"
#include "protocol/bus-names.h"

TestSuite(operation, .timeout = 10);

typedef struct Told {
        Operation *operation;
        unsigned n_done;
        char text[512];
} Told;

static void on_result(const OperationResult *result, void *userdata) {
        Told *t = userdata;

        (void)snprintf(t->text + strlen(t->text), sizeof(t->text) - strlen(t->text), "%s%s %s%s",
                       *t->text ? ", " : "", result->name, result->done, result->error);
}

static void on_done(void *userdata) {
        Told *t = userdata;

        t->n_done++;
        t->operation = operation_free(t->operation);
}

static void begin(Told *t, OperationRules rules) {
        rules.on_result = on_result;
        rules.on_done = on_done;
        rules.userdata = t;
        cr_assert_eq(operation_new(&rules, &t->operation), 0);
}

static const OperationRules starts = { .target = TARGET_UP, .done = "started" };
static const OperationRules stops = { .target = TARGET_DOWN, .done = "stopped" };
static const OperationRules restarts = { .target = TARGET_DOWN,
                                         .done = "started",
                                         .then_up = true,
                                         .then = TARGET_UP };

static void add_dependent(Fixture *f, const char *name, const char *depends_on) {
        ProcessConfig *c = sample_config(name);
        char *why = NULL;

        cr_assert_eq(dependencies_parse(depends_on, &c->depends_on, &why), 0);
        add(f, c);
        cr_assert_eq(engine_commit(f->engine, f->now), 0);
}

/* What the daemon does with each change of state. */
static void follow(Fixture *f, struct WaiterList *lists, const StartFailure *failure) {
        Action a;

        while (engine_next_action(f->engine, f->now, &a))
                if (a.kind == ACTION_CHANGED)
                        waiters_notify(&lists[a.process], engine_get(f->engine, a.process), a.to,
                                       failure);
}

Test(operation, is_done_when_the_last_of_its_processes_is) {
        FIXTURE(f);
        struct WaiterList lists[2] = { 0 };
        Told t = { 0 };

        add_all(&f, "11");
        begin(&t, starts);
        for (size_t i = 0; i < 2; i++) {
                cr_assert_eq(operation_add(t.operation, &lists[i], engine_get(f.engine, i), true),
                             0);
                engine_start(f.engine, i, f.now);
        }
        follow(&f, lists, NULL);
        cr_expect_str_eq(t.text, "");
        cr_expect_eq(operation_get_pending(t.operation), 2);
        engine_exited(f.engine, 1, exit_failed, false, f.now);
        follow(&f, lists, NULL);
        cr_expect_eq(t.n_done, 0);
        f.now += SEC;
        engine_elapsed(f.engine, f.now);
        follow(&f, lists, NULL);
        cr_expect(strstr(t.text, "a started") != NULL, "%s", t.text);
        cr_expect_eq(t.n_done, 1);
}

Test(operation, a_restart_waits_for_the_end_and_then_for_the_start) {
        FIXTURE(f);
        struct WaiterList lists[1] = { 0 };
        Told t = { 0 };

        add_all(&f, "1");
        run(&f, 0);
        begin(&t, restarts);
        cr_assert_eq(operation_add(t.operation, lists, engine_get(f.engine, 0), false), 0);
        engine_restart(f.engine, 0, f.now);
        follow(&f, lists, NULL);
        cr_expect_str_eq(t.text, "");
        engine_exited(f.engine, 0, exit_term, false, f.now);
        follow(&f, lists, NULL);
        cr_expect_str_eq(t.text, "a stopped");
        f.now += SEC;
        engine_elapsed(f.engine, f.now);
        follow(&f, lists, NULL);
        cr_expect_str_eq(t.text, "a stopped, a started");
        cr_expect_eq(t.n_done, 1);
}

Test(operation, says_why_a_process_cannot_be_started) {
        static const struct {
                StartFailure failure;
                const char *name;
        } cases[] = {
                { { .reason = START_REASON_NOT_FOUND }, BUS_ERROR_NO_FILE },
                { { .reason = START_REASON_NOT_EXECUTABLE }, BUS_ERROR_NOT_EXECUTABLE },
                { { .reason = START_REASON_IS_DIRECTORY }, BUS_ERROR_NOT_EXECUTABLE },
                { { .reason = START_REASON_NO_PERMISSION }, BUS_ERROR_NOT_EXECUTABLE },
                { { .reason = START_REASON_SYSTEM, .error = EMFILE }, BUS_ERROR_SPAWN_ERROR },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                cr_expect_str_eq(start_failure_name(&cases[i].failure), cases[i].name);
        cr_expect_str_eq(start_failure_name(NULL), BUS_ERROR_SPAWN_ERROR);
}

Test(operation, somebody_who_wants_the_opposite_ends_the_wait) {
        FIXTURE(f);
        struct WaiterList lists[2] = { 0 };
        Told t = { 0 };

        add_all(&f, "12");
        run(&f, 0);
        run(&f, 1);
        begin(&t, stops);
        engine_stop(f.engine, 1, f.now);
        engine_stop(f.engine, 0, f.now); /* its turn comes when b is down */
        cr_assert_eq(operation_add(t.operation, &lists[0], engine_get(f.engine, 0), false), 0);
        follow(&f, lists, NULL);
        engine_start(f.engine, 0, f.now); /* taken back before that */
        waiters_notify(&lists[0], engine_get(f.engine, 0), STATE_RUNNING, NULL);
        cr_expect_str_eq(t.text, "a Failed");
        cr_expect_eq(t.n_done, 1);
}

/* "a" has exited at once, and its restart waits. What does @rules say to its next start? */
static Told told_of_pause(OperationRules rules) {
        FIXTURE(f);
        struct WaiterList lists[1] = { 0 };
        Told t = { 0 };

        add_all(&f, "1");
        config_of(&f, 0)->settings->startsecs_usec = 0;
        config_of(&f, 0)->settings->readiness.kind = READINESS_NOTIFY;
        start(&f, 0);
        begin(&t, rules);
        cr_assert_eq(operation_add(t.operation, lists, engine_get(f.engine, 0), true), 0);
        engine_exited(f.engine, 0, exit_failed, false, f.now);
        follow(&f, lists, NULL);
        passes(&f, SEC);
        engine_ready(f.engine, 0, f.now);
        waiters_notify(lists, engine_get(f.engine, 0), STATE_RUNNING, NULL);
        cr_expect_eq(t.n_done, 1);
        return t;
}

Test(operation, only_a_patient_one_waits_for_a_restart_that_comes_by_itself) {
        OperationRules rules = { .target = TARGET_READY, .done = "started" };

        cr_expect_str_eq(told_of_pause(rules).text, "a AbnormalTermination");
        rules.patient = true;
        cr_expect_str_eq(told_of_pause(rules).text, "a started");
}

/* It goes on waiting, but whoever wants to know hears of it; who is patient does not. */
Test(operation, one_that_waits_for_what_is_not_coming_has_failed_to_start) {
        FIXTURE(f);
        struct WaiterList lists[2] = { 0 };
        Told t = { 0 }, patient = { 0 };
        OperationRules waits = { .target = TARGET_UP, .done = "running", .patient = true };

        add_all(&f, "1");
        add_dependent(&f, "b", "a");
        begin(&t, starts);
        begin(&patient, waits);
        cr_assert_eq(operation_add(t.operation, &lists[1], engine_get(f.engine, 1), true), 0);
        cr_assert_eq(operation_add(patient.operation, &lists[1], engine_get(f.engine, 1), true), 0);
        engine_start(f.engine, 1, f.now); /* and the other with it */
        follow(&f, lists, NULL);
        waiters_notify(&lists[1], engine_get(f.engine, 1), STATE_STOPPED, NULL);
        cr_expect_str_eq(t.text, "", "the other is on its way");
        engine_stop(f.engine, 0, f.now);
        engine_exited(f.engine, 0, exit_term, false, f.now);
        follow(&f, lists, NULL);
        waiters_notify(&lists[1], engine_get(f.engine, 1), STATE_STOPPED, NULL);
        cr_expect_str_eq(t.text, "b SpawnError");
        cr_expect_str_eq(patient.text, "");
        engine_start(f.engine, 0, f.now);
        follow(&f, lists, NULL);
        cr_expect_str_eq(patient.text, "");
        patient.operation = operation_free(patient.operation);
}

Test(operation, what_vanishes_is_stopped_but_never_starts) {
        FIXTURE(f);
        struct WaiterList list = { 0 };
        Told stop_told = { 0 }, start_told = { 0 };

        add_all(&f, "1");
        begin(&stop_told, stops);
        begin(&start_told, starts);
        cr_assert_eq(operation_add(stop_told.operation, &list, engine_get(f.engine, 0), false), 0);
        cr_assert_eq(operation_add(start_told.operation, &list, engine_get(f.engine, 0), false), 0);
        waiters_drop(&list, engine_get(f.engine, 0));
        cr_expect_str_eq(stop_told.text, "a stopped");
        cr_expect_str_eq(start_told.text, "a NoSuchProcess");
        cr_expect(LIST_EMPTY(&list));
}

Test(operation, that_is_given_up_tells_of_all_who_are_awaited_and_of_nobody_later) {
        FIXTURE(f);
        struct WaiterList lists[1] = { 0 };
        Told t = { 0 };

        add_all(&f, "1");
        begin(&t, starts);
        cr_assert_eq(operation_add(t.operation, lists, engine_get(f.engine, 0), true), 0);
        operation_give_up(t.operation, BUS_ERROR_TIMEOUT, "");
        cr_expect_str_eq(t.text, "a Timeout");
        cr_expect(LIST_EMPTY(lists));
        cr_expect_eq(t.n_done, 0);
        t.operation = operation_free(t.operation);
}

Test(operation, that_is_freed_leaves_no_trace) {
        FIXTURE(f);
        struct WaiterList lists[1] = { 0 };
        Told t = { 0 };

        add_all(&f, "1");
        begin(&t, starts);
        cr_assert_eq(operation_add(t.operation, lists, engine_get(f.engine, 0), true), 0);
        t.operation = operation_free(t.operation);
        cr_expect(LIST_EMPTY(lists));
        engine_start(f.engine, 0, f.now);
        follow(&f, lists, NULL);
        cr_expect_str_eq(t.text, "");
}
