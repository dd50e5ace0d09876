/*
 * Gives an order for processes and shows, while it lasts, who is awaited.
 */
#pragma once

#include "ctl/session.h"

/*
 * As client_order(), with progress on a terminal; Ctrl-C ends the waiting and not the prompt.
 * Returns whether there are results; else session_report() or the caller's own words are due.
 */
bool order_give(Session *s, Order *order, Results *ret);
