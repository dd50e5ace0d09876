/*
 * Where a log goes, as a value: LogTarget.kind, path and syslog. The other fields of a LogTarget
 * have keys of their own.
 */
#pragma once

#include "config/keys/value-type.h"

ValueStore log_target_store;
ValueClear log_target_clear;
ValueEqual log_target_equal;
ValuePrint log_target_print;
ValueJson log_target_json;
