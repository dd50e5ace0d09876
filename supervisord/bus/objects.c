/*
 * Both kinds of objects on a link, and the rights of all members. What they have stands in
 * manager-object.c and process-object.c.
 */
#include "bus/objects.h"

#include <string.h>

#include "bus/manager-object.h"
#include "bus/process-object.h"
#include "protocol/bus-names.h"

int objects_init(Objects *o) {
        int r;

        r = object_make_vtable(&manager_object, &o->manager);
        return r < 0 ? r : object_make_vtable(&process_object, &o->process);
}

void objects_done(Objects *o) {
        free(o->manager);
        free(o->process);
}

/* ---------------------------------------------------------------- on a link */

static int
list_nothing(sd_bus *bus, const char *path, void *userdata, char ***ret, sd_bus_error *error) {
        return 0;
}

/*
 * Libsystemd makes the nodes above an object with it, and without memory forgets those that it has
 * made so far: freeing the connection then aborts. So each node is made by itself, from the root
 * down, with something in it that has it freed.
 */
static int add_ancestors(sd_bus *link) {
        static const char *const paths[] = { "/", "/org" };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(paths) && r >= 0; i++)
                r = sd_bus_add_node_enumerator(link, NULL, paths[i], list_nothing, NULL);
        return r;
}

int objects_add(const Objects *o, Connection *c) {
        int r;

        r = add_ancestors(c->link);
        if (r >= 0)
                r = sd_bus_add_object_vtable(c->link, NULL, BUS_PATH, manager_object.interface,
                                             o->manager, c);
        if (r >= 0)
                r = sd_bus_add_fallback_vtable(c->link, NULL, BUS_PROCESS_PATH,
                                               process_object.interface, o->process,
                                               process_object_find, c);
        if (r >= 0)
                r = sd_bus_add_node_enumerator(c->link, NULL, BUS_PROCESS_PATH, process_object_list,
                                               c);
        return r;
}

/* ---------------------------------------------------------------- rights */

/* Of the standard interfaces, which libsystemd and the filter answer. Nothing of ours can be
 * written through them. */
static bool is_standard(const char *member) {
        static const char *const members[] = {
                "Hello", "AddMatch",     "RemoveMatch", "GetNameOwner", "Ping",
                "Get",   "GetMachineId", "Introspect",  "GetAll",       "GetManagedObjects",
        };

        for (size_t i = 0; i < ELEMENTSOF(members); i++)
                if (strcmp(members[i], member) == 0)
                        return true;
        return false;
}

Access objects_access(const char *member) {
        const MethodRow *manager = object_find_method(&manager_object, member);
        const MethodRow *process = object_find_method(&process_object, member);

        if (!manager && !process)
                return is_standard(member) ? ACCESS_READ : ACCESS_ALL;
        return MAX(manager ? manager->access : ACCESS_NONE,
                   process ? process->access : ACCESS_NONE);
}
