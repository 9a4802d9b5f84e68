/* A folder of a checkpoint: checkpoint.json, a NUL, afclip.safetensors. HASH in the description stands for the SHA-256
 * of the values, which no fuzzer finds. What is read is whole and finite. */
#include <math.h>
#include <string.h>

#include "afclip/checkpoint.h"
#include "base/sha256.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char values_path[sizeof memory_folder + 32];

static void remove_values(void)
{
    (void)unlink(values_path);
}

static void write_values(const void *data, size_t size)
{
    if (!values_path[0]) (void)atexit(remove_values);
    (void)snprintf(values_path, sizeof values_path, "%s/" OKNG_AFCLIP_FILE, memory_folder);
    FILE *file = fopen(values_path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
}

/* The description with the hash in place of HASH; released by the caller. */
static char *describe(const uint8_t *text, size_t *size, const void *values, size_t bytes)
{
    char sha256[65];
    const uint8_t *mark = memmem(text, *size, "HASH", 4);
    char *whole = malloc(*size + sizeof sha256);
    if (!whole) abort();
    memcpy(whole, text, *size);
    if (!mark) return whole;
    const size_t before = (size_t)(mark - text), after = *size - before - 4;
    okng_sha256(values, bytes, sha256);
    memcpy(whole + before, sha256, 64);
    memcpy(whole + before + 64, mark + 4, after);
    *size += 60;
    return whole;
}

static void check(const okng_afclip_checkpoint *c)
{
    const okng_afclip_learnt *learnt = &c->learnt;
    if (learnt->width < 1 || learnt->text_width < 1 || strlen(c->backbone) >= sizeof c->backbone) abort();
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++)
        for (size_t i = 0; i < okng_afclip_param_count(learnt, (okng_afclip_param)p); i++)
            if (!isfinite(learnt->values[p][i])) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    if (!end) return 0;
    const size_t bytes = size - (size_t)(end + 1 - data);
    size_t text = (size_t)(end - data);
    char *description = describe(data, &text, end + 1, bytes);
    memory_file(OKNG_AFCLIP_CHECKPOINT_FILE, description, text);
    write_values(end + 1, bytes);
    free(description);
    okng_afclip_checkpoint c;
    okng_error error = {0};
    if (okng_afclip_checkpoint_open(&c, memory_folder, &error) == OKNG_OK) {
        check(&c);
        okng_afclip_checkpoint_free(&c);
    } else if (!error.message[0] || c.training || c.learnt.values[0])
        abort();
    return 0;
}
