/* The listening sockets of a process that is about to run, runs, or is to run again. */
#include "daemon/entry/entry-sockets.h"

#include <errno.h>
#include <string.h>

#include "daemon/entry/entry.h"
#include "daemon/entry/sockets.h"
#include "daemon/entry/supervisor-state.h"
#include "log/log.h"

typedef struct HoldList {
        SocketHold **holds;
        size_t n;
} HoldList;

static void hold_list_done(HoldList *list) {
        for (size_t i = 0; i < list->n; i++)
                listening_drop(list->holds[i]);
        free(list->holds);
        *list = (HoldList){ 0 };
}

void entry_forget_sockets(Entry *entry) {
        HoldList list = { entry->sockets, entry->n_sockets };

        entry->sockets = NULL;
        entry->n_sockets = 0;
        hold_list_done(&list);
}

void entry_settle_sockets(Entry *entry) {
        const Process *p = entry_get_process(entry);
        bool is_down =
                p->phase == PHASE_STOPPED || p->phase == PHASE_EXITED || p->phase == PHASE_FATAL;

        if (is_down && !p->start_due && !p->again)
                entry_forget_sockets(entry);
}

static int hold_one(Sockets *sockets, SocketConfig *config, HoldList *list, StartFailure **reterr) {
        StartFailure failure = { .reason = START_REASON_SOCKET, .subject = config->name };
        _cleanup_(freep) char *why = NULL;
        SocketHold *hold = NULL;
        int r;

        r = sockets_hold(sockets, config, &hold, &why);
        if (r < 0) {
                failure.error = -r;
                failure.detail = why;
                *reterr = start_failure_new(&failure);
                return r;
        }
        list->holds[list->n++] = hold;
        if (r > 0 && config->url)
                log_info("Creating socket %s", config->url);
        else if (r > 0)
                log_info("opened the socket '%s' at last", config->name);
        return 0;
}

/* In the order of the configuration, that of an [fcgi-program:x] last. */
static int
hold_all(Sockets *sockets, const ProcessConfig *config, HoldList *list, StartFailure **reterr) {
        int r = 0;

        list->holds = calloc(config->settings->n_sockets + 1, sizeof(SocketHold *));
        if (!list->holds)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < config->settings->n_sockets; i++)
                r = hold_one(sockets, config->settings->sockets[i], list, reterr);
        if (r >= 0 && config->fcgi_socket)
                r = hold_one(sockets, config->fcgi_socket, list, reterr);
        return r;
}

static void give(const Entry *entry, const ProcessConfig *config, ChildExtras *extras) {
        extras->sockets = entry->sockets;
        if (config->settings->socket_style == SOCKET_STYLE_STDIN)
                extras->stdin_socket = entry->sockets[0];
        else
                extras->n_sockets = config->settings->n_sockets;
        if (config->fcgi_socket)
                extras->stdin_socket = entry->sockets[entry->n_sockets - 1];
}

int entry_prepare_sockets(Entry *entry, ChildExtras *extras, StartFailure **reterr) {
        Sockets *sockets = listening_get_sockets(entry->supervisor->options->listening);
        const ProcessConfig *config = entry_get_process(entry)->config;
        _cleanup_(hold_list_done) HoldList list = { 0 };
        int r;

        if (config->settings->n_sockets > 0 || config->fcgi_socket) {
                r = hold_all(sockets, config, &list, reterr);
                if (r < 0)
                        return r;
        }
        entry_forget_sockets(entry); /* those of the last run: what is the same stays open */
        entry->sockets = TAKE_PTR(list.holds);
        entry->n_sockets = list.n;
        list.n = 0;
        if (entry->n_sockets > 0)
                give(entry, config, extras);
        return 0;
}
