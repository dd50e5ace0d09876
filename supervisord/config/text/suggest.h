/*
 * "Did you mean": which of several known words was probably meant.
 */
#pragma once

/*
 * @word was not understood. Gives @candidate if it is close enough to be a slip of the pen for it
 * and closer than @best (may be NULL: none so far), else @best. Case does not matter.
 */
const char *suggest_closer(const char *word, const char *best, const char *candidate);
