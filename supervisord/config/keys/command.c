#include "config/keys/command.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "config/keys/value.h"
#include "config/keys/words.h"

void command_done(CommandLine *command) {
        free(command->text);
        command->argv = strv_free(command->argv);
        command->text = NULL;
}

int command_parse(const char *text, CommandLine *command, char **reterr_why) {
        _cleanup_(command_done) CommandLine result = { 0 };
        const char *why = NULL;
        int r;

        r = split_words(text, &result.argv, &why);
        if (r == -EINVAL)
                return explain_value(reterr_why, "'%s' is no command: %s; correct the quotes", text,
                                     why);
        if (r < 0)
                return r;
        if (result.argv[0]) {
                result.text = strdup(text);
                if (!result.text)
                        return -ENOMEM;
        } else
                result.argv = strv_free(result.argv);

        command_done(command);
        *command = result;
        result = (CommandLine){ 0 };
        return 0;
}
