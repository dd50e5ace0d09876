/* The rows of the objects on the control socket: each is whole, and the manual has it as it is. */
#include <criterion/criterion.h>
#include <string.h>

#include "bus/manager-object.h"
#include "bus/objects.h"
#include "bus/process-object.h"

static char manual[65536];

static void read_manual(void) {
        FILE *f = fopen("man/supervisord-bus.5", "re");

        cr_assert(f && fread(manual, 1, sizeof(manual) - 1, f) > 1000);
        (void)fclose(f);
}

TestSuite(bus_objects, .init = read_manual, .timeout = 10);

static const ObjectRows *const objects[] = { &manager_object, &process_object };

#define EACH_OBJECT(o) \
        for (const ObjectRows *const *o = objects; o < objects + ELEMENTSOF(objects); o++)

/* As mdoc has a method: the name, its arguments in parentheses or none, what it gives. */
static void describe(const MethodRow *row, char *text, size_t size) {
        bool alone = *row->in && !*row->out;

        (void)snprintf(text, size, "Ic %s%s%s%s%s%s%s", row->name,
                       alone       ? " Ns Pq Ar \""
                       : *row->in  ? " Ns ( Ar \""
                       : *row->out ? " No"
                                   : "",
                       row->in, *row->in ? "\"" : "", *row->in && *row->out ? " )" : "",
                       *row->out ? " \\(-> Ar \"" : "", row->out);
        if (*row->out)
                (void)strncat(text, "\"", size - strlen(text) - 1);
}

Test(bus_objects, each_method_of_the_manager_is_in_the_manual_with_its_arguments_and_its_right) {
        for (size_t i = 0; i < manager_object.n_methods; i++) {
                const MethodRow *row = &manager_object.methods[i];
                char text[512], right[32];
                const char *at, *next;

                describe(row, text, sizeof(text));
                (void)strncat(text, "\n", sizeof(text) - strlen(text) - 1);
                at = strstr(manual, text);
                cr_expect(at, "%s is not in the manual as '%s'", row->name, text);
                if (!at)
                        continue;
                (void)snprintf(right, sizeof(right), ".Pq Cm %s\n", access_to_string(row->access));
                next = strstr(at, ".Pq Cm ");
                cr_expect(next && strncmp(next, right, strlen(right)) == 0,
                          "%s needs another right by the manual", row->name);
        }
}

Test(bus_objects, each_method_of_a_process_is_in_the_manual_with_its_arguments) {
        for (size_t i = 0; i < process_object.n_methods; i++) {
                char text[512];

                describe(&process_object.methods[i], text, sizeof(text));
                cr_expect(strstr(manual, text), "'%s' is not in the manual", text);
        }
}

Test(bus_objects, each_signal_is_in_the_manual_with_what_it_says) {
        for (size_t i = 0; i < manager_object.n_signals; i++) {
                char text[512];

                (void)snprintf(text, sizeof(text), ".It Ic %s Ns Pq Ar \"%s\"\n",
                               manager_object.signals[i].name, manager_object.signals[i].contents);
                cr_expect(strstr(manual, text), "'%s' is not in the manual", text);
        }
}

/* The interface of a process is described in prose, all names of a type together. */
Test(bus_objects, each_property_is_in_the_manual) {
        for (size_t i = 0; i < manager_object.n_properties; i++) {
                char text[128];

                (void)snprintf(text, sizeof(text), ".It Fa %s Pq Li %s\n",
                               manager_object.properties[i].name,
                               manager_object.properties[i].type);
                cr_expect(strstr(manual, text), "'%s' is not in the manual", text);
        }
        for (size_t i = 0; i < process_object.n_properties; i++) {
                char text[128];

                (void)snprintf(text, sizeof(text), " %s", process_object.properties[i].name);
                cr_expect(strstr(manual, text), "'%s' is not in the manual", text);
        }
}

