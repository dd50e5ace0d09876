#include "base/pidfile-read.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

pid_t pidfile_read(int fd) {
        char text[64];
        const char *p = text;
        ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
        int64_t pid = 0;

        if (n <= 0)
                return 0;
        text[n] = '\0';
        p += strspn(p, " \t");
        for (; isdigit((unsigned char)*p); p++) {
                pid = pid * 10 + (*p - '0');
                if (pid > INT32_MAX)
                        return 0;
        }
        p += strspn(p, " \t\r");
        /* A file that ends without a newline is complete; a line that goes on beyond @text is not
         * one of a pidfile. */
        if (*p != '\n' && (p != text + n || n == (ssize_t)sizeof(text) - 1))
                return 0;
        return pid > 1 ? (pid_t)pid : 0;
}
