/*
 * Why a question or an order has failed.
 */
#pragma once

typedef enum FaultCode {
        FAULT_NONE,
        FAULT_SHUTTING_DOWN, /* from here on the daemon has names for them … */
        FAULT_NO_SUCH_PROCESS,
        FAULT_NO_SUCH_GROUP,
        FAULT_BAD_SIGNAL,
        FAULT_NO_FILE,
        FAULT_NOT_EXECUTABLE,
        FAULT_FAILED,
        FAULT_ABNORMAL_TERMINATION,
        FAULT_SPAWN_ERROR,
        FAULT_ALREADY_STARTED,
        FAULT_NOT_RUNNING,
        FAULT_ALREADY_ADDED,
        FAULT_STILL_RUNNING,
        FAULT_CANNOT_REREAD,
        FAULT_ACCESS_DENIED,
        FAULT_BAD_ARGUMENT,
        FAULT_CANCELLED,
        FAULT_TIMEOUT,
        FAULT_TOO_MANY,
        FAULT_OTHER, /* … this is any other error of D-Bus, */
        FAULT_LOST,  /* and this is the end of the connection */
} FaultCode;

/* The code for "NoSuchProcess" or "org.supervisord.Error.NoSuchProcess"; FAULT_NONE for "". */
FaultCode fault_from_name(const char *name);