Test(bus_objects, each_row_says_who_answers_and_who_may_ask) {
        EACH_OBJECT(o) {
                for (size_t i = 0; i < (*o)->n_methods; i++) {
                        const MethodRow *row = &(*o)->methods[i];

                        cr_expect(row->handler, "%s", row->name);
                        cr_expect(row->access >= ACCESS_READ && row->access <= ACCESS_ALL, "%s",
                                  row->name);
                        cr_expect_eq(objects_access(row->name), row->access,
                                     "%s needs different rights on different objects", row->name);
                }
                for (size_t i = 0; i < (*o)->n_properties; i++)
                        cr_expect((*o)->properties[i].get, "%s", (*o)->properties[i].name);
        }
}

Test(bus_objects, no_object_has_two_members_of_one_name) {
        EACH_OBJECT(o) {
                for (size_t i = 0; i < (*o)->n_methods; i++)
                        cr_expect_eq(object_find_method(*o, (*o)->methods[i].name),
                                     &(*o)->methods[i], "%s", (*o)->methods[i].name);
                for (size_t i = 0; i < (*o)->n_properties; i++)
                        for (size_t k = 0; k < i; k++)
                                cr_expect_str_neq((*o)->properties[i].name,
                                                  (*o)->properties[k].name);
        }
}

Test(bus_objects, what_changes_something_takes_more_than_looking) {
        cr_expect_eq(objects_access("ListProcesses"), ACCESS_READ);
        cr_expect_eq(objects_access("Introspect"), ACCESS_READ);
        cr_expect_eq(objects_access("Start"), ACCESS_OPERATE);
        cr_expect_eq(objects_access("Shutdown"), ACCESS_ALL);
}

Test(bus_objects, what_has_no_row_takes_everything) {
        cr_expect_eq(objects_access("Set"), ACCESS_ALL);
        cr_expect_eq(objects_access("listprocesses"), ACCESS_ALL);
        cr_expect_eq(objects_access(""), ACCESS_ALL);
}

/* ---------------------------------------------------------------- the vtable */

/* The entry of @vtable after @n others. */
static const sd_bus_vtable *made(const ObjectRows *rows, size_t n, sd_bus_vtable **ret_vtable) {
        cr_assert_eq(object_make_vtable(rows, ret_vtable), 0);
        return *ret_vtable + 1 + n;
}

static void expect_names(const char *names, const char *expected) {
        for (; *expected; expected += strcspn(expected, " "), expected += *expected == ' ') {
                size_t n = strcspn(expected, " ");

                cr_expect(strlen(names) == n && strncmp(names, expected, n) == 0, "'%s', not '%s'",
                          names, expected);
                names += strlen(names) + 1;
        }
        cr_expect_str_eq(names, "");
}

Test(bus_objects, vtable_has_types_and_names_apart) {
        static const MethodRow method = { .name = "Do",
                                          .in = "as names, a{sv} options",
                                          .out = "a(sus) results" };
        static const SignalRow signal = { "Done", "t sequence, (sx) what" };
        const ObjectRows rows = {
                .methods = &method, .n_methods = 1, .signals = &signal, .n_signals = 1
        };
        _cleanup_(freep) sd_bus_vtable *vtable = NULL;
        const sd_bus_vtable *v = made(&rows, 0, &vtable);

        cr_expect_str_eq(v[0].x.method.member, "Do");
        cr_expect_str_eq(v[0].x.method.signature, "asa{sv}");
        cr_expect_str_eq(v[0].x.method.result, "a(sus)");
        expect_names(v[0].x.method.names, "names options results");
        cr_expect_str_eq(v[1].x.signal.signature, "t(sx)");
        expect_names(v[1].x.signal.names, "sequence what");
}

Test(bus_objects, vtable_of_a_method_without_arguments_has_none) {
        static const MethodRow method = { .name = "Do", .in = "", .out = "" };
        const ObjectRows rows = { .methods = &method, .n_methods = 1 };
        _cleanup_(freep) sd_bus_vtable *vtable = NULL;
        const sd_bus_vtable *v = made(&rows, 0, &vtable);

        cr_expect_str_eq(v->x.method.signature, "");
        cr_expect_str_eq(v->x.method.result, "");
        expect_names(v->x.method.names, "");
}
