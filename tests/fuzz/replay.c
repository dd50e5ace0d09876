/*
 * Run a fuzz target over files, each an input: `fuzz_NAME FILE...`. It stands where libFuzzer's
 * main() would, so that what once was found is looked at again by any compiler.
 */
#include "fuzz/target.h"

#define INPUT_MAX ((size_t)1 << 20)

#pragma weak LLVMFuzzerInitialize

static void run(const char *path) {
        _cleanup_(freep) uint8_t *data = NULL;
        _cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
        uint8_t *exact;
        ssize_t n;

        data = malloc(INPUT_MAX);
        n = fd < 0 || !data ? -1 : read(fd, data, INPUT_MAX);
        if (n < 0)
                target_fail(path);
        (void)fprintf(stderr, "%s\n", path); /* the last one is the culprit */
        exact = realloc(data, n > 0 ? (size_t)n : 1);
        if (exact)
                data = exact; /* so that a read beyond the end is seen */
        (void)LLVMFuzzerTestOneInput(data, (size_t)n);
}

int main(int argc, char **argv) {
        if (LLVMFuzzerInitialize)
                (void)LLVMFuzzerInitialize(&argc, &argv);
        for (int i = 1; i < argc; i++)
                run(argv[i]);
        return 0;
}
