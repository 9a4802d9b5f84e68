/* Any bytes as the JSON of a category of Real-IAD, whose pictures are not there: an error, or a list of what is. */
#include <string.h>
#include <sys/stat.h>

#include "memory_file.h"
#include "okng/experimental.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char pictures[400];

static void pictures_remove(void)
{
    char file[512];
    (void)snprintf(file, sizeof file, "%s/toy/toy__1_OK.png", pictures);
    (void)unlink(file);
    (void)snprintf(file, sizeof file, "%s/toy", pictures);
    (void)rmdir(file);
    (void)rmdir(pictures);
}

/* A folder beside the file, with one picture that a file may name. */
static void make_pictures(void)
{
    char file[512];
    if (pictures[0]) return;
    (void)snprintf(pictures, sizeof pictures, "%s/pictures", memory_folder);
    (void)snprintf(file, sizeof file, "%s/toy", pictures);
    if (mkdir(pictures, 0700) != 0 || mkdir(file, 0700) != 0) abort();
    (void)snprintf(file, sizeof file, "%s/toy/toy__1_OK.png", pictures);
    FILE *picture = fopen(file, "wb");
    if (!picture || fclose(picture) != 0) abort();
    (void)atexit(pictures_remove);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_dataset *dataset = NULL;
    okng_samples *samples = NULL;
    okng_error error = {0};
    memory_file("toy.json", data, size);
    make_pictures();
    okng_dataset_options options;
    okng_dataset_options_init(&options);
    (void)snprintf(options.annotations, sizeof options.annotations, "%s", memory_folder);
    (void)snprintf(options.pictures, sizeof options.pictures, "%s", pictures);
    if (okng_dataset_open(&dataset, "real-iad", "/", &options, &error) != OKNG_OK) abort();
    if (okng_samples_open(&samples, dataset, "toy", &error) != OKNG_OK && !error.message[0]) abort();
    for (size_t i = 0; i < okng_samples_count(samples); i++) {
        const okng_sample *sample = okng_samples_get(samples, i);
        if (strncmp(sample->path, pictures, strlen(pictures)) != 0 || strstr(sample->path, "..")) abort();
    }
    okng_samples_free(&samples);
    okng_dataset_close(&dataset);
    return 0;
}
