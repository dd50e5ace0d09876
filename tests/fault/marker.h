/*
 * How the preloaded library (memory.c) tells the tracer (trace.c) that the program itself begins:
 * a prctl(2) with an option that no kernel has, and so without effect.
 */
#pragma once

#define FAULT_MARKER 0x6661756c
