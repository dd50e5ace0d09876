/*
 * The limits of setrlimit(2) as values: ResourceLimit, an element of ProcessSettings.limits. What
 * the key limits is told by which element that is.
 */
#pragma once

#include "config/keys/value-type.h"

/*
 * N for both limits, or SOFT:HARD, each "infinity" or a number in what the resource counts: bytes
 * with units; seconds or a duration, rounded up to whole seconds; for RLIMIT_NICE a nice level with
 * its sign, or the kernel's 0 … 40 (20 minus the level); else a plain number.
 */
ValueStore limit_store;
ValueEqual limit_equal;
ValueIsSet limit_is_set;
ValuePrint limit_print;
ValueJson limit_json;
