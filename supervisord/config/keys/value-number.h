/*
 * Numbers as values, within the bounds that the row of the key sets: integers, sizes, percentages,
 * durations, decimals, octal numbers; and booleans.
 */
#pragma once

#include "config/keys/value-type.h"

/* bool */
ValueStore boolean_store;
ValueEqual boolean_equal;
ValuePrint boolean_print;
ValueJson boolean_json;

/* int64_t. Where the key may be infinite, "infinity" is stored as 0. */
ValueStore integer_store;
ValueStore size_store; /* of bytes */
ValueEqual integer_equal;
ValuePrint integer_print;
ValueJson integer_json;

/* int64_t of millionths: "12.5%" is 125000 */
ValueStore percentage_store;
ValuePrint percentage_print;
ValueJson percentage_json;

/* int64_t of microseconds */
ValueStore duration_store;
ValuePrint duration_print;
ValueJson duration_json;

/* double, not negative */
ValueStore number_store;
ValueEqual number_equal;
ValuePrint number_print;
ValueJson number_json;

/* int; one that is negative is not set */
ValueStore octal_store;
ValueIsSet octal_is_set;
ValuePrint octal_print;
ValueJson octal_json;

/* OptionalInteger */
ValueStore optional_store;
ValueEqual optional_equal;
ValueIsSet optional_is_set;
ValuePrint optional_print;
ValueJson optional_json;

/* Of any type whose field is an int. */
ValueEqual int_equal;

/* Seconds as they could stand in a file: "10", "0.25", "infinity". */
void print_seconds(FILE *f, int64_t usec);
