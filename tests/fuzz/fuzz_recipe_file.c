/* A recipe: any bytes must give what can be read to the end, or an error. Sums of header and directory are mended
 * first, so that what lies behind them is reached. */
#include <string.h>

#include "base/sha256.h"
#include "base/xxh64.h"
#include "memory_file.h"
#include "recipe/recipe.h"
#include "tensor/bytes.h"

enum { HEADER = 256, WHOLE = 16, DIRECTORY = 24, LENGTH = 32, DIGEST = 40, ZEROS = 168, SUM = 248 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend(uint8_t *bytes, size_t size)
{
    char hex[65];
    if (size < HEADER) return;
    const uint64_t given = okng_load_u64(bytes + DIRECTORY);
    const size_t directory = given >= HEADER && given <= size ? (size_t)given : HEADER;
    okng_store_u64(bytes + WHOLE, size);
    okng_store_u64(bytes + DIRECTORY, directory);
    okng_store_u64(bytes + LENGTH, size - directory);
    okng_sha256(bytes + directory, size - directory, hex);
    for (int i = 0; i < 32; i++) {
        const char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
        bytes[DIGEST + i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    memset(bytes + ZEROS, 0, SUM - ZEROS);
    okng_store_u64(bytes + SUM, okng_xxh64(bytes, SUM));
}

/* Every tensor that is given out is there to its last byte. */
static unsigned read_tensors(okng_recipe *recipe, const char *file, okng_recipe_mapped mapped)
{
    okng_weights *weights;
    okng_error error = {0};
    unsigned sum = 0;
    if (okng_recipe_weights(&weights, recipe, file, mapped, &error) != OKNG_OK) {
        if (!error.message[0]) abort();
        return 0;
    }
    for (size_t i = 0; i < okng_weights_count(weights); i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        if (okng_weights_tensor(weights, i, &info, &error) != OKNG_OK) abort();
        const okng_array *array = okng_weights_find(weights, info.name);
        for (size_t k = 0; array && k < array->bytes; k++) sum += ((const uint8_t *)array->data)[k];
    }
    okng_weights_close(&weights);
    return sum;
}

static void read_all(void)
{
    static const char *const files[] = {"weights", "search", "rows"};
    okng_recipe *recipe;
    okng_error error = {0};
    const char *text;
    size_t bytes;
    volatile unsigned sum = 0;
    if (okng_recipe_open(&recipe, memory_path, &error) != OKNG_OK) {
        if (!error.message[0]) abort();
        return;
    }
    if (okng_recipe_document(recipe, "tau.json", &text, &bytes, NULL) == OKNG_OK)
        for (size_t i = 0; i < bytes; i++) sum = sum + (unsigned char)text[i];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        sum = sum + read_tensors(recipe, files[i], i == 1 ? OKNG_RECIPE_NUMBERS : OKNG_RECIPE_FLOATS);
    if (okng_recipe_check(recipe, NULL, 1, &error) != OKNG_OK && !error.message[0]) abort();
    okng_recipe_close(&recipe);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    if (!bytes) return 0;
    memset(bytes, 0, size ? size : 1);
    if (size > 0) memcpy(bytes, data, size);
    memory_file("part.okng", bytes, size);
    read_all();
    mend(bytes, size);
    memory_file("part.okng", bytes, size);
    read_all();
    free(bytes);
    return 0;
}
