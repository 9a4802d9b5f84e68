/* Any bytes as a record in JSON: refused, or read, and then written and read again as the same. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "history/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const okng_json_limits limits = {.bytes = 1 << 20, .items = 1 << 16, .text = 1 << 16, .depth = 20};

static char *text_of(const okng_record *record)
{
    char *text = NULL;
    json_t *object = okng_record_json(record);
    if (okng_json_text(object, JSON_COMPACT, "record", &text, NULL, NULL) != OKNG_OK) abort();
    json_decref(object);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *object = NULL, *again = NULL;
    okng_record first, second;
    if (okng_json_parse(&object, (const char *)data, size, "record", &limits, NULL) != OKNG_OK) return 0;
    if (okng_record_read(&first, object, "record", NULL) == OKNG_OK) {
        char *text = text_of(&first);
        if (okng_json_parse(&again, text, strlen(text), "record", NULL, NULL) != OKNG_OK) abort();
        if (okng_record_read(&second, again, "record", NULL) != OKNG_OK) abort();
        char *same = text_of(&second);
        if (strcmp(text, same) != 0) abort();
        free(text);
        free(same);
        okng_record_free(&first);
        okng_record_free(&second);
        json_decref(again);
    }
    json_decref(object);
    return 0;
}
