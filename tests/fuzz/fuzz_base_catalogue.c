/* Catalogues of messages: whatever the file, every text that is found lies within it and ends. */
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_catalogue catalogue;
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) return 0;
    memcpy(copy, data, size);
    if (okng_catalogue_init(&catalogue, copy, size)) {
        static const char *const texts[] = {"", "hello", "interrupted", "%s: cannot %s: %s", "zzzz"};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            const char *found = okng_catalogue_find(&catalogue, texts[i]);
            if (found) (void)okng_catalogue_same_arguments(texts[i], found);
            if (found && strlen(found) >= size) abort();
        }
    }
    free(copy);
    return 0;
}
