/*
 * Exit statuses that are expected, as a value: ExitCodes.
 */
#pragma once

#include "config/keys/value-type.h"

ValueStore exit_codes_store; /* numbers from 0 to 255, separated by commas; may be empty */
ValueClear exit_codes_clear;
ValueEqual exit_codes_equal; /* as sets */
ValuePrint exit_codes_print; /* as they were written, repeats included */
ValueJson exit_codes_json;
