/* Any bytes as a JSON text, beside jansson's own reader (which is right as long as memory lasts): both refuse it, or
 * both read the same. What was read is printed and read again. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const okng_json_limits limits = {.bytes = 1 << 20, .items = 1 << 16, .text = 1 << 16, .depth = 200};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *ours;
    okng_error error = {0};
    char *text;
    okng_status status = okng_json_parse(&ours, (const char *)data, size, "text", &limits, &error);
    if (status == OKNG_ERROR_LIMIT) return 0;
    json_t *theirs =
        size > 0 ? json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL) : NULL;
    bool passes_over = size > 0 && memchr(data, 0, size); /* a byte 0 behind a number, which jansson does */
    if (!passes_over && (status == OKNG_OK) != (theirs != NULL)) abort();
    if (ours && theirs && !json_equal(ours, theirs)) abort();
    if (status != OKNG_OK && !error.message[0]) abort();
    if (status == OKNG_OK && okng_json_text(ours, OKNG_JSON_PRETTY, "text", &text, NULL, &error) != OKNG_OK) abort();
    if (status == OKNG_OK) free(text);
    json_decref(ours);
    json_decref(theirs);
    return 0;
}
