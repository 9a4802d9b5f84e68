#include "train/set.h"

#include <stdlib.h>
#include <string.h>

#include "base/each.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "image/image.h"
#include "train/losses.h"

void okng_train_set_close(okng_train_set *set)
{
    for (size_t i = 0; i < set->categories; i++) {
        okng_samples_free(&set->samples[i]);
        free(set->names[i]);
    }
    free(set->samples);
    free(set->names);
    free(set->pictures);
    free(set->labels);
    free(set->targets);
    *set = (okng_train_set){0};
}

/* ---- listing -------------------------------------------------------------------------------- */

static okng_status check_masks(const okng_samples *samples, const char *category, okng_error *error)
{
    for (size_t i = 0; i < okng_samples_count(samples); i++) {
        const okng_sample *sample = okng_samples_get(samples, i);
        if (sample->split == OKNG_SPLIT_TEST && sample->label != 0 && sample->mask_count == 0)
            return okng_fail(error, OKNG_ERROR_ARGUMENT,
                             "%s: category %s has no masks; training needs to know where the defects are", sample->path,
                             category);
    }
    return OKNG_OK;
}

static okng_status add_category(okng_train_set *set, const okng_dataset *dataset, const char *category,
                                size_t *capacity, okng_error *error)
{
    const size_t c = set->categories;
    set->names[c] = strdup(category);
    if (!set->names[c]) return okng_fail_memory(error, strlen(category));
    set->categories++;
    OKNG_TRY(okng_samples_open(&set->samples[c], dataset, category, error));
    OKNG_TRY(check_masks(set->samples[c], category, error));
    for (size_t i = 0; i < okng_samples_count(set->samples[c]); i++) {
        const okng_sample *sample = okng_samples_get(set->samples[c], i);
        void *grown = set->pictures;
        if (sample->split != OKNG_SPLIT_TEST) continue;
        if (!okng_grow(&grown, capacity, set->count + 1, sizeof *set->pictures))
            return okng_fail_memory(error, (set->count + 1) * sizeof *set->pictures);
        set->pictures = grown;
        set->pictures[set->count++] = (okng_train_picture){.sample = sample, .category = c};
        set->bad += sample->label != 0;
    }
    return OKNG_OK;
}

static okng_status list_pictures(okng_train_set *set, const okng_dataset *dataset, const okng_train_config *config,
                                 okng_error *error)
{
    const size_t count = okng_dataset_category_count(dataset);
    size_t capacity = 0;
    set->samples = calloc(count + 1, sizeof(okng_samples *));
    set->names = calloc(count + 1, sizeof(char *));
    if (!set->samples || !set->names) return okng_fail_memory(error, 2 * count * sizeof(char *));
    for (size_t i = 0; i < count; i++)
        OKNG_TRY(add_category(set, dataset, okng_dataset_category(dataset, i), &capacity, error));
    if (set->bad > 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: none of the %zu test pictures has a defect; training needs pictures of both kinds",
                     config->root, set->count);
}

/* ---- truth ---------------------------------------------------------------------------------- */

typedef struct reading {
    okng_train_set *set;
    const okng_train_config *config;
    const okng_afclip_plan *plan;
} reading;

/* `mask` [height, width] of 0 and 1, squashed and brought to the grid. */
static okng_status to_grid(const reading *r, okng_image *mask, float *targets, okng_error *error)
{
    const int32_t side = r->config->resolution;
    okng_image squashed;
    const size_t pixels = (size_t)mask->width * (size_t)mask->height;
    for (size_t i = 0; i < pixels; i++) mask->pixels[i] = mask->pixels[i] ? 255 : 0;
    OKNG_TRY(okng_image_resize(mask, side, side, OKNG_BICUBIC, &squashed, error));
    okng_targets_of(squashed.pixels, side, side, r->plan->rows, r->plan->columns, targets);
    okng_image_free(&squashed);
    return OKNG_OK;
}

static okng_status read_targets(const reading *r, const okng_sample *sample, float *targets, okng_error *error)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = sample->path};
    okng_image mask = {0};
    int32_t width, height;
    OKNG_TRY(okng_image_size(&picture, r->config->build.max_pixels, &width, &height, error));
    OKNG_TRY(okng_image_new(&mask, width, height, 1, error));
    okng_status status = okng_sample_mask(sample, width, height, mask.pixels, error);
    if (status == OKNG_OK) status = to_grid(r, &mask, targets, error);
    okng_image_free(&mask);
    return status;
}

static okng_status read_picture(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    const reading *r = context;
    okng_train_picture *picture = &r->set->pictures[i];
    const int64_t cells = (int64_t)r->plan->rows * r->plan->columns;
    r->set->labels[i] = picture->sample->label != 0 ? 1 : 0;
    OKNG_TRY(okng_file_sha256(picture->sample->path, picture->sha256, error));
    if (picture->sample->label == 0) return OKNG_OK; /* the targets are 0 */
    return read_targets(r, picture->sample, r->set->targets + i * cells, error);
}

/* A hash over the hashes of pictures, then labels and targets. */
static okng_status hash_all(okng_train_set *set, size_t cells, okng_error *error)
{
    const size_t each = sizeof set->pictures[0].sha256, floats = set->count * (cells + 1) * sizeof(float);
    char *all = okng_alloc(set->count * each + floats, 1), *at = all;
    if (!all) return okng_fail_memory(error, set->count * each + floats);
    for (size_t i = 0; i < set->count; i++, at += each) memcpy(at, set->pictures[i].sha256, each);
    memcpy(at, set->labels, set->count * sizeof(float));
    memcpy(at + set->count * sizeof(float), set->targets, set->count * cells * sizeof(float));
    okng_sha256(all, set->count * each + floats, set->sha256);
    free(all);
    return OKNG_OK;
}

static okng_status read_truth(reading *r, int threads, okng_ticker *ticker, okng_error *error)
{
    okng_train_set *set = r->set;
    const size_t cells = (size_t)r->plan->rows * (size_t)r->plan->columns;
    set->labels = okng_alloc(set->count, sizeof *set->labels);
    set->targets = okng_alloc_zero(set->count * cells, sizeof *set->targets);
    if (!set->labels || !set->targets) return okng_fail_memory(error, set->count * cells * sizeof *set->targets);
    okng_ticker_stage(ticker, "masks", set->count);
    OKNG_TRY(okng_each(threads, (int64_t)set->count, read_picture, r, ticker, "the training", error));
    return hash_all(set, cells, error);
}

okng_status okng_train_set_open(okng_train_set *set, const okng_train_config *config, const okng_afclip_plan *plan,
                                int threads, okng_ticker *ticker, okng_error *error)
{
    okng_dataset *dataset;
    okng_dataset_options options = config->data;
    *set = (okng_train_set){0};
    options.seed = config->seed;
    OKNG_TRY(okng_dataset_open(&dataset, config->dataset, config->root, &options, error));
    okng_status status = list_pictures(set, dataset, config, error);
    okng_dataset_close(&dataset);
    reading r = {set, config, plan};
    if (status == OKNG_OK) status = read_truth(&r, threads, ticker, error);
    if (status != OKNG_OK) okng_train_set_close(set);
    return status;
}
