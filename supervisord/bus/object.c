/*
 * Rows into libsystemd's vtables, and rows by name. The vtable and the texts that it points to are
 * one block of memory.
 */
#include "bus/object.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/macro.h"

/* ---------------------------------------------------------------- arguments */

/* A row's arguments, which are "TYPE NAME, TYPE NAME", have at most twice their length as types and
 * as names, with the zeros that end them. */
static size_t room_for(const char *arguments) {
        return 2 * strlen(arguments) + 2;
}

/* Append the types of @arguments as a string at *@at, which moves behind it. */
static const char *put_types(const char *arguments, char **at) {
        const char *types = *at;

        while (*arguments) {
                size_t n = strcspn(arguments, " ");

                *at = mempcpy(*at, arguments, n);
                arguments += n + strcspn(arguments + n, ",");
                arguments += strspn(arguments, ", ");
        }
        *(*at)++ = '\0';
        return types;
}

/* Append the names of @arguments at *@at, each with a zero behind it. */
static void put_names(const char *arguments, char **at) {
        while (*arguments) {
                size_t n;

                arguments += strcspn(arguments, " ") + 1;
                n = strcspn(arguments, ",");
                *at = mempcpy(*at, arguments, n);
                *(*at)++ = '\0';
                arguments += n + strspn(arguments + n, ", ");
        }
}

/* ---------------------------------------------------------------- the vtable */

static sd_bus_vtable of_property(const ObjectRows *rows, const PropertyRow *row) {
        return (sd_bus_vtable)SD_BUS_PROPERTY(row->name, row->type, rows->getter, 0, 0);
}

static sd_bus_vtable of_method(const MethodRow *row, char **at) {
        sd_bus_vtable v = { .type = _SD_BUS_VTABLE_METHOD };

        /* Whether a caller may call it is decided before, by the filter. */
        v.flags = SD_BUS_VTABLE_UNPRIVILEGED;
        v.x.method.member = row->name;
        v.x.method.handler = row->handler;
        v.x.method.signature = put_types(row->in, at);
        v.x.method.result = put_types(row->out, at);
        v.x.method.names = *at;
        put_names(row->in, at);
        put_names(row->out, at);
        *(*at)++ = '\0';
        return v;
}

static sd_bus_vtable of_signal(const SignalRow *row, char **at) {
        sd_bus_vtable v = { .type = _SD_BUS_VTABLE_SIGNAL };

        v.x.signal.member = row->name;
        v.x.signal.signature = put_types(row->contents, at);
        v.x.signal.names = *at;
        put_names(row->contents, at);
        *(*at)++ = '\0';
        return v;
}

int object_make_vtable(const ObjectRows *rows, sd_bus_vtable **ret) {
        size_t n = rows->n_properties + rows->n_methods + rows->n_signals + 2, size;
        sd_bus_vtable *vtable, *v;
        char *at;

        size = n * sizeof(*vtable);
        for (size_t i = 0; i < rows->n_methods; i++)
                size += room_for(rows->methods[i].in) + room_for(rows->methods[i].out);
        for (size_t i = 0; i < rows->n_signals; i++)
                size += room_for(rows->signals[i].contents);
        vtable = malloc(size);
        if (!vtable)
                return -ENOMEM;

        v = vtable;
        at = (char *)(vtable + n); /* the texts follow */
        *v++ = (sd_bus_vtable)SD_BUS_VTABLE_START(0);
        for (size_t i = 0; i < rows->n_properties; i++)
                *v++ = of_property(rows, &rows->properties[i]);
        for (size_t i = 0; i < rows->n_methods; i++)
                *v++ = of_method(&rows->methods[i], &at);
        for (size_t i = 0; i < rows->n_signals; i++)
                *v++ = of_signal(&rows->signals[i], &at);
        *v = (sd_bus_vtable)SD_BUS_VTABLE_END;
        *ret = vtable;
        return 0;
}

/* ---------------------------------------------------------------- looking up */

int object_get_property(const ObjectRows *rows,
                        const char *property,
                        sd_bus_message *reply,
                        const void *object) {
        const PropertyRow *row = rows->properties;

        while (row < rows->properties + rows->n_properties && strcmp(row->name, property) != 0)
                row++;
        assert(row < rows->properties + rows->n_properties);
        return row->get(reply, object);
}

const MethodRow *object_find_method(const ObjectRows *rows, const char *name) {
        for (size_t i = 0; i < rows->n_methods; i++)
                if (strcmp(rows->methods[i].name, name) == 0)
                        return &rows->methods[i];
        return NULL;
}
