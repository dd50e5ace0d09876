/*
 * The table of types of values; what a row holds is said in value-type.h.
 */
#pragma once

#include "config/keys/value-type.h"

/* The row of @type. */
const ValueType *value_type(KeyType type);
