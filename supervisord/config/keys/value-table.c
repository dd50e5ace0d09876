#include "config/keys/value-table.h"

#include "base/macro.h"
#include "config/keys/value-choice.h"
#include "config/keys/value-command.h"
#include "config/keys/value-dependencies.h"
#include "config/keys/value-exit-codes.h"
#include "config/keys/value-limit.h"
#include "config/keys/value-list.h"
#include "config/keys/value-log.h"
#include "config/keys/value-number.h"
#include "config/keys/value-readiness.h"
#include "config/keys/value-signal.h"
#include "config/keys/value-text.h"

/* A few lines for each: the words, then the functions. */
/* clang-format off */
static const ValueType types[] = {
        [KEY_STRING] = {
                .word = "text",
                .store = text_store, .clear = text_clear, .equal = text_equal,
                .is_set = text_is_set, .print = text_print, .json = text_json,
        },
        [KEY_BOOLEAN] = {
                .word = "boolean",
                .hint = "is no boolean; write true or false",
                .store = boolean_store, .equal = boolean_equal,
                .print = boolean_print, .json = boolean_json,
        },
        [KEY_INTEGER] = {
                .word = "integer",
                .hint = "is no whole number; write digits only, such as 10",
                .store = integer_store, .equal = integer_equal,
                .print = integer_print, .json = integer_json,
        },
        [KEY_NUMBER] = {
                .word = "number",
                .hint = "is no number; write one such as 2 or 0.5",
                .store = number_store, .equal = number_equal,
                .print = number_print, .json = number_json,
        },
        [KEY_DURATION] = {
                .word = "duration",
                .hint = "is no duration; write seconds such as 10 or 1.5, or 250ms, 90s, 5min, 2h, infinity",
                .store = duration_store, .equal = integer_equal,
                .print = duration_print, .json = duration_json,
        },
        [KEY_SIZE] = {
                .word = "size",
                .hint = "is no size; write bytes such as 1024, or 100KB, 50MB, 1GB",
                .store = size_store, .equal = integer_equal,
                .print = integer_print, .json = integer_json,
        },
        [KEY_OCTAL] = {
                .word = "octal number",
                .hint = "is no octal number; write one such as 022 or 0700",
                .store = octal_store, .equal = int_equal,
                .is_set = octal_is_set, .print = octal_print, .json = octal_json,
        },
        [KEY_LADDER] = {
                .word = "signal or ladder of signals",
                .store = ladder_store, .equal = ladder_equal,
                .print = ladder_print, .json = ladder_json,
        },
        [KEY_SIGNAL] = {
                .word = "signal",
                .store = signal_store, .equal = int_equal,
                .print = signal_print, .json = signal_json,
        },
        [KEY_CHOICE] = {
                .word = "one of",
                .store = choice_store, .equal = int_equal,
                .print = choice_print, .json = choice_json,
        },
        [KEY_PATH] = {
                .word = "path",
                .store = path_store, .clear = text_clear, .equal = text_equal,
                .is_set = text_is_set, .print = text_print, .json = text_json,
        },
        [KEY_DIRECTORY] = {
                .word = "directory",
                .store = directory_store, .clear = text_clear, .equal = text_equal,
                .is_set = text_is_set, .print = text_print, .json = text_json,
        },
        [KEY_LOG] = {
                .word = "path, AUTO, NONE, inherit or journal",
                .store = log_target_store, .clear = log_target_clear, .equal = log_target_equal,
                .print = log_target_print, .json = log_target_json,
        },
        [KEY_READINESS] = {
                .word = "startsecs, notify, fd:N, tcp:HOST:PORT, unix:PATH or exec:COMMAND",
                .store = readiness_store, .clear = readiness_clear, .equal = readiness_equal,
                .print = readiness_print, .json = readiness_json,
        },
        [KEY_HEALTH] = {
                .word = "none, tcp:HOST:PORT, unix:PATH or exec:COMMAND",
                .store = health_store, .clear = readiness_clear, .equal = readiness_equal,
                .print = health_print, .json = readiness_json,
        },
        [KEY_COMMAND] = {
                .word = "command",
                .store = command_line_store, .clear = command_line_clear, .equal = command_line_equal,
                .print = command_line_print, .json = command_line_json,
        },
        [KEY_DEPENDENCIES] = {
                .word = "list of NAME or NAME:CONDITION",
                .store = dependencies_store, .clear = dependencies_clear,
                .equal = dependencies_equal,
                .print = dependencies_print, .json = dependencies_json,
        },
        [KEY_PERCENTAGE] = {
                .word = "percentage",
                .hint = "is no percentage; write one such as 50% or 150%",
                .store = percentage_store, .equal = integer_equal,
                .print = percentage_print, .json = percentage_json,
        },
        [KEY_OPTIONAL] = {
                .word = "integer",
                .hint = "is no whole number; write one such as -5 or 10",
                .store = optional_store, .equal = optional_equal,
                .is_set = optional_is_set, .print = optional_print, .json = optional_json,
        },
        [KEY_LIMIT] = {
                .word = "limit",
                .store = limit_store, .equal = limit_equal,
                .is_set = limit_is_set, .print = limit_print, .json = limit_json,
        },
        [KEY_FILES] = {
                .word = "absolute paths",
                .store = files_store, .clear = list_clear, .equal = list_equal,
                .is_set = list_is_set, .print = list_print, .json = list_json,
        },
        [KEY_NAMES] = {
                .word = "list of names",
                .store = names_store, .clear = list_clear, .equal = list_equal,
                .is_set = list_is_set, .print = list_print, .json = list_json,
        },
        [KEY_EXIT_CODES] = {
                .word = "list of integers",
                .store = exit_codes_store, .clear = exit_codes_clear, .equal = exit_codes_equal,
                .print = exit_codes_print, .json = exit_codes_json,
        },
        [KEY_USER] = {
                .word = "user",
                .store = text_store, .clear = text_clear, .equal = text_equal,
                .is_set = text_is_set, .print = text_print, .json = text_json,
        },
        [KEY_OWNER] = {
                .word = "user[:group]",
                .store = text_store, .clear = text_clear, .equal = ids_equal,
                .is_set = text_is_set, .print = text_print, .json = text_json,
        },
        [KEY_GROUPS] = {
                .word = "groups",
                .store = text_store, .clear = text_clear, .equal = ids_equal,
                .is_set = text_is_set, .print = text_print, .json = text_json,
        },
        [KEY_ENVIRONMENT] = { .word = "KEY=\"value\" pairs" },
        [KEY_LIST] = { .word = "list of names" },
        [KEY_ADDRESS] = { .word = "address" },
        [KEY_GLOBS] = { .word = "patterns" },
};
/* clang-format on */

_Static_assert(ELEMENTSOF(types) == KEY_TYPES, "every type of value has a row");

const ValueType *value_type(KeyType type) {
        return types + type;
}
