/* Any bytes as a JSON document: what the counter lets pass has no more in it than was counted, nor texts that are
 * longer or lists that are deeper than it may. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const okng_json_limits limits = {.bytes = 4096, .items = 64, .text = 48, .depth = 6};

static size_t count(const json_t *value, size_t depth)
{
    size_t items = 1, i;
    json_t *member;
    const char *key;
    if (json_is_string(value) && json_string_length(value) > limits.text) abort();
    if ((json_is_array(value) || json_is_object(value)) && depth > limits.depth) abort();
    json_array_foreach(value, i, member) items += count(member, depth + 1);
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        if (strlen(key) > limits.text) abort();
        items += 1 + count(member, depth + 1);
    }
    return items;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_json_counter whole = {.limits = &limits}, parts = {.limits = &limits};
    okng_error error = {0};
    json_t *document;
    const char *text = (const char *)data;
    bool within = okng_json_count(&whole, text, size), all = true;
    for (size_t at = 0; at < size && all; at += 7)
        all = okng_json_count(&parts, text + at, size - at < 7 ? size - at : 7);
    if (within != all || memcmp(&whole, &parts, sizeof whole) != 0) abort();
    if (!within && okng_json_too_much(&whole, "fuzz", &error) != OKNG_ERROR_LIMIT) abort();
    if (okng_json_parse(&document, text, size, "fuzz", &limits, &error) == OKNG_OK) {
        if (!within || count(document, 1) > whole.items) abort();
        json_decref(document);
    } else if (!error.message[0]) {
        abort();
    }
    return 0;
}
