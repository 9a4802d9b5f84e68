/* Replays a corpus without a fuzzer: runs LLVMFuzzerTestOneInput over every file of the folders given. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    size_t size = 0, capacity = 1 << 16;
    uint8_t *data = malloc(capacity);
    while (data) {
        size += fread(data + size, 1, capacity - size, file);
        if (size < capacity) break;
        uint8_t *grown = realloc(data, capacity *= 2);
        if (!grown) free(data);
        data = grown;
    }
    (void)fclose(file);
    if (!data) return 1;
    uint8_t *exact = malloc(size ? size : 1); /* so that a sanitizer sees a read past the end */
    if (!exact) {
        free(data);
        return 1;
    }
    for (size_t i = 0; i < size; i++) exact[i] = data[i];
    free(data);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    int files = 0, failed = 0;
    for (int i = 1; i < argc; i++) {
        struct dirent **entries;
        int count = scandir(argv[i], &entries, NULL, alphasort);
        if (count < 0) {
            perror(argv[i]);
            return 1;
        }
        for (int e = 0; e < count; e++) {
            char path[4096];
            if (entries[e]->d_name[0] != '.') {
                (void)snprintf(path, sizeof path, "%s/%s", argv[i], entries[e]->d_name);
                failed += replay(path);
                files++;
            }
            free(entries[e]);
        }
        free(entries);
    }
    printf("%s: %d inputs replayed, %d unreadable\n", argv[0], files, failed);
    return files == 0 || failed > 0;
}
