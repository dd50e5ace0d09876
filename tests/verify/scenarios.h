/* What is explored: one configuration each. */
#pragma once

#include "model.h"

extern const Scenario scenarios[];
extern const size_t n_scenarios;
