/* Any bytes as a vocabulary: gzip, text, JSON. Where the first byte is 'p' the rest is written over parts of a good
 * one, so that what follows the last merge is reached too: three bytes of an offset, a length, so many bytes, and
 * again. */
#include <stdlib.h>
#include <string.h>

#include "../made_tokenizer.h"
#include "text/vocabulary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const char *text, size_t size)
{
    okng_tokenizer *tokenizer;
    okng_error error = {0};
    int32_t ids[OKNG_TEXT_TOKENS], length;
    if (okng_vocabulary_parse(&tokenizer, text, size, "/nowhere/v", &error) != OKNG_OK) {
        if (tokenizer || !error.message[0]) abort();
        return;
    }
    if (okng_tokenizer_encode(tokenizer, "abcde fgh 123", NULL, ids, &length, NULL, &error) != OKNG_OK) abort();
    okng_tokenizer_close(&tokenizer);
}

static void patch(char *text, size_t room, const uint8_t *data, size_t size)
{
    for (size_t at = 0; at + 4 < size;) {
        const size_t offset = ((size_t)data[at] << 16 | (size_t)data[at + 1] << 8 | data[at + 2]) % room;
        size_t length = data[at + 3];
        at += 4;
        if (length > size - at) length = size - at;
        if (length > room - offset) length = room - offset;
        memcpy(text + offset, data + at, length);
        at += length;
    }
}

/* A good vocabulary in that form, for as long as the process lives. */
static const char *good(bool json, size_t *size)
{
    static char *text;
    static size_t text_size;
    static okng_grown model;
    if (json && !model.data) made_model(&model, MADE_BPE, "%s[\"%.*s\",\"%s\"]", -2);
    if (!json && !text) text = made_vocabulary(MADE_MERGES, &text_size);
    *size = json ? model.size : text_size;
    return json ? model.data : text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || (data[0] != 'p' && data[0] != 'j')) {
        use((const char *)data, size);
        return 0;
    }
    size_t room;
    const char *whole = good(data[0] == 'j', &room);
    char *text = malloc(room);
    if (!text) return 0;
    memcpy(text, whole, room);
    patch(text, room, data + 1, size - 1);
    use(text, room);
    free(text);
    return 0;
}
