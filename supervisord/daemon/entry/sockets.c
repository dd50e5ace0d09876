/*
 * The listening sockets of the configuration, from before privileges are given up to the shutdown.
 * Which of them a process is given is decided by entry-sockets.c.
 */
#include "daemon/entry/sockets.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/strv.h"
#include "log/log.h"
#include "manager/passed-descriptors.h"

/* What is held for the sections of one configuration. */
typedef struct HeldSet {
        SocketHold **holds;
        size_t n;
} HeldSet;

struct Listening {
        Sockets *sockets;
        HeldSet present, old;
        char **errors, **notes; /* for the log */
        bool is_untold;         /* some of them are missing: there was no memory */
        char **unclaimed; /* names of what was passed, until the first configuration is there */
};

/* ---------------------------------------------------------------- words for the log */

static void _printf_(3, 4) note(Listening *l, char ***list, const char *format, ...) {
        char *text = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        if (text && strv_push(list, text) >= 0)
                return;
        free(text);
        l->is_untold = true;
}

void listening_log(Listening *l) {
        for (char **text = l->errors; text && *text; text++)
                log_critical("%s", *text);
        for (char **text = l->notes; text && *text; text++)
                log_info("%s", *text);
        if (l->is_untold)
                log_error("not all can be told of the sockets: %s", strerror(ENOMEM));
        l->errors = strv_free(l->errors);
        l->notes = strv_free(l->notes);
        l->is_untold = false;
}

/* ---------------------------------------------------------------- what is passed */

static int take_passed(void *userdata, const char *name, int fd) {
        Listening *l = userdata;
        int r;

        r = sockets_add_passed(l->sockets, name, fd);
        if (r < 0)
                note(l, &l->errors, "the descriptor '%s' of the service manager is no socket: %s",
                     name, strerror(-r));
        else
                (void)strv_extend(&l->unclaimed, name); /* without memory it is not missed */
        return r;
}

static bool is_claimed(const Config *config, const char *name) {
        for (size_t i = 0; i < config->n_sockets; i++) {
                size_t n = strlen(config->sockets[i]->name);

                if (strncmp(name, config->sockets[i]->name, n) == 0 &&
                    (!name[n] || strcmp(name + n, ".socket") == 0))
                        return true;
        }
        return false;
}

static void note_unclaimed(Listening *l, const Config *config) {
        for (char **name = l->unclaimed; name && *name; name++)
                if (!is_claimed(config, *name))
                        note(l, &l->errors,
                             "the service manager passed a socket '%s', but there is no "
                             "[socket:%s]: nobody answers there",
                             *name, *name);
        l->unclaimed = strv_free(l->unclaimed);
}

/* ---------------------------------------------------------------- holding */

static void release(HeldSet *set) {
        for (size_t i = 0; i < set->n; i++)
                listening_drop(set->holds[i]);
        free(set->holds);
        *set = (HeldSet){ 0 };
}

static bool was_held(const HeldSet *set, const SocketConfig *config) {
        for (size_t i = 0; i < set->n; i++)
                if (socket_config_compare(socket_hold_get_config(set->holds[i]), config) !=
                    CONFIG_RESTART)
                        return true;
        return false;
}

static void note_opened(Listening *l, const SocketHold *hold) {
        const SocketConfig *config = socket_hold_get_config(hold);
        _cleanup_(freep) char *where = NULL;

        if (was_held(&l->old, config))
                return;
        if (socket_hold_describe(hold, &where) < 0) {
                l->is_untold = true;
                return;
        }
        if (!socket_hold_is_passed(hold))
                note(l, &l->notes, "listening at %s for socket '%s'", where, config->name);
        else
                note(l, &l->notes,
                     "listening at %s for socket '%s', passed by the service "
                     "manager%s",
                     where, config->name,
                     config->n_addresses > 0 ? " instead of what its section says" : "");
}

static int open_one(Listening *l, SocketConfig *config) {
        _cleanup_(freep) char *message = NULL;
        SocketHold *hold = NULL;
        int r;

        r = sockets_hold(l->sockets, config, &hold, &message);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                note(l, &l->errors, "socket '%s' is not open: %s", config->name,
                     message ?: strerror(-r));
                return 0;
        }
        l->present.holds[l->present.n++] = hold;
        note_opened(l, hold);
        return 0;
}

int listening_open(Listening *l, const Config *config) {
        SocketHold **holds = calloc(config->n_sockets + 1, sizeof(SocketHold *));
        int r = 0;

        if (!holds)
                return -ENOMEM;
        release(&l->old);
        l->old = l->present;
        l->present = (HeldSet){ .holds = holds };

        for (size_t i = 0; r >= 0 && i < config->n_sockets; i++)
                r = open_one(l, config->sockets[i]);
        note_unclaimed(l, config);
        return r;
}

void listening_close_old(Listening *l) {
        release(&l->old);
}

void listening_drop(SocketHold *hold) {
        _cleanup_(socket_config_unrefp) SocketConfig *config =
                socket_config_ref(socket_hold_get_config(hold));

        if (!socket_hold_release(hold))
                return;
        if (config->url)
                log_info("Closing socket %s", config->url);
        else
                log_info("closed the socket '%s'", config->name);
}

void listening_close(Listening *l) {
        release(&l->old);
        release(&l->present);
}

/* ---------------------------------------------------------------- life */

int listening_new(Listening **ret) {
        _cleanup_(listening_freep) Listening *l = calloc(1, sizeof(*l));
        int r;

        if (!l)
                return -ENOMEM;
        r = sockets_new(&l->sockets);
        if (r < 0)
                return r;
        r = passed_take(take_passed, l);
        if (r < 0)
                note(l, &l->errors, "cannot take what the service manager passed: %s",
                     strerror(-r));
        *ret = TAKE_PTR(l);
        return 0;
}

Listening *listening_free(Listening *l) {
        if (!l)
                return NULL;
        listening_close(l);
        sockets_free(l->sockets);
        strv_free(l->errors);
        strv_free(l->notes);
        strv_free(l->unclaimed);
        free(l);
        return NULL;
}

Sockets *listening_get_sockets(Listening *l) {
        return l->sockets;
}
