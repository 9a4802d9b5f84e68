/* Any bytes as a time, a list of verdicts and a record in JSON: what is taken comes back the same. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "history/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_time(const char *text)
{
    char back[32];
    int64_t time, again;
    if (!okng_time_of(text, &time)) return;
    /* Whole milliseconds of the years that a text can have come back. */
    if (time < 0 || time / 1000000 >= INT64_C(253402300800)) return;
    if (!okng_time_of(okng_time_text(time, back), &again) || again != time / 1000 * 1000) abort();
}

static void try_record(const json_t *object)
{
    okng_record record, again;
    okng_error error = {0};
    if (okng_record_read(&record, object, "fuzz.json", &error) != OKNG_OK) {
        if (!error.message[0]) abort();
        return;
    }
    json_t *first = okng_record_json(&record);
    if (first) {
        if (okng_record_read(&again, first, "fuzz.json", &error) != OKNG_OK) abort();
        json_t *second = okng_record_json(&again);
        if (second && !json_equal(first, second)) abort();
        json_decref(second);
        okng_record_free(&again);
    }
    json_decref(first);
    okng_record_free(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned bits;
    json_t *value;
    char *text = malloc(size + 1);
    if (!text) return 0;
    if (size > 0) memcpy(text, data, size);
    text[size] = '\0';
    try_time(text);
    if (okng_outcomes_of(text, &bits) && bits >> (OKNG_OUTCOME_NOT_FOUND + 1) != 0) abort();
    if (okng_json_parse(&value, text, size, "fuzz.json", NULL, NULL) == OKNG_OK) {
        if (json_is_object(value)) try_record(value);
        json_decref(value);
    }
    free(text);
    return 0;
}
