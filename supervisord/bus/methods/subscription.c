#include "bus/methods/subscription.h"

#include "bus/client/connection.h"
#include "bus/client/message.h"
#include "daemon/entry/history.h"

int append_recent(sd_bus_message *m, const void *what) {
        const RecentChange *recent = what;
        const StateChange *change = &recent->change;
        _cleanup_(freep) char *words = NULL, *owned = NULL, *group = NULL, *name = NULL;
        int r;

        r = change_describe(change, &words);
        if (r < 0)
                return r;
        return sd_bus_message_append(m, RECENT_FIELDS, change->sequence, change->usec,
                                     message_text(recent->config->group, &group),
                                     message_text(recent->config->name, &name),
                                     process_state_to_string(change->from),
                                     process_state_to_string(change->to),
                                     cause_to_string(change->cause), (uint32_t)change->pid,
                                     message_text(words, &owned));
}

int method_get_events(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const RecentChanges *recents = &((Connection *)userdata)->clients->recent;
        bool complete = recents->n < RECENT_MAX;
        uint64_t since;
        int r;

        r = sd_bus_message_read(m, "t", &since);
        if (r >= 0)
                r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(" RECENT_FIELDS ")");
        for (size_t i = 0; r >= 0 && i < recents->n; i++) {
                const RecentChange *recent = recent_get(recents, i);

                if (recent->change.sequence <= since) {
                        complete = true;
                        continue;
                }
                r = sd_bus_message_open_container(reply, 'r', RECENT_FIELDS);
                if (r >= 0)
                        r = append_recent(reply, recent);
                if (r >= 0)
                        r = sd_bus_message_close_container(reply);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_message_append(reply, "b", complete);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int method_subscribe(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Connection *c = userdata;

        c->subscribed = true;
        return sd_bus_reply_method_return(m, "t", c->supervisor->news.sequence);
}

int method_unsubscribe(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        ((Connection *)userdata)->subscribed = false;
        return sd_bus_reply_method_return(m, "");
}
