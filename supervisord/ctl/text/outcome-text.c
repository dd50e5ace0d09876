/* Lines about outcomes: "web: stopped", "web: ERROR (not running)". */
#include "ctl/text/outcome-text.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "ctl/text/namespec.h"

const char *fault_words(FaultCode code) {
        switch (code) {
        case FAULT_SHUTTING_DOWN:
                return "shutting down";
        case FAULT_NO_SUCH_PROCESS:
                return "no such process";
        case FAULT_NO_SUCH_GROUP:
                return "no such group";
        case FAULT_BAD_SIGNAL:
                return "bad signal name";
        case FAULT_NO_FILE:
                return "no such file";
        case FAULT_NOT_EXECUTABLE:
                return "file is not executable";
        case FAULT_ABNORMAL_TERMINATION:
                return "abnormal termination";
        case FAULT_SPAWN_ERROR:
                return "spawn error";
        case FAULT_ALREADY_STARTED:
                return "already started";
        case FAULT_NOT_RUNNING:
                return "not running";
        case FAULT_ACCESS_DENIED:
                return "access denied";
        case FAULT_TIMEOUT:
                return "timed out";
        case FAULT_CANCELLED:
                return "cancelled";
        default:
                return NULL;
        }
}

static int display_name(const Outcome *o, char **ret) {
        if (*o->name)
                return namespec_join(o->group, o->name, ret);
        *ret = strdup(o->group);
        return *ret ? 0 : -ENOMEM;
}

int outcome_describe(const Outcome *o, const char *failed_word, char **ret) {
        _cleanup_(freep) char *name = NULL;
        const char *words;

        if (display_name(o, &name) < 0)
                return -ENOMEM;
        if (o->error == FAULT_NONE)
                return asprintf(ret, "%s: %s", name, o->done) < 0 ? -ENOMEM : 0;
        words = o->error == FAULT_FAILED ? failed_word : fault_words(o->error);
        if (!words)
                words = *o->message ? o->message : "failed";
        return asprintf(ret, "%s: ERROR (%s)", name, words) < 0 ? -ENOMEM : 0;
}
