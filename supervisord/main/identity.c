/* The user and the resource limits of the daemon, set once at its start. */
#include "main/identity.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <string.h>

#include "log/log.h"

/* At least @minimum of @resource, soft and if need be hard. */
static int raise_limit(int resource, int64_t minimum, const char *key, struct rlimit *ret) {
        struct rlimit limit;

        if (getrlimit(resource, &limit) < 0)
                return -errno;

        if (limit.rlim_cur != RLIM_INFINITY && minimum > 0 && limit.rlim_cur < (rlim_t)minimum) {
                limit.rlim_cur = (rlim_t)minimum;
                if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < (rlim_t)minimum)
                        limit.rlim_max = (rlim_t)minimum;
                if (setrlimit(resource, &limit) < 0) {
                        int r = -errno;

                        fprintf(stderr,
                                "Error: %s=%" PRId64 " cannot be had (%s): raise the limit of this "
                                "service or user, or lower %s\n",
                                key, minimum, strerror(-r), key);
                        return r;
                }
        }
        *ret = limit;
        return 0;
}

int identity_raise_limits(const DaemonConfig *config, struct rlimit *ret_n_files) {
        struct rlimit n_processes, own;
        int r;

        r = raise_limit(RLIMIT_NOFILE, config->minfds, "minfds", ret_n_files);
        if (r >= 0)
                r = raise_limit(RLIMIT_NPROC, config->minprocs, "minprocs", &n_processes);
        if (r < 0)
                return r;

        /* Each child needs a pipe or two. The usual soft limit of 1024 is for programs that use
         * select(2), which this one does not. */
        own = *ret_n_files;
        own.rlim_cur = own.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &own); /* on failure the old limit has to do */
        return 0;
}

int identity_drop_privileges(const DaemonConfig *config) {
        if (!config->user || config->uid == geteuid())
                return 0;

        if (geteuid() != 0) {
                fprintf(stderr,
                        "Error: user=%s: only root can become another user; start as %s or remove "
                        "the key\n",
                        config->user, config->user);
                return -EPERM;
        }
        if (setgroups(config->n_groups, config->groups) < 0 ||
            setresgid(config->gid, config->gid, config->gid) < 0 ||
            setresuid(config->uid, config->uid, config->uid) < 0) {
                int r = -errno;

                fprintf(stderr, "Error: cannot become user %s: %s\n", config->user, strerror(-r));
                return r;
        }
        return 0;
}

void identity_log(const DaemonConfig *config) {
        if (config->user && config->uid != 0)
                log_info("Set uid to user %u succeeded", (unsigned)config->uid);
        else if (!config->user && geteuid() == 0 && getpid() != 1)
                log_critical(
                        "Supervisor is running as root.  Privileges were not dropped because no "
                        "user is specified in the config file.  If you intend to run as root, "
                        "you can set user=root in the config file to avoid this message.");
}
