/*
 * Words in columns, as Python's cmd module lays them out.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* Print @n words top to bottom, then left to right, in as few lines as fit into @width. */
void columns_print(FILE *f, const char *const *words, size_t n, size_t width);
