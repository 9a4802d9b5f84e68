/* Any bytes as the headers Host and Origin, the address to listen on, and an option of serve.yaml. */
#include <stdlib.h>
#include <string.h>

#include "serve/guard.h"
#include "serve/listen.h"
#include "serve/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_option(char *text)
{
    okng_serve_options options;
    okng_error error = {0};
    char *colon = strchr(text, ':');
    if (okng_serve_options_init(&options, &error) != OKNG_OK) abort();
    if (colon) *colon = '\0';
    if (okng_serve_options_set(&options, text, colon ? colon + 1 : "", &error) != OKNG_OK && !error.message[0]) abort();
    okng_serve_options_free(&options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char host[256], *text = strndup((const char *)data, size);
    okng_address address;
    okng_error error = {0};
    if (!text) return 0;
    if (okng_host_name(text, host) && (!*host || strpbrk(host, "]") || strlen(host) > strlen(text))) abort();
    if (okng_origin_is_of(text, "a:80") && strcasecmp(text, "http://a:80") != 0 &&
        strcasecmp(text, "https://a:80") != 0)
        abort();
    if (okng_address_parse(&address, text, &error) == OKNG_OK) {
        if (address.port < 0 || address.port > 65535) abort();
    } else if (!error.message[0]) {
        abort();
    }
    as_option(text);
    free(text);
    return 0;
}
