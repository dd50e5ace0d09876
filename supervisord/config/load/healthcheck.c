#include "config/load/healthcheck.h"

#include <errno.h>
#include <string.h>

#include "config/keys/value-readiness.h"

/* @command as `healthcheck` would have it, into *ret. */
static int as_healthcheck(const char *command, Readiness *ret, char **reterr_why) {
        _cleanup_(freep) char *text = NULL;

        if (asprintf(&text, "exec:%s", command) < 0) {
                text = NULL;
                return -ENOMEM;
        }
        return health_store(NULL, text, ret, NULL, reterr_why);
}

int load_healthcheck_command(Loader *l,
                             const TextSection *section,
                             const Scope *scope,
                             ProcessConfig *c) {
        const TextOption *option = loader_option(l, section, "healthcheck_command");
        _cleanup_(freep) char *command = NULL, *why = NULL;
        _cleanup_(readiness_clear) Readiness check = { 0 };
        int r;

        if (!option)
                return 0;
        r = loader_expand(l, section, option, scope, &command);
        if (r <= 0)
                return r;
        if (*command) {
                r = as_healthcheck(command, &check, &why);
                if (r == -EINVAL)
                        return loader_error(l, section, option, "%s", why);
                if (r < 0)
                        return r;
        }
        if (c->settings->healthcheck.text &&
            (!check.text || strcmp(check.text, c->settings->healthcheck.text) != 0))
                return loader_error(l, section, option,
                                    "healthcheck says something else; leave one of them out");
        readiness_clear(&c->settings->healthcheck);
        c->settings->healthcheck = check;
        check = (Readiness){ 0 };
        return 0;
}
