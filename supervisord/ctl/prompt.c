/*
 * Line editing is libedit's, through its interface for readline programs: that calls back without
 * a pointer of ours, so who is asked for completions stands in a variable of this file.
 */
#include "ctl/prompt.h"

#include <editline/readline.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/strv.h"
#include "ctl/command.h"

static Session *completing; /* while prompt_loop() runs on a terminal */
static volatile sig_atomic_t interrupted;

/*
 * An interrupt ends a read, but one that comes just before the read does not: it is repeated until
 * the prompt has ended.
 */
#define REPEAT_NSEC 20000000L
static timer_t repeater;
static bool repeats;

static bool is_terminal(void) {
        return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static void on_interrupt(int signo) {
        static const struct itimerspec soon = {
                .it_interval = { 0, REPEAT_NSEC },
                .it_value = { 0, REPEAT_NSEC },
        };

        if (!interrupted && repeats)
                (void)timer_settime(repeater, 0, &soon,
                                    NULL); /* with a valid timer it cannot fail */
        interrupted = 1;
}

/* ---------------------------------------------------------------- lines */

/* From a pipe or a file. NULL at the end. */
static char *read_plain(const char *prompt) {
        char *line = NULL;
        size_t size = 0;
        ssize_t n;

        fputs(prompt, stdout);
        (void)fflush(stdout); /* a reader that is gone cannot be told */
        n = getline(&line, &size, stdin);
        if (n < 0) {
                free(line);
                return NULL;
        }
        if (n > 0 && line[n - 1] == '\n')
                line[n - 1] = '\0';
        return line;
}

/* The line is the caller's; NULL at the end of the input and after Ctrl-C. */
static char *read_line(const char *prompt) {
        return is_terminal() ? readline(prompt) : read_plain(prompt);
}

bool prompt_confirm(const char *question) {
        _cleanup_(freep) char *answer = read_line(question);

        return answer && (answer[0] == 'y' || answer[0] == 'Y');
}

/* ---------------------------------------------------------------- completion */

/*
 * In readline's form: a list whose first entry is what all have in common. Names hold characters
 * that readline takes for the end of a word, so ours are only blanks.
 */
static char **complete(const char *text, int start, int end) {
        _cleanup_(strv_freep) char **candidates = NULL;
        _cleanup_(freep) char *line = NULL;
        size_t n, common;
        char **matches;

        rl_attempted_completion_over = 1; /* no names of files instead */
        line = strndup(rl_line_buffer, (size_t)end);
        if (!line || prompt_candidates(completing, line, text, &candidates) < 0)
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
        free(TAKE_PTR(candidates)); /* its strings have gone */
        return matches;
}

/* ---------------------------------------------------------------- the loop */

static void begin_editing(Session *s) {
        struct sigaction action = { .sa_handler =
                                            on_interrupt }; /* no SA_RESTART: it ends a read */

        struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGINT };

        completing = s;
        interrupted = 0;
        repeats = timer_create(CLOCK_MONOTONIC, &event, &repeater) >= 0; /* else press it again */
        rl_readline_name = "supervisorctl";
        rl_attempted_completion_function = complete;
        rl_basic_word_break_characters = " \t\n";
        (void)sigaction(SIGINT, &action, NULL); /* with valid arguments it cannot fail */
        using_history();
        if (s->settings->history_file)
                (void)read_history(s->settings->history_file); /* there is none the first time */
}

static void end_editing(Session *s) {
        if (repeats)
                (void)timer_delete(repeater); /* it is a valid one */
        repeats = false;
        (void)signal(SIGINT, SIG_DFL); /* as above */
        if (s->settings->history_file)
                (void)write_history(s->settings->history_file); /* Python is silent, too */
        completing = NULL;
}

static void remember(const char *line) {
        if (*line && is_terminal())
                (void)add_history(line); /* without memory it is forgotten */
}

void prompt_loop(Session *s) {
        _cleanup_(freep) char *prompt = NULL;
        bool editing = is_terminal();

        if (asprintf(&prompt, "%s> ", s->settings->prompt) < 0) {
                prompt = NULL;
                return;
        }
        if (editing)
                begin_editing(s);
        command_run(s, "status");
        while (!s->leave && !interrupted) {
                _cleanup_(freep) char *line = read_line(prompt);

                if (!line) {
                        putchar('\n');
                        break;
                }
                remember(line);
                command_run(s, line);
        }
        if (editing)
                end_editing(s);
}
