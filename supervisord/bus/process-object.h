/*
 * The objects of the processes, one for each, below BUS_PROCESS_PATH: their table of properties and
 * methods, and which of them there are. Nothing is kept for an object: it is found when a call
 * asks for it.
 */
#pragma once

#include "bus/object.h"

/* The userdata of its methods is the ProcessObject, that of its properties the Entry. */
extern const ObjectRows process_object;

/* For sd_bus_add_fallback_vtable(); userdata is the Connection. */
int process_object_find(sd_bus *link,
                        const char *path,
                        const char *interface,
                        void *userdata,
                        void **ret_found,
                        sd_bus_error *error);

/* For sd_bus_add_node_enumerator(); userdata is the Connection. */
int process_object_list(sd_bus *link,
                        const char *prefix,
                        void *userdata,
                        char ***ret,
                        sd_bus_error *error);
