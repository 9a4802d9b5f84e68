/* Any bytes as line.yaml: read, or refused with a message that names the file. */
#include <stdlib.h>
#include <string.h>

#include "line/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_line_config config;
    okng_error error = {0};
    const okng_status status = okng_line_config_parse(&config, (const char *)data, size, "line.yaml", &error);
    if (status != OKNG_OK && status != OKNG_ERROR_MEMORY && !strstr(error.message, "line.yaml")) abort();
    okng_line_config_free(&config);
    return 0;
}
