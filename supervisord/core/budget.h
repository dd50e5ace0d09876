/*
 * A shutdown within a given time: how it is shared out over the waves.
 */
#pragma once

#include <stdint.h>

/*
 * How much of @available µs a wave gets that would take up to @longest, if it and all waves after
 * it would take up to @total: all that it wants if everything fits, else its share in proportion. A
 * wave that may take for ever counts as one that takes all there is: so does @total count it.
 */
uint64_t budget_share(uint64_t available, uint64_t longest, uint64_t total);
