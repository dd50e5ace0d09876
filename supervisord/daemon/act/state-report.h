/*
 * For people: who is awaited, what is up, how all ended.
 */
#pragma once

typedef struct Supervisor Supervisor;

/* Who is awaited, "a (SIGKILL in 2 s), b and 3 more" or names only; what is up; how all
 * ended. */
int report_awaited(const Supervisor *s, char **ret);

int report_awaited_names(const Supervisor *s, char **ret);

/* ", SIGKILL for db in 7 s": who is killed next if he does not end before; "" if nobody is. */
int report_next_kill(const Supervisor *s, char **ret);

/* "7 of 8 running, FATAL: db, waiting for cache: reading its snapshot" */
int report_summary(const Supervisor *s, char **ret);

void report_state(const Supervisor *s);

void report_end(const Supervisor *s);
