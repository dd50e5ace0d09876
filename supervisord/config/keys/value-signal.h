/*
 * Signals as values: a single one, or the ladder of `stopsignal`, "QUIT:20s, TERM:10s".
 */
#pragma once

#include "config/keys/value-type.h"

/* int; 0: none, written as an empty text */
ValueStore signal_store;
ValuePrint signal_print;
ValueJson signal_json;

/* StopLadder: signals, each with the time that it is given. Python knows the first alone. */
ValueStore ladder_store;
ValueEqual ladder_equal;
ValuePrint ladder_print;
ValueJson ladder_json;
