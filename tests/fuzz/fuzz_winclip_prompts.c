/* A user's prompts: any bytes must give sentences of which every prompt can be made, or an error. */
#include <stdint.h>
#include <stdlib.h>

#include "winclip/prompts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_prompts prompts;
    okng_error error;
    if (size > OKNG_PROMPTS_FILE_MAX) return 0;
    if (okng_prompts_read(&prompts, (const char *)data, size, "prompts.yaml", &error) != OKNG_OK) return 0;
    for (int kind = 0; kind < OKNG_PROMPTS_KINDS; kind++) {
        const size_t count = okng_prompts_count(&prompts, kind);
        if (count == 0 || count > OKNG_PROMPTS_MAX) abort();
        for (size_t i = 0; i < count; i += count / 4 + 1) free(okng_prompts_say(&prompts, kind, i, "{}"));
    }
    okng_prompts_free(&prompts);
    return 0;
}
