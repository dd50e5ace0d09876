/* The words behind the name of a command. */
#include "ctl/session/word-list.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "base/strv.h"
#include "ctl/session/command-row.h"

int words_split(const char *line, char ***ret) {
        _cleanup_(strv_freep) char **list = NULL;

        for (;;) {
                const char *begin;
                char *word;
                int r;

                while (isspace((unsigned char)*line))
                        line++;
                if (!*line)
                        break;
                for (begin = line; *line && !isspace((unsigned char)*line); line++)
                        ;
                word = strndup(begin, (size_t)(line - begin));
                r = word ? strv_push(&list, word) : -ENOMEM;
                if (r < 0) {
                        free(word);
                        return r;
                }
        }
        *ret = TAKE_PTR(list);
        return 0;
}

int words_list(char **owned, char ***ret) {
        size_t n = strv_length(owned);
        char **list;

        list = calloc(n + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                list[i] = owned[i];
        *ret = list;
        return 0;
}

/* Take the first @n words out. */
static void remove_words(char **words, size_t n) {
        do
                words[0] = words[n];
        while (*words++);
}

bool words_take_flag(char **words, const char *flag) {
        bool found = false;

        while (*words)
                if (strcmp(*words, flag) == 0) {
                        remove_words(words, 1);
                        found = true;
                } else
                        words++;
        return found;
}

int words_take_value(char **words, const char *option, const char **ret) {
        size_t n = strlen(option);

        for (; *words; words++) {
                if (strncmp(*words, option, n) != 0)
                        continue;
                if ((*words)[n] == '=') {
                        *ret = *words + n + 1;
                        remove_words(words, 1);
                        return 1;
                }
                if ((*words)[n] != '\0')
                        continue;
                if (!words[1])
                        return -EINVAL;
                *ret = words[1];
                remove_words(words, 2);
                return 1;
        }
        return 0;
}

bool words_are_names(Session *s, char *const *words) {
        for (; *words; words++)
                if ((*words)[0] == '-') {
                        session_complain(s, EXIT_GENERIC, "bad argument %s", *words);
                        return false;
                }
        return true;
}

bool words_take_timeout(Session *s, char **words, uint64_t *ret_usec) {
        const char *text = NULL;
        int64_t usec = 0;
        int r;

        r = words_take_value(words, "--timeout", &text);
        if (r > 0)
                r = parse_duration(text, &usec);
        if (r < 0 || usec < 0 || (text && usec == 0)) {
                session_complain(s, EXIT_GENERIC, "--timeout takes a duration, as in 30s");
                return false;
        }
        *ret_usec = usec == INT64_MAX ? 0 : (uint64_t)usec;
        return true;
}

bool words_expect_none(Session *s, char *const *words) {
        if (!words[0])
                return true;
        session_complain(s, EXIT_GENERIC, "%s accepts no arguments", s->command->name);
        puts(s->command->help);
        return false;
}

bool words_expect_names(Session *s, char *const *words, ExitStatus status) {
        if (words[0])
                return true;
        session_complain(s, status, "%s requires a process name", s->command->name);
        puts(s->command->help);
        return false;
}
