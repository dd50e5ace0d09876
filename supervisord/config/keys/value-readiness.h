/*
 * How a process shows that it is ready, or healthy, as a value: Readiness. Nothing is looked up
 * here: neither names of hosts nor files.
 */
#pragma once

#include "config/keys/value-type.h"

/* The value of `readiness`; all zero means startsecs. */
ValueStore readiness_store;
ValueClear readiness_clear;
ValueEqual readiness_equal;
ValuePrint readiness_print;
ValueJson readiness_json;

/*
 * The value of `healthcheck`: none, or one of the kinds that can be tried while the process runs
 * (READINESS_TCP, _UNIX, _EXEC). None is all zero.
 */
ValueStore health_store;
ValuePrint health_print;
