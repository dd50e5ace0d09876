#include "core/budget.h"

#include "base/macro.h"

uint64_t budget_share(uint64_t available, uint64_t longest, uint64_t total) {
        longest = MIN(longest, available);
        if (total <= available)
                return longest;
        return (uint64_t)((unsigned __int128)available * longest / total);
}
