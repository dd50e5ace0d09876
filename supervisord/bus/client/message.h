/*
 * Putting what we have into a message: texts of unknown origin, lists of them, what became of a
 * process. How a call is read and refused is call-arguments.h's.
 */
#pragma once

#include <systemd/sd-bus.h>

#include "bus/client/operation.h"
#include "bus/client/select.h"

/*
 * Text that may go into a message: @text itself; or a copy in *owned, the caller's, with what is no
 * UTF-8 replaced by '?'; "" for NULL and without memory.
 */
const char *message_text(const char *text, char **owned);

/* Append one text, or an array of them ("as"; NULL is an empty one). Return >= 0 or -errno. */
int append_text(sd_bus_message *m, const char *text);
int append_texts(sd_bus_message *m, char *const *texts);

/* Append a BUS_RESULT. Returns >= 0 or -errno. */
int append_result(sd_bus_message *m, const OperationResult *result);

/* The result of a name that means nothing; it borrows the strings of @unknown. */
OperationResult result_of_unknown(const Unknown *unknown);

/* Append a BUS_RESULT for each name of @selection that means nothing. Returns >= 0 or -errno. */
int append_all_unknown(sd_bus_message *m, const Selection *selection);
