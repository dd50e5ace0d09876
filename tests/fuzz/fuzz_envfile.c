/*
 * Fuzz the reader of environment files. What it has understood, written down in quotes, must be
 * understood as the same.
 */
#include <ctype.h>

#include "base/strv.h"
#include "fuzz/target.h"
#include "host/spawn/envfile.h"

static void check_name(char *const *env, const char *variable) {
        const char *equals = strchr(variable, '=');
        _cleanup_(freep) char *name =
                equals ? strndup(variable, (size_t)(equals - variable)) : NULL;

        if (!name || !*name || isdigit((unsigned char)*name) ||
            strv_env_get(env, name) != variable + strlen(name) + 1) /* the only one of the name */
                abort();
        for (const char *p = name; *p; p++)
                if (!isalnum((unsigned char)*p) && *p != '_')
                        abort();
}

static void write_quoted(FILE *f, const char *variable) {
        const char *value = strchr(variable, '=') + 1;

        (void)fprintf(f, "%.*s\"", (int)(value - variable), variable);
        for (; *value; value++)
                (void)fprintf(f, "%s%c", strchr("\"\\`$", *value) ? "\\" : "", *value);
        (void)fprintf(f, "\"\n");
}

static void check_again(char **env) {
        _cleanup_(strv_freep) char **again = NULL;
        _cleanup_(freep) char *text = NULL;
        const char *why;
        unsigned line;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                target_fail("memory");
        for (char **v = env; v && *v; v++) {
                check_name(env, *v);
                write_quoted(f, *v);
        }
        if (fclose(f) != 0)
                target_fail("memory");
        if (envfile_parse(text, &again, &line, &why) < 0 || !strv_equal(env, again))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(closep) int fd = target_store(data, size);
        _cleanup_(strv_freep) char **env = NULL;
        _cleanup_(freep) char *message = NULL;
        char path[32];
        int r;

        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        r = envfile_read(path, &env, &message);
        if ((r != 0 && r != -EINVAL) || (r == 0) != !message)
                abort();
        check_again(env);
        return 0;
}
