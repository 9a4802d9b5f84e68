/* Any bytes as the address of a request: an error, or texts that are UTF-8 without control characters. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "serve/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text)
{
    if (!okng_utf8_valid(text, strlen(text), NULL)) abort();
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_uri uri;
    okng_error error = {0};
    if (okng_uri_parse(&uri, (const char *)data, size, &error) == OKNG_OK) {
        for (size_t i = 0; i < uri.segment_count; i++) {
            check(uri.segments[i]);
            if (strcmp(uri.segments[i], "..") == 0) abort();
        }
        for (size_t i = 0; i < uri.query_count; i++) {
            check(uri.query[i].name);
            check(uri.query[i].value);
        }
    } else if (!error.message[0]) {
        abort();
    }
    okng_uri_clear(&uri);
    return 0;
}
