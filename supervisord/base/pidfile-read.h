/* What a pidfile says, whoever wrote it. */
#pragma once

#include <sys/types.h>

/*
 * The number in the first line of the file @fd, which what follows does not matter to: PostgreSQL
 * and others write more lines. Blanks around it are fine. Gives 0 if there is no such line (yet),
 * something else stands in it, or the number is 0, 1 or none of a process. Never waits, whatever
 * @fd is; does not move its offset.
 */
pid_t pidfile_read(int fd);
