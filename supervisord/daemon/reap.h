/*
 * Learns which processes have ended: children by SIGCHLD, trees by what tells of them.
 */
#pragma once

typedef struct Supervisor Supervisor;

/* Do so from now on, in the loop. Logs failures. Returns 0 or -errno. */
int supervisor_watch_ends(Supervisor *s);
