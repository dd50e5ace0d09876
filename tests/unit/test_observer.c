/* Observers of the daemon, without any client of it: who is told what, and until when. */
#include "daemon/entry/observer.h"

#include <criterion/criterion.h>

#include "daemon/entry/supervisor-state.h"

typedef struct Told {
        unsigned n_news, n_removed, n_prospects, n_configurations, n_shutdowns;
        size_t index;
        bool is_ready;
} Told;

static void on_process(void *userdata, size_t index, const ProcessNews *news) {
        Told *told = userdata;

        told->n_news++;
        told->index = index;
        told->is_ready = news->is_ready;
}

static void on_removed(void *userdata, size_t index) {
        ((Told *)userdata)->n_removed++;
}

static void on_prospects(void *userdata) {
        ((Told *)userdata)->n_prospects++;
}

static void on_configuration(void *userdata, const struct GroupChanges *groups) {
        ((Told *)userdata)->n_configurations++;
}

static void on_shutdown(void *userdata, const char *how) {
        ((Told *)userdata)->n_shutdowns += strcmp(how, "fast") == 0;
}

static Observer observer_of(Told *told) {
        return (Observer){
                .process_changed = on_process,
                .process_removed = on_removed,
                .prospects_changed = on_prospects,
                .configuration_changed = on_configuration,
                .shutdown_began = on_shutdown,
                .userdata = told,
        };
}

Test(observer, nobody_has_to_listen) {
        Supervisor s = { 0 };

        supervisor_observe_prospects(&s);
        supervisor_observe_shutdown(&s, "now");
}

Test(observer, each_is_told_what_happened) {
        Told a = { 0 }, b = { 0 };
        Observer first = observer_of(&a), second = observer_of(&b);
        Supervisor s = { 0 };

        supervisor_add_observer(&s, &first);
        supervisor_add_observer(&s, &second);
        supervisor_observe_process(&s, 7,
                                   &(ProcessNews){ .ready_changed = true, .is_ready = true });
        supervisor_observe_removal(&s, 7);
        supervisor_observe_prospects(&s);
        supervisor_observe_configuration(&s, NULL);
        supervisor_observe_shutdown(&s, "fast");

        cr_assert(a.n_news == 1 && a.index == 7 && a.is_ready);
        cr_assert(a.n_removed == 1 && a.n_prospects == 1);
        cr_assert(a.n_configurations == 1 && a.n_shutdowns == 1);
        cr_assert_eq(memcmp(&a, &b, sizeof(a)), 0);
}

Test(observer, that_was_removed_is_told_nothing_more) {
        Told a = { 0 }, b = { 0 };
        Observer first = observer_of(&a), second = observer_of(&b);
        Supervisor s = { 0 };

        supervisor_add_observer(&s, &first);
        supervisor_add_observer(&s, &second);
        supervisor_remove_observer(&s, &first);
        supervisor_observe_prospects(&s);

        cr_assert_eq(a.n_prospects, 0);
        cr_assert_eq(b.n_prospects, 1);
}
