#include "base/text-stream.h"

#include <errno.h>
#include <stdbool.h>

int text_stream_close(FILE *f, char *const *text) {
        bool is_short = ferror(f); /* the only error of such a stream is that memory is short */

        is_short |= fclose(f) != 0;
        return is_short || !*text ? -ENOMEM : 0;
}
