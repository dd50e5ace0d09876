#include "config/keys/value.h"

#include <errno.h>

#include "config/keys/value-table.h"
#include "config/model/config.h"
#include "config/text/refuse.h"

void *key_field(const Key *key, void *object) {
        if (key->in_settings)
                object = ((ProcessConfig *)object)->settings;
        return (char *)object + key->offset;
}

const void *key_field_const(const Key *key, const void *object) {
        if (key->in_settings)
                object = ((const ProcessConfig *)object)->settings;
        return (const char *)object + key->offset;
}

bool key_is_text(const Key *key) {
        return !value_type(key->type)->store;
}

int key_store(const Key *key,
              const char *text,
              void *object,
              const ValueRules *rules,
              char **reterr_why) {
        const ValueType *type = value_type(key->type);
        int r;

        if (!type->store)
                return 0;
        r = type->store(key, text, key_field(key, object), rules, reterr_why);
        if (r == -EINVAL && !*reterr_why)
                return refuse(reterr_why, "'%s' %s", text, type->hint);
        if (r == -ERANGE)
                return refuse(reterr_why, "'%s' is too large; use a smaller number", text);
        return r;
}

void key_clear(const Key *key, void *object) {
        const ValueType *type = value_type(key->type);

        if (type->clear)
                type->clear(key_field(key, object));
}

bool key_equal(const Key *key, const void *a, const void *b) {
        const ValueType *type = value_type(key->type);

        return !type->equal || type->equal(key_field_const(key, a), key_field_const(key, b));
}

bool key_is_set(const Key *key, const void *object) {
        const ValueType *type = value_type(key->type);

        return !type->is_set || type->is_set(key_field_const(key, object));
}

void key_print(FILE *f, const Key *key, const void *object) {
        const ValueType *type = value_type(key->type);

        if (type->print)
                type->print(f, key, key_field_const(key, object));
}

void key_json(JsonWriter *w, const char *name, const Key *key, const void *object) {
        const ValueType *type = value_type(key->type);

        if (type->json)
                type->json(w, name, key, key_field_const(key, object));
}

bool key_is_setting(const Key *key, size_t offset) {
        return key->in_settings && key->offset == offset;
}
