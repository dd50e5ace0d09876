/* What an [eventlistener:x] has beside its processes. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "config/load/group.h"
#include "config/load/plugin.h"
#include "config/text/list.h"
#include "config/text/suggest.h"

static const char *const event_names[] = {
        "EVENT",
        "PROCESS_COMMUNICATION",
        "PROCESS_COMMUNICATION_STDERR",
        "PROCESS_COMMUNICATION_STDOUT",
        "PROCESS_GROUP",
        "PROCESS_GROUP_ADDED",
        "PROCESS_GROUP_REMOVED",
        "PROCESS_LOG",
        "PROCESS_LOG_STDERR",
        "PROCESS_LOG_STDOUT",
        "PROCESS_STATE",
        "PROCESS_STATE_BACKOFF",
        "PROCESS_STATE_EXITED",
        "PROCESS_STATE_FATAL",
        "PROCESS_STATE_RUNNING",
        "PROCESS_STATE_STARTING",
        "PROCESS_STATE_STOPPED",
        "PROCESS_STATE_STOPPING",
        "PROCESS_STATE_UNKNOWN",
        "REMOTE_COMMUNICATION",
        "SUPERVISOR_STATE_CHANGE",
        "SUPERVISOR_STATE_CHANGE_RUNNING",
        "SUPERVISOR_STATE_CHANGE_STOPPING",
        "TICK",
        "TICK_3600",
        "TICK_5",
        "TICK_60",
};

static bool is_event(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(event_names); i++)
                if (strcmp(event_names[i], name) == 0)
                        return true;
        return false;
}

static int
unknown_event(Loader *l, const TextSection *section, const TextOption *option, const char *name) {
        const char *best = NULL;

        for (size_t i = 0; i < ELEMENTSOF(event_names); i++)
                best = suggest_closer(name, best, event_names[i]);
        if (best)
                return loader_error(l, section, option, "there is no event %s; did you mean %s?",
                                    name, best);
        return loader_error(l, section, option,
                            "there is no event '%s'; write names such as PROCESS_STATE or "
                            "TICK_60, separated by commas",
                            name);
}

static bool contains(char *const *list, const char *name) {
        for (; list && *list; list++)
                if (strcmp(*list, name) == 0)
                        return true;
        return false;
}

static int add_events(Loader *l, GroupConfig *g, const TextSection *section, const char *list) {
        const TextOption *option = loader_option(l, section, "events");
        int r = 0;

        while (r == 0 && list) {
                _cleanup_(freep) char *name = NULL;

                r = next_list_item(&list, &name);
                if (r < 0)
                        return r;
                for (char *p = name; *p; p++)
                        *p = (char)toupper((unsigned char)*p);
                if (!is_event(name))
                        r = unknown_event(l, section, option, name);
                else if (!contains(g->events, name))
                        r = strv_extend(&g->events, name);
        }
        strv_sort(g->events);
        return r;
}

static int load_events(Loader *l, GroupConfig *g, const TextSection *section) {
        const TextOption *option = loader_option(l, section, "events");
        _cleanup_(freep) char *text = NULL;
        int r;

        if (option) {
                r = loader_expand(l, section, option, &l->common, &text);
                if (r <= 0)
                        return r;
        }
        if (!text || !*text)
                return loader_error(l, section, option,
                                    "events is missing; name the events to listen to, such "
                                    "as events = PROCESS_STATE");
        return add_events(l, g, section, text);
}

static int load_buffer_size(Loader *l, GroupConfig *g, const TextSection *section) {
        const Key *key = key_find(SECTION_EVENTLISTENER, "buffer_size");
        _cleanup_(freep) char *text = NULL, *why = NULL;
        int r;

        r = loader_get(l, section, key, &l->common, &text);
        if (r <= 0)
                return r;
        r = key_store(key, text, g, &l->rules, &why);
        if (r == -EINVAL)
                return loader_error(l, section, loader_option(l, section, key->name), "%s", why);
        if (r == 0 && g->buffer_size < 1)
                return loader_error(l, section, loader_option(l, section, key->name),
                                    "must be at least 1; leave it out for 10");
        return r;
}

static int check_redirection(Loader *l, const TextSection *section) {
        const TextOption *option = loader_option(l, section, "redirect_stderr");
        _cleanup_(freep) char *text = NULL;
        ProcessSettings settings = { 0 };
        ProcessConfig scratch = { .settings = &settings };
        _cleanup_(freep) char *why = NULL;
        int r;

        if (!option)
                return 0;
        r = loader_expand(l, section, option, &l->common, &text);
        if (r <= 0)
                return r;
        r = key_store(key_find(SECTION_EVENTLISTENER, "redirect_stderr"), text, &scratch, &l->rules,
                      &why);
        if (r == -EINVAL)
                return loader_error(l, section, option, "%s", why);
        if (r == 0 && settings.redirect_stderr)
                return loader_error(l, section, option,
                                    "would mix errors into the listener's protocol; leave it out");
        return r;
}

int group_load_listener(Loader *l, GroupConfig *g, const TextSection *section) {
        const Key *key = key_find(SECTION_EVENTLISTENER, "result_handler");
        int r;

        r = load_events(l, g, section);
        if (r >= 0)
                r = load_buffer_size(l, g, section);
        if (r >= 0)
                r = check_redirection(l, section);
        if (r >= 0)
                r = loader_get(l, section, key, &l->common, &g->result_handler);
        if (r > 0 && !is_python_spec(g->result_handler))
                r = loader_error(l, section, loader_option(l, section, key->name),
                                 "'%s' names no Python code; write module:function",
                                 g->result_handler);
        return r < 0 ? r : 0;
}
