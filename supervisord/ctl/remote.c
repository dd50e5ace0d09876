/* The command for ssh(1), and how words get through the shell at its other end unchanged. */
#include "ctl/remote.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "base/strv.h"
#include "ctl/session/terminal.h"

/* In single quotes: it's as 'it'\''s'. */
static int quote_word(const char *word, char **ret) {
        _cleanup_(buffer_done) Buffer out = { 0 };
        int r;

        r = buffer_append(&out, "'", 1);
        for (const char *p = word; r == 0 && *p; p++)
                r = *p == '\'' ? buffer_append(&out, "'\\''", 4) : buffer_append(&out, p, 1);
        if (r == 0)
                r = buffer_append(&out, "'", 1);
        if (r == 0)
                *ret = TAKE_PTR(out.data);
        return r;
}

static int add_quoted(char ***list, const char *word) {
        char *quoted = NULL;
        int r;

        r = quote_word(word, &quoted);
        if (r < 0)
                return r;
        r = strv_push(list, quoted);
        if (r < 0)
                free(quoted);
        return r;
}

static int add_option(char ***list, const char *option, const char *value) {
        int r = 0;

        if (value)
                r = strv_extend(list, option);
        return r < 0 || !value ? r : add_quoted(list, value);
}

int remote_words(const CtlOptions *o, bool terminal, char ***ret) {
        _cleanup_(strv_freep) char **list = NULL;
        int r;

        r = strv_extend(&list, "ssh");
        if (r == 0 && terminal)
                r = strv_extend(&list, "-t");
        if (r == 0)
                r = strv_extend(&list, "--");
        if (r == 0)
                r = strv_extend(&list, o->host);
        if (r == 0)
                r = strv_extend(&list, "supervisorctl");
        if (r == 0)
                r = add_option(&list, "-c", o->config_path);
        if (r == 0)
                r = add_option(&list, "-s", o->server);
        if (r == 0)
                r = add_option(&list, "-r", o->history_file);
        if (r == 0 && o->interactive)
                r = strv_extend(&list, "-i");
        for (char **w = o->arguments; r == 0 && *w; w++)
                r = add_quoted(&list, *w);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(list);
        return 0;
}

int remote_run(const CtlOptions *o) {
        _cleanup_(strv_freep) char **words = NULL;
        int r;

        r = remote_words(o, terminal_is_there(), &words);
        if (r < 0)
                return r;
        (void)execvp(words[0], words); /* returns only on failure */
        return -errno;
}
