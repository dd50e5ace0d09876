/* Lines from a person at a terminal, or from a script through a pipe. */
#include "ctl/session/terminal.h"

#include <editline/readline.h>
#include <unistd.h>

#include "base/macro.h"

bool terminal_is_there(void) {
        return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

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

char *terminal_read_line(const char *prompt) {
        return terminal_is_there() ? readline(prompt) : read_plain(prompt);
}

bool terminal_confirm(const char *question) {
        _cleanup_(freep) char *answer = terminal_read_line(question);

        return answer && (answer[0] == 'y' || answer[0] == 'Y');
}
