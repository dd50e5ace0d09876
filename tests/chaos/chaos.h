/*
 * Chaos: two hundred programs of several kinds under the real daemon, while a tormentor with a seed
 * does at random what a bad day does. In the calm afterwards everything must be as it should be.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "sim/random.h"

#define N_PROCESSES 200
#define NAME_SIZE 32

/* ---------------------------------------------------------------- config.c: what is supervised */

/* What becomes of programs of a kind when nobody disturbs them. */
typedef enum Fate {
        FATE_RUNS,
        FATE_CRASHES, /* again and again */
        FATE_ENDS,    /* once it is done */
        FATE_FAILS,   /* cannot be started */
} Fate;

typedef struct Kind {
        const char *name; /* of the group; its processes are NAME_00 and so on */
        unsigned n;
        Fate fate;
        unsigned n_min, n_max; /* processes that each consists of, when it is up and at rest */
        const char *keys;
} Kind;

extern const Kind kinds[];
extern const size_t n_kinds;

/* The longest time from a command until a process of any kind is up, or down. */
#define START_USEC (5 * USEC_PER_SEC)
#define STOP_USEC (2 * USEC_PER_SEC)

/*
 * Replace @folder/supervisord.conf: with a @random one some kinds are missing or changed, and it
 * may not even be valid; with NULL it is the one that everything is judged by.
 */
void config_write(const char *folder, Random *random);

/* ---------------------------------------------------------------- tree.c: who lives */

typedef struct Person {
        pid_t pid, parent;
        bool is_zombie;
        char command[16];     /* of the file that it executes, cut */
        bool is_descendant;   /* of the process asked about */
        char name[NAME_SIZE]; /* of the program that it belongs to, or "" */
} Person;

typedef struct Census {
        Person *persons;
        size_t n;
} Census;

/* All processes of the system; @names: look for the names of the descendants of @root, too. */
Census census_take(pid_t root, bool names);
void census_done(Census *c);
/* The @pick-th descendant of the root, counted round and round; 0 if there is none. */
pid_t census_pick(const Census *c, unsigned pick);

/* ---------------------------------------------------------------- torment.c: the bad day */

typedef struct Victim {
        const char *folder, *supervisorctl;
        pid_t daemon;
        char pids_cgroup[128];       /* the folder of its pids controller, or "" */
        bool has_disk;               /* the logs stand on a small disk of their own */
        volatile int64_t *clock_sec; /* by which its wall clock is wrong */
} Victim;

/* Go on for @usec, by what @random says. */
void torment(Victim *v, Random *random, uint64_t usec);
/* Take back all that can be: limits, the full disk, stopped processes. Waits for the own helpers.
 */
void torment_end(Victim *v);
/* How often each thing was done, on stdout. */
void torment_print(void);

/* ---------------------------------------------------------------- judge.c: what must hold */

typedef struct Measure {
        size_t fds, memory_kb; /* of the daemon, in the calm */
        size_t spare_fds;      /* kept for children, not among fds */
} Measure;

/*
 * Bring everything up by the good configuration and look: what state each process has, who lives.
 * Dies of what is wrong.
 */
Measure judge_calm(const Victim *v);
/* SIGTERM: in time, with status 0, and nothing is left; what the log says adds up. */
void judge_end(const Victim *v);

uint64_t now_usec(void);
