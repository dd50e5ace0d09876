/* Every command, in the order in which the help names them: Python's, then ours. */
#include "ctl/command-table.h"

#include <string.h>

#include "ctl/commands/command-control.h"
#include "ctl/commands/command-events.h"
#include "ctl/commands/command-fg.h"
#include "ctl/commands/command-groups.h"
#include "ctl/commands/command-names.h"
#include "ctl/commands/command-open.h"
#include "ctl/commands/command-plan.h"
#include "ctl/commands/command-restart.h"
#include "ctl/commands/command-shutdown.h"
#include "ctl/commands/command-signal.h"
#include "ctl/commands/command-status.h"
#include "ctl/commands/command-tail.h"
#include "ctl/commands/command-update.h"
#include "ctl/commands/command-wait.h"
#include "ctl/commands/command-why.h"

const Command *const commands[] = {
        &command_add,
        &command_avail,
        &command_clear,
        &command_exit,
        &command_fg,
        &command_maintail,
        &command_open,
        &command_pid,
        &command_quit,
        &command_reload,
        &command_remove,
        &command_reread,
        &command_restart,
        &command_shutdown,
        &command_signal,
        &command_start,
        &command_status,
        &command_stop,
        &command_tail,
        &command_update,
        &command_version,
        &command_disable,
        &command_enable,
        &command_events,
        &command_kill,
        &command_names,
        &command_plan,
        &command_refresh,
        &command_rolling_restart,
        &command_rotate,
        &command_scale,
        &command_wait,
        &command_why,
        NULL,
};

const Command *command_find(const char *name) {
        for (const Command *const *c = commands; *c; c++)
                if (strcmp((*c)->name, name) == 0)
                        return *c;
        return NULL;
}
