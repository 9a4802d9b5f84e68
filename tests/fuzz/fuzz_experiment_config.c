/* Any bytes as an experiment's file: read, and where that succeeds written and read again to the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/config.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static okng_status load(okng_experiment_config *config, const void *data, size_t size)
{
    const char *root = "data.root=d"; /* what lets more files succeed */
    memory_file("e.yaml", data, size);
    return okng_experiment_config_load(config, memory_path, &root, 1, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_experiment_config config, again;
    char *yaml;
    if (load(&config, data, size) != OKNG_OK) return 0;
    if (okng_experiment_config_yaml(&config, &yaml, NULL) != OKNG_OK) return 0;
    if (load(&again, yaml, strlen(yaml)) != OKNG_OK || memcmp(&config, &again, sizeof config) != 0) {
        (void)fprintf(stderr, "does not come back:\n%s", yaml);
        abort();
    }
    free(yaml);
    return 0;
}
