/*
 * How a command gives an order for processes.
 */
#pragma once

#include "ctl/client/orders.h"
#include "ctl/session/session.h"

/* Take "--no-wait", "--ready" and "--timeout DURATION" out of @words and into @order. Returns false
 * after saying what is wrong. */
bool take_order_options(Session *s, char **words, ProcessOrder *order);

/*
 * As client_order(), with a line of progress on a terminal. At the prompt Ctrl-C ends the waiting
 * and not the prompt. Returns whether there are outcomes; else the caller tells of the failure,
 * with session_report() or in its own words.
 */
bool give_order(Session *s, ProcessOrder *order, Outcomes *ret);
