/*
 * stopsignal: one signal, or a ladder of them, "QUIT:20s, TERM:10s".
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "config/model/config.h"

/* Read one signal, by name or number, into @field. Returns as store_ladder(). */
int store_signal(const char *text, int *field, char **reterr_why);

/* Read @text into @ladder. Returns 0; -EINVAL and the caller's *reterr_why; -ENOMEM. */
int store_ladder(const char *text, StopLadder *ladder, char **reterr_why);

bool ladder_equal(const StopLadder *a, const StopLadder *b);

/* Write @ladder as it could stand in a file. */
void print_ladder(FILE *f, const StopLadder *ladder);
