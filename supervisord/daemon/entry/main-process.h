/*
 * The main process of a program that forks itself into the background, or that names another
 * process as its main one.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

typedef struct Entry Entry;
typedef struct Supervisor Supervisor;

/* The starter of a forking program has gone: find its main process, or wait for it.
 */
void entry_find_main(Entry *entry);

/* Nobody waits for @entry's main process any more. */
void entry_stop_finding_main(Entry *entry);

/*
 * It was told that @pid is the main process of @entry: it is from now on, or when
 * it can be, or never.
 */
void entry_announce_main(Entry *entry, pid_t pid);

/*
 * The main process of @entry was reaped; if another was announced that can take its
 * place, it does. Returns whether that is so: the run goes on.
 */
bool entry_take_over(Entry *entry);

/* Something has ended or appeared: look again for those that are awaited. */
void supervisor_find_mains(Supervisor *s);
