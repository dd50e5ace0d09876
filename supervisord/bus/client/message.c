#include "bus/client/message.h"

#include <string.h>

#include "base/utf8.h"
#include "protocol/bus-names.h"

const char *message_text(const char *text, char **owned) {
        size_t good;

        *owned = NULL;
        if (!text)
                return "";
        good = utf8_valid_prefix(text);
        if (text[good] == '\0')
                return text;
        *owned = strdup(text);
        if (!*owned)
                return "";
        for (char *p = *owned + good; *p; p += utf8_valid_prefix(p))
                *p = '?';
        return *owned;
}

int append_text(sd_bus_message *m, const char *text) {
        _cleanup_(freep) char *owned = NULL;

        return sd_bus_message_append(m, "s", message_text(text, &owned));
}

int append_texts(sd_bus_message *m, char *const *texts) {
        int r;

        r = sd_bus_message_open_container(m, 'a', "s");
        for (; r >= 0 && texts && *texts; texts++)
                r = append_text(m, *texts);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int append_result(sd_bus_message *m, const OperationResult *result) {
        _cleanup_(freep) char *group = NULL, *name = NULL, *message = NULL;

        return sd_bus_message_append(m, BUS_RESULT, message_text(result->group, &group),
                                     message_text(result->name, &name), result->done, result->error,
                                     message_text(result->message, &message));
}

OperationResult result_of_unknown(const Unknown *unknown) {
        return (OperationResult){
                .group = unknown->group,
                .name = unknown->name,
                .done = "",
                .error = unknown->no_group ? BUS_ERROR_NO_SUCH_GROUP : BUS_ERROR_NO_SUCH_PROCESS,
                .message = "",
        };
}

int append_all_unknown(sd_bus_message *m, const Selection *selection) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < selection->n_unknown; i++) {
                OperationResult result = result_of_unknown(&selection->unknown[i]);

                r = append_result(m, &result);
        }
        return r;
}
