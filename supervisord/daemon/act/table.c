/*
 * The entries of the table, one for each process of the engine at the same index. It makes and
 * frees them; what is in them belongs to the files of entry/.
 */
#include "daemon/act/table.h"

#include <errno.h>

#include "daemon/act/remembered.h"
#include "daemon/entry/child-notify.h"
#include "daemon/entry/entry-sockets.h"
#include "daemon/entry/health-check.h"
#include "daemon/entry/history.h"
#include "daemon/entry/hook.h"
#include "daemon/entry/main-process.h"
#include "daemon/entry/ready-check.h"
#include "daemon/entry/supervisor-state.h"

static Entry *entry_free(Entry *entry) {
        if (!entry)
                return NULL;
        entry_stop_finding_main(entry);
        entry_forget_readiness(entry);
        entry_forget_sockets(entry);
        hook_free(entry->hook);
        hook_free(entry->reload);
        entry_forget_notify(entry);
        entry_forget_health(entry);
        child_free(entry->child);
        history_done(&entry->history);
        free(entry->start_failure);
        free(entry);
        return NULL;
}
DEFINE_CLEANUP(Entry, entry_free);

static int reserve_entries(Supervisor *s, size_t n) {
        Entry **entries;
        size_t wanted;

        if (n <= s->n_entries)
                return 0;
        wanted = MAX(n, 2 * s->n_entries);
        /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
        entries = reallocarray(s->entries, wanted, sizeof(*entries));
        if (!entries)
                return -ENOMEM;
        for (size_t i = s->n_entries; i < wanted; i++)
                entries[i] = NULL;
        s->entries = entries;
        s->n_entries = wanted;
        return 0;
}

int supervisor_add(Supervisor *s, ProcessConfig *config, size_t *ret_index) {
        _cleanup_(entry_freep) Entry *entry = NULL;
        size_t index;
        int r;

        entry = calloc(1, sizeof(*entry));
        if (!entry)
                return -ENOMEM;
        entry->supervisor = s;

        r = child_new(s->host, entry, &entry->child);
        if (r >= 0)
                r = reserve_entries(s, engine_size(s->engine) + 1);
        if (r >= 0)
                r = engine_add(s->engine, config, &index);
        if (r < 0)
                return r;

        engine_set_disabled(s->engine, index,
                            remembered_is_disabled(s->remembered, config->group, config->name));
        entry->index = index;
        s->entries[index] = TAKE_PTR(entry);
        *ret_index = index;
        return 0;
}

void supervisor_drop(Supervisor *s, size_t index) {
        s->entries[index] = entry_free(s->entries[index]);
}

void supervisor_drop_all(Supervisor *s) {
        for (size_t i = 0; i < s->n_entries; i++)
                supervisor_drop(s, i);
        free(s->entries);
}
