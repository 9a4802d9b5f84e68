/* Any text as the values of options: what one line, NAME=VALUE, sets is got as text that sets the same. */
#include <stdlib.h>
#include <string.h>

#include "options/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void set_build(okng_build_options *options, const char *name, const char *value)
{
    char text[OKNG_OPTION_TEXT_MAX], same[OKNG_OPTION_TEXT_MAX];
    okng_build_options again = *options;
    okng_error error = {0};
    if (okng_build_options_set(options, name, value, &error) != OKNG_OK) {
        if (!error.message[0]) abort();
        return;
    }
    if (okng_build_options_get(options, name, text, sizeof text, NULL) != OKNG_OK || !*text) return;
    if (okng_build_options_set(&again, name, text, &error) != OKNG_OK) abort();
    if (okng_build_options_get(&again, name, same, sizeof same, NULL) != OKNG_OK || strcmp(text, same) != 0) abort();
}

static void set_inspect(okng_inspect_options *options, const char *name, const char *value)
{
    char text[OKNG_OPTION_TEXT_MAX];
    okng_error error = {0};
    if (okng_inspect_options_set(options, name, value, &error) != OKNG_OK) {
        if (!error.message[0]) abort();
        return;
    }
    if (okng_inspect_options_get(options, name, text, sizeof text, NULL) == OKNG_OK && *text &&
        okng_inspect_options_set(options, name, text, &error) != OKNG_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_build_options build, full;
    okng_inspect_options inspect;
    char *text = malloc(size + 1), *rest = text;
    if (!text) return 0;
    if (size > 0) memcpy(text, data, size);
    text[size] = '\0';
    okng_build_options_init(&build);
    okng_inspect_options_init(&inspect);
    for (char *line; (line = strsep(&rest, "\n"));) {
        char *value = strchr(line, '=');
        if (!value) continue;
        *value++ = '\0';
        set_build(&build, line, value);
        set_inspect(&inspect, line, value);
    }
    (void)okng_build_options_check(&build, &full, NULL);
    free(text);
    return 0;
}
