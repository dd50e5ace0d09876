/*
 * One of the words that the row of the key lists, as a value: an enum.
 */
#pragma once

#include "config/keys/value-type.h"

ValueStore choice_store;
ValuePrint choice_print;
ValueJson choice_json;
