#include "config/keys/value-command.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "config/keys/value-text.h"
#include "config/model/config.h"
#include "config/text/refuse.h"
#include "config/text/split-words.h"

void command_line_clear(void *field) {
        CommandLine *command = field;

        free(command->text);
        command->argv = strv_free(command->argv);
        command->text = NULL;
}

int command_parse(const char *text, CommandLine *command, char **reterr_why) {
        _cleanup_(command_line_clear) CommandLine result = { 0 };
        const char *why = NULL;
        int r;

        r = split_words(text, &result.argv, &why);
        if (r == -EINVAL)
                return refuse(reterr_why, "'%s' is no command: %s; correct the quotes", text, why);
        if (r < 0)
                return r;
        if (result.argv[0]) {
                result.text = strdup(text);
                if (!result.text)
                        return -ENOMEM;
        } else
                result.argv = strv_free(result.argv);

        command_line_clear(command);
        *command = result;
        result = (CommandLine){ 0 };
        return 0;
}

int command_line_store(const Key *key,
                       const char *text,
                       void *field,
                       const ValueRules *rules,
                       char **reterr_why) {
        return command_parse(text, field, reterr_why);
}

static const char *text_of(const void *field) {
        return ((const CommandLine *)field)->text;
}

bool command_line_equal(const void *a, const void *b) {
        return same_string(text_of(a), text_of(b));
}

void command_line_print(FILE *f, const Key *key, const void *field) {
        (void)fputs(text_of(field) ?: "", f);
}

void command_line_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        json_string(w, name, text_of(field));
}
