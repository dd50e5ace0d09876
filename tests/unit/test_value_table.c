/* The table of types of values: no row has a hole. */
#include <criterion/criterion.h>

#include "config/keys/value-table.h"
#include "config/keys/value.h"

TestSuite(value_table, .timeout = 10);

Test(value_table, says_all_of_each_type_or_leaves_all_to_code_of_its_own) {
        for (KeyType i = 0; i < KEY_TYPES; i++) {
                const ValueType *t = value_type(i);

                cr_expect_not_null(t->word, "type %d", i);
                cr_expect_eq(!t->store, !t->equal, "type %d", i);
                cr_expect_eq(!t->store, !t->print, "type %d", i);
                cr_expect_eq(!t->store, !t->json, "type %d", i);
                if (!t->store)
                        cr_expect(!t->clear && !t->is_set && !t->hint, "type %d", i);
        }
}

Test(value_table, leaves_to_code_of_its_own_only_what_is_stored_by_hand) {
        for (size_t i = 0; i < n_config_keys; i++)
                if (key_is_text(config_keys + i))
                        cr_expect(config_keys[i].by_hand, "%s", config_keys[i].name);
}
