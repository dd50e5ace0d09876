/*
 * What the daemon can be told to do. *ret is written on success only and is the caller's; client.h
 * has how failures are told.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ctl/client/answers.h"
#include "ctl/client/client.h"

/* A method that is called for several processes at once, and lasts as long as they need. */
typedef struct ProcessOrder {
        const char *method; /* "Start" … */
        char **names;       /* of processes; NULL: an empty list, which means all */
        const char *word;   /* Signal: the signal, Wait: for what; else NULL */
        bool quick;         /* the method has no options, as it waits for nothing */
        bool no_wait;       /* options of the others */
        bool ready;
        uint64_t timeout_usec; /* 0: as long as it takes */
        uint32_t parallel;     /* Roll: so many at a time; 0: one */
        int cancel_fd; /* when it is readable, waiting ends with FAULT_CANCELLED; -1: never */
        void (*tick)(void *userdata); /* called about every second while it lasts; or NULL */
        void *userdata;
} ProcessOrder;

/* Give @order and wait for its outcomes, without a time limit. */
int client_order(Client *c, const ProcessOrder *order, Outcomes *ret);

/* Call a @method that takes @word (NULL: nothing) and answers nothing. */
int client_call(Client *c, const char *method, const char *word);

/* Have @n processes of @program, which has numprocs. */
int client_scale(Client *c, const char *program, unsigned n, Outcomes *ret);

/*
 * Have the daemon read its configuration. *ret: the groups that were added, changed, removed; free
 * each with strv_free(), after a failure as well.
 */
int client_reread(Client *c, char **ret[static 3]);

/* Write @n bytes to the standard input of the process @name. */
int client_send_input(Client *c, const char *name, const void *data, size_t n);
