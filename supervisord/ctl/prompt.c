/*
 * The prompt. libedit edits lines, through its interface for readline programs; that interface
 * calls back without a pointer, so that the session which completions ask stands in a variable
 * here.
 */
#include "ctl/prompt.h"

#include <editline/readline.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/strv.h"
#include "ctl/completion.h"
#include "ctl/dispatch.h"
#include "ctl/session/terminal.h"

static Session *completing; /* set while prompt_loop() runs on a terminal */
static volatile sig_atomic_t interrupted;

/*
 * SIGINT ends a read, but not a read that begins just after it. So it is repeated, every 20 ms,
 * until the prompt has ended.
 */
#define REPEAT_NSEC 20000000L
static timer_t repeater;
static bool repeats;

static void on_interrupt(int signo) {
        static const struct itimerspec soon = {
                .it_interval = { 0, REPEAT_NSEC },
                .it_value = { 0, REPEAT_NSEC },
        };

        /* with a valid timer it cannot fail */
        if (!interrupted && repeats)
                (void)timer_settime(repeater, 0, &soon, NULL);
        interrupted = 1;
}

/* ---------------------------------------------------------------- completion */

/*
 * The candidates as readline wants them: a list whose first entry is what all have in common. Names
 * of processes hold characters that readline takes for ends of words, so only blanks are such here.
 */
static char **on_completion(const char *text, int start, int end) {
        _cleanup_(strv_freep) char **candidates = NULL;
        _cleanup_(freep) char *line = NULL;
        size_t n, common;
        char **matches;

        rl_attempted_completion_over = 1; /* do not offer names of files */
        line = strndup(rl_line_buffer, (size_t)end);
        if (!line || completion_find(completing, line, text, &candidates) < 0)
                return NULL;
        n = strv_length(candidates);
        matches = n > 0 ? calloc(n + 2, sizeof(*matches)) : NULL;
        if (!matches)
                return NULL;
        common = strlen(candidates[0]);
        for (size_t i = 0; i < n; i++) {
                size_t same = 0;

                while (same < common && candidates[0][same] == candidates[i][same])
                        same++;
                common = same;
        }
        matches[0] = strndup(candidates[0], common);
        for (size_t i = 0; i < n; i++)
                matches[i + 1] = TAKE_PTR(candidates[i]);
        free(TAKE_PTR(candidates)); /* its strings are in @matches now */
        return matches;
}

/* ---------------------------------------------------------------- the loop */

static void begin_editing(Session *s) {
        struct sigaction action = { .sa_handler = on_interrupt }; /* without SA_RESTART */
        struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGINT };

        completing = s;
        interrupted = 0;
        repeats =
                timer_create(CLOCK_MONOTONIC, &event, &repeater) >= 0; /* without it, press again */
        rl_readline_name = "supervisorctl";
        rl_attempted_completion_function = on_completion;
        rl_basic_word_break_characters = " \t\n";
        (void)sigaction(SIGINT, &action, NULL); /* with valid arguments it cannot fail */
        using_history();
        if (s->setup->history_file)
                (void)read_history(
                        s->setup->history_file); /* the first time there is no such file */
}

static void end_editing(Session *s) {
        if (repeats)
                (void)timer_delete(repeater); /* it is a valid one */
        repeats = false;
        (void)signal(SIGINT, SIG_DFL); /* as above */
        if (s->setup->history_file)
                (void)write_history(
                        s->setup->history_file); /* a failure is not told, as in Python */
        completing = NULL;
}

static void remember(const char *line) {
        if (*line && terminal_is_there())
                (void)add_history(line); /* without memory it is not kept */
}

void prompt_loop(Session *s) {
        _cleanup_(freep) char *prompt = NULL;
        bool editing = terminal_is_there();

        if (asprintf(&prompt, "%s> ", s->setup->prompt) < 0) {
                prompt = NULL;
                return;
        }
        if (editing)
                begin_editing(s);
        dispatch_line(s, "status");
        while (!s->leave && !interrupted) {
                _cleanup_(freep) char *line = terminal_read_line(prompt);

                if (!line) {
                        putchar('\n');
                        break;
                }
                remember(line);
                dispatch_line(s, line);
        }
        if (editing)
                end_editing(s);
}
