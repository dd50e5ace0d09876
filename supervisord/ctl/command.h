/*
 * The commands of supervisorctl: one table, which dispatch, help and completion go by.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "ctl/session.h"

typedef enum CommandArguments {
        ARGUMENTS_NONE,
        ARGUMENTS_PROCESSES,
        ARGUMENTS_GROUPS,
        ARGUMENTS_COMMANDS,
        ARGUMENTS_SIGNAL, /* a signal, then processes */
} CommandArguments;

typedef struct Command {
        const char *name;
        void (*run)(Session *s, char **words); /* the words behind the name, up to a NULL; theirs
                                                  to reorder, not to free */
        CommandArguments arguments;            /* what completion offers */
        bool ours;                             /* Python's supervisorctl has none of that name */
        const char *help;                      /* lines, the last one without its end */
} Command;

extern const Command commands[];
extern const size_t n_commands;

/* The command called @name, or NULL. */
const Command *command_find(const char *name);

/*
 * Run one line: a command and its arguments, "?" for help. What is wrong with it is said; the exit
 * status is in @s.
 */
void command_run(Session *s, const char *line);

/* Print the help of @name. */
void command_print_help(const char *name);

/* What the table refers to; each is in the file that its subject names. */
void command_add(Session *s, char **words);
void command_avail(Session *s, char **words);
void command_clear(Session *s, char **words);
void command_disable(Session *s, char **words);
void command_enable(Session *s, char **words);
void command_events(Session *s, char **words);
void command_fg(Session *s, char **words);
void command_help(Session *s, char **words);
void command_kill(Session *s, char **words);
void command_leave(Session *s, char **words);
void command_maintail(Session *s, char **words);
void command_names(Session *s, char **words);
void command_open(Session *s, char **words);
void command_pid(Session *s, char **words);
void command_plan(Session *s, char **words);
void command_reload(Session *s, char **words);
void command_refresh(Session *s, char **words);
void command_remove(Session *s, char **words);
void command_reread(Session *s, char **words);
void command_restart(Session *s, char **words);
void command_rolling_restart(Session *s, char **words);
void command_rotate(Session *s, char **words);
void command_scale(Session *s, char **words);
void command_shutdown(Session *s, char **words);
void command_signal(Session *s, char **words);
void command_start(Session *s, char **words);
void command_status(Session *s, char **words);
void command_stop(Session *s, char **words);
void command_tail(Session *s, char **words);
void command_update(Session *s, char **words);
void command_version(Session *s, char **words);
void command_wait(Session *s, char **words);
void command_why(Session *s, char **words);
