#include "daemon/entry/entry.h"

#include "daemon/entry/supervisor-state.h"

const Process *entry_get_process(const Entry *entry) {
        return engine_get(entry->supervisor->engine, entry->index);
}

const char *entry_get_name(const Entry *entry) {
        return entry_get_config(entry)->name;
}

const ProcessConfig *entry_get_config(const Entry *entry) {
        return entry_get_process(entry)->config;
}
