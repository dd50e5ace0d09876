/*
 * What has to hold whatever happens: each function compares what the engine has decided with the
 * world's own books and reports a broken rule by world_break().
 */
#pragma once

#include "world.h"

/* The books of an order, called just before the engine hears of it. */
void rules_before_start(World *w, size_t i);
void rules_before_stop(World *w, size_t i);
void rules_before_restart(World *w, size_t i);
void rules_before_replace(World *w, size_t i, ProcessConfig *config);
void rules_before_update(World *w, size_t i, ProcessConfig *config);
void rules_before_shutdown(World *w, ShutdownMode mode);
void rules_after_shutdown(World *w);

/* … and of news, likewise. */
void rules_before_end(World *w, size_t i, ProcessExit exit);
void rules_before_main_found(World *w, size_t i);

/* The action that is about to be performed. */
void rules_check_action(World *w, const Action *action);

/* Everything, with all actions performed. */
void rules_check_step(World *w);
