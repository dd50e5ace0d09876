#include "config/text/scope.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"

static void variable_done(Variable *v) {
        free(v->name);
        free(v->text);
}

void scope_done(Scope *s) {
        for (size_t i = 0; i < s->n; i++)
                variable_done(s->variables + i);
        free(s->variables);
        *s = (Scope){ 0 };
}

static Variable *find_here(const Scope *s, const char *name) {
        for (size_t i = 0; i < s->n; i++)
                if (s->variables[i].name && strcmp(s->variables[i].name, name) == 0)
                        return s->variables + i;
        return NULL;
}

const Variable *scope_find(const Scope *s, const char *name) {
        for (; s; s = s->parent) {
                const Variable *v = find_here(s, name);

                if (v)
                        return v;
        }
        return NULL;
}

void scope_unset(Scope *s, const char *name) {
        Variable *v = find_here(s, name);

        if (!v)
                return;
        variable_done(v);
        *v = (Variable){ 0 }; /* array_room() wants the place kept */
}

/* Put @v, whose name and text are taken over on success only, into @s. */
static int put(Scope *s, const Variable *v) {
        Variable *old = find_here(s, v->name), *grown;

        if (old) {
                variable_done(old);
                *old = *v;
                return 0;
        }
        grown = array_room(s->variables, s->n, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        s->variables = grown;
        s->variables[s->n++] = *v;
        return 0;
}

static int set(Scope *s, const char *prefix, const char *name, const char *text, int64_t number) {
        Variable v = { .number = number };
        int r = -ENOMEM;

        if (asprintf(&v.name, "%s%s", prefix, name) < 0)
                return -ENOMEM;
        if (text)
                v.text = strdup(text);
        if (!text || v.text)
                r = put(s, &v);
        if (r < 0)
                variable_done(&v);
        return r;
}

int scope_set(Scope *s, const char *name, const char *text) {
        return set(s, "", name, text, 0);
}

int scope_set_number(Scope *s, const char *name, int64_t number) {
        return set(s, "", name, NULL, number);
}

int scope_set_env(Scope *s, const char *name, const char *text) {
        return set(s, "ENV_", name, text, 0);
}
