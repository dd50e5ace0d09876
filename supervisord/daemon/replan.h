/*
 * The engine plans anew after a change of its table.
 */
#pragma once

typedef struct Supervisor Supervisor;

/* Get ready for supervisor_commit(). Returns 0 or -errno. */
int supervisor_prepare_commits(Supervisor *s);

/*
 * Have the engine plan anew after a change of its table. Without memory that is logged and tried
 * again every second, so that a change never waits for the next one. Returns 0 or -ENOMEM.
 */
int supervisor_commit(Supervisor *s);
