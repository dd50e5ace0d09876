/*
 * Lists of texts as values: char **, NULL where nothing is set.
 */
#pragma once

#include "config/keys/value-type.h"

ValueStore files_store; /* absolute paths, separated by commas; "-" may stand before one */
ValueStore names_store; /* names of other sections, separated by commas; none may be empty */
ValueClear list_clear;
ValueEqual list_equal;
ValueIsSet list_is_set;
ValuePrint list_print;
ValueJson list_json;
