/*
 * Fuzz the file of what commands have set. Each line that says a process is disabled is heeded, and
 * what is written is read as the same.
 */
#include "daemon/act/remembered.h"
#include "fuzz/target.h"

#define WORD "disabled "

static char folder[] = "/tmp/fuzz-remembered-XXXXXX";
static char path[64];

static void remove_folder(void) {
        (void)unlink(path);
        (void)rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
        if (!mkdtemp(folder))
                target_fail(folder);
        (void)snprintf(path, sizeof(path), "%s/remembered", folder);
        return atexit(remove_folder);
}

static void write_file(const uint8_t *data, size_t size) {
        _cleanup_(closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        if (fd < 0 || write(fd, data, size) != (ssize_t)size)
                target_fail(path);
}

static char *read_file(size_t *ret_size) {
        _cleanup_(fclosep) FILE *f = fopen(path, "re");
        char *text = NULL;
        size_t size = 0;
        ssize_t n;

        if (!f)
                target_fail(path);
        n = getdelim(&text, &size, '\0', f);
        *ret_size = n < 0 ? 0 : (size_t)n;
        return text;
}

static Remembered *load(void) {
        Remembered *r = NULL;

        if (remembered_new(folder, &r) != 0)
                abort();
        return r;
}

/* @line is one of the file, without its end. */
static void check_line(const Remembered *r, const char *line, size_t n) {
        _cleanup_(freep) char *name = NULL;
        char *colon;

        if (n < strlen(WORD) || memcmp(line, WORD, strlen(WORD)) != 0)
                return;
        name = strndup(line + strlen(WORD), n - strlen(WORD));
        colon = name ? strchr(name, ':') : NULL;
        if (!colon)
                return;
        *colon = '\0';
        if (!remembered_is_disabled(r, name, colon + 1))
                abort();
}

static void check_lines(const Remembered *r, const char *text, size_t size) {
        for (const char *line = text, *end = text + size; line < end;) {
                const char *stop = memchr(line, '\n', (size_t)(end - line));
                size_t n = (size_t)((stop ?: end) - line);

                check_line(r, line, n);
                line += n + 1;
        }
}

static void on_saved(int result) {
        if (result < 0)
                target_fail(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(remembered_freep) Remembered *first = NULL;
        _cleanup_(remembered_freep) Remembered *second = NULL;
        _cleanup_(freep) char *once = NULL;
        _cleanup_(freep) char *twice = NULL;
        size_t n_once, n_twice;

        write_file(data, size);
        first = load();
        check_lines(first, (const char *)data, size);
        remembered_save(first, NULL, on_saved);
        once = read_file(&n_once);
        second = load();
        check_lines(second, once, n_once);
        remembered_save(second, NULL, on_saved);
        twice = read_file(&n_twice);
        if (n_once != n_twice || memcmp(once ?: "", twice ?: "", n_once) != 0)
                abort();
        return 0;
}
