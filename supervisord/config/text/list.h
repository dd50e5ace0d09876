/*
 * Lists within a value, separated by commas.
 */
#pragma once

/*
 * The next item of a list separated by commas, blanks cut off, with *@list moved behind it; *@list
 * is NULL after the last. The caller's *ret. Returns 0 or -ENOMEM.
 */
int next_list_item(const char **list, char **ret);
