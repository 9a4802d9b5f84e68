/* Any bytes as the table of a data set: its categories and their samples, or an error. */
#include <string.h>

#include "memory_file.h"
#include "okng/experimental.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void list_samples(const okng_dataset *dataset, const char *category)
{
    okng_samples *samples = NULL;
    okng_error error = {0};
    if (okng_samples_open(&samples, dataset, category, &error) != OKNG_OK && !error.message[0]) abort();
    for (size_t i = 0; i < okng_samples_count(samples); i++) {
        const okng_sample *sample = okng_samples_get(samples, i);
        if (!sample || !sample->path || !sample->name || (sample->label != 0 && sample->split != OKNG_SPLIT_TEST))
            abort();
    }
    okng_samples_free(&samples);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_dataset *dataset = NULL;
    okng_error error = {0};
    memory_file("a.csv", data, size);
    if (okng_dataset_open(&dataset, "csv", memory_path, NULL, &error) != OKNG_OK && !error.message[0]) abort();
    for (size_t i = 0; i < okng_dataset_category_count(dataset); i++)
        list_samples(dataset, okng_dataset_category(dataset, i));
    okng_dataset_close(&dataset);
    return 0;
}
