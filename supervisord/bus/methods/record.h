/*
 * What a process looks like to a client: the words and times that properties and lists give. Nobody
 * is asked for anything here: it is put together from what the engine and the daemon know.
 */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "bus/client/connection.h"

/* The engine's side of @entry. */
const Process *entry_process(const Entry *entry);

/* "clearing", "waiting" …, see supervisord-bus(5). */
const char *entry_phase(const Entry *entry);

/* What Python calls spawnerr, or "". *owned is the caller's. */
const char *entry_spawn_error(const Entry *entry, char **owned);

/* "status", "signal", "spawn-failed"; "" for none. */
const char *exit_kind_to_string(ExitKind kind);

/* When something is due for it, as the engine has it; USEC_INFINITY: nothing is. */
uint64_t entry_deadline(const Entry *entry);

/* The file that the stream is logged to, or NULL. */
const char *entry_log_path(const Entry *entry, OutputStream stream);

/* Wall clock for monotonic times: 0 and USEC_INFINITY give 0. */
typedef struct WallClock {
        uint64_t real_usec, monotonic_usec;
} WallClock;
WallClock wall_clock_now(void);
uint64_t wall_clock_of(const WallClock *clock, uint64_t monotonic_usec);

/* Append a BUS_RECORD, or a BUS_STATE. Return >= 0, or -errno. */
int append_record(sd_bus_message *m, const Entry *entry, const WallClock *clock);
int append_state(sd_bus_message *m, const Entry *entry, const WallClock *clock);
