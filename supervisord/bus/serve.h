/*
 * The turns of a connection: its link reads and calls are handled, some at a time, as far as the
 * guard lets them in. A client that has not authenticated, or not sent the rest of a header, in
 * time is disconnected.
 */
#pragma once

#include "bus/client/connection.h"

/* Begin to serve @c, whose link has started. Returns 0 or -errno. */
int connection_serve(Connection *c);
