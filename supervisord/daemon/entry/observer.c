#include "daemon/entry/observer.h"

#include "daemon/entry/supervisor-state.h"

/* Call a function of each observer of @s. */
#define TELL(s, function, ...)                                         \
        do {                                                           \
                const Observer *o_;                                    \
                                                                       \
                LIST_FOREACH(o_, &(s)->news.observers, others)         \
                o_->function(o_->userdata __VA_OPT__(, ) __VA_ARGS__); \
        } while (0)

void supervisor_observe_process(const Supervisor *s, size_t index, const ProcessNews *news) {
        TELL(s, process_changed, index, news);
}

void supervisor_observe_removal(const Supervisor *s, size_t index) {
        TELL(s, process_removed, index);
}

void supervisor_observe_prospects(const Supervisor *s) {
        TELL(s, prospects_changed);
}

void supervisor_observe_configuration(const Supervisor *s, const struct GroupChanges *groups) {
        TELL(s, configuration_changed, groups);
}

void supervisor_observe_shutdown(const Supervisor *s, const char *how) {
        TELL(s, shutdown_began, how);
}

void supervisor_add_observer(Supervisor *s, Observer *o) {
        LIST_INSERT_HEAD(&s->news.observers, o, others);
}

void supervisor_remove_observer(Supervisor *s, Observer *o) {
        LIST_REMOVE(o, others);
}
