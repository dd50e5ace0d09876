/*
 * What an object on the control socket has: one row for each property, method and signal. A row
 * holds all there is to it: the name, the arguments as supervisord-bus(5) writes them ("as names,
 * a{sv} options"), who answers, and the right that a caller needs. Libsystemd's vtable is made of
 * the rows, so there is nothing else to add for a new method.
 */
#pragma once

#include <stddef.h>
#include <systemd/sd-bus.h>

#include "bus/client/access.h"

typedef struct PropertyRow {
        const char *name;
        const char *type;
        /* Append the value for the object, whatever that is; >= 0 or -errno. */
        int (*get)(sd_bus_message *reply, const void *object);
} PropertyRow;

typedef struct MethodRow {
        const char *name;
        const char *in;  /* "TYPE NAME, TYPE NAME"; "" for none */
        const char *out; /* likewise */
        sd_bus_message_handler_t handler;
        Access access;
} MethodRow;

typedef struct SignalRow {
        const char *name;
        const char *contents; /* as the arguments of a method */
} SignalRow;

typedef struct ObjectRows {
        const char *interface;
        sd_bus_property_get_t getter; /* passes object_get_property() these rows and the object */
        const PropertyRow *properties;
        size_t n_properties;
        const MethodRow *methods;
        size_t n_methods;
        const SignalRow *signals;
        size_t n_signals;
} ObjectRows;

/*
 * The vtable for libsystemd, in the order of the rows. *ret is the caller's, to be freed with
 * free() after all links that use it. Returns 0 or -ENOMEM.
 */
int object_make_vtable(const ObjectRows *rows, sd_bus_vtable **ret);

/* Append the value of @property; asking for one without a row is a mistake of ours. */
int object_get_property(const ObjectRows *rows,
                        const char *property,
                        sd_bus_message *reply,
                        const void *object);

/* The method @name, or NULL. */
const MethodRow *object_find_method(const ObjectRows *rows, const char *name);
