/*
 * Fuzz what is read from pidfiles: those of forking programs, and our own where another instance,
 * or whatever else, holds it.
 */
#include "base/pidfile-read.h"
#include "base/pidfile.h"
#include "fuzz/target.h"

static char path[] = "/tmp/fuzz-pidfile-XXXXXX";
static Pidfile *held;

static void remove_file(void) {
        held = pidfile_free(held);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
        pid_t holder;
        int fd = mkostemp(path, O_CLOEXEC);

        if (fd < 0 || pidfile_lock(path, &held, &holder) < 0)
                target_fail(path);
        (void)close(fd);
        return atexit(remove_file);
}

/* @pid is what a reader without any of our limits finds in the first line. */
static void check_number(const uint8_t *data, size_t size, pid_t pid) {
        char number[16], line[64] = "", found[64];

        if (pid == 0)
                return;
        if (pid < 2)
                abort();
        memcpy(line, data, MIN(size, sizeof(line) - 1));
        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(number, sizeof(number), "%d", (int)pid);
        if (sscanf(line, " %63[0-9]", found) != 1 ||
            strcmp(found + MIN(strspn(found, "0"), strlen(found)), number) != 0)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(closep) int fd = open(path, O_RDWR | O_TRUNC | O_CLOEXEC);
        Pidfile *second = NULL;
        pid_t pid, holder = -1;

        if (fd < 0 || write(fd, data, size) != (ssize_t)size)
                target_fail(path);
        pid = pidfile_read(fd);
        check_number(data, size, pid);
        if (pidfile_lock(path, &second, &holder) != -EBUSY || holder != pid)
                abort();
        return 0;
}
