/*
 * The threads that write logs, for as long as the daemon supervises: the main log and the programs'
 * files are theirs from the first to the last.
 */
#pragma once

#include "log/writers.h"

/* To be called with the main log open, and the final process id and user. Returns NULL, and warns,
 * if there can be no thread: files are written by the loop then. */
Writers *writing_begin(void);

/* When all is over: wait for what was queued, but not for a disk that hangs, and close the main
 * log. @writers may be NULL. */
void writing_end(Writers *writers);
