/* Pictures of a category that are worth a look: overlays and anomaly maps. Maps are not kept while scoring, so the
 * chosen pictures are scored once more. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/each.h"
#include "base/file.h"
#include "base/memory.h"
#include "experiment/category.h"
#include "experiment/examples.h"
#include "experiment/truth.h"
#include "features/anomaly_map.h"
#include "report/report.h"
#include "tensor/array.h"

enum { QUALITY = 92 };

typedef struct drawing {
    const okng_category_job *job;
    const size_t *chosen;           /* [count] numbers of pictures */
    int threads;                    /* within a picture */
    float low, high;                /* of all maps of the category */
    float heat_low, heat_threshold; /* what heat maps are drawn by: the bank's, or of one without, the category's */
} drawing;

/* "folder/overlays/test/crack/000.png" with its folders made; malloc'd. */
static okng_status place_file(const drawing *d, size_t picture, const char *folder, const char *ending, char **path,
                              okng_error *error)
{
    char *name = okng_example_name(d->job->test, d->job->test_count, picture);
    size_t size = name ? strlen(d->job->folder) + strlen(folder) + strlen(name) + strlen(ending) + 3 : 0;
    *path = name ? malloc(size) : NULL;
    okng_status status = OKNG_OK;
    if (*path) {
        (void)snprintf(*path, size, "%s/%s/%s", d->job->folder, folder, name);
        char *slash = strrchr(*path, '/');
        *slash = '\0';
        status = okng_make_folders(*path, error);
        *slash = '/';
        (void)strcat(*path, ending);
    } else
        status = okng_fail_memory(error, size);
    free(name);
    if (status == OKNG_OK) return OKNG_OK;
    free(*path);
    *path = NULL;
    return status;
}

static okng_status write_image(const drawing *d, size_t picture, const char *folder, const okng_image *image,
                               okng_error *error)
{
    char *path;
    OKNG_TRY(place_file(d, picture, folder, ".png", &path, error));
    okng_status status = okng_image_write_png(image, path, error);
    free(path);
    return status;
}

static okng_status write_overlay(const drawing *d, size_t picture, const okng_image *rgb, const okng_scored *scored,
                                 okng_error *error)
{
    okng_image mask = {0}, overlay = {0};
    OKNG_TRY(okng_image_new(&mask, rgb->width, rgb->height, 1, error));
    size_t pixels = (size_t)rgb->width * (size_t)rgb->height;
    float threshold = d->job->info.tau->pixel;
    okng_verdict verdict = d->job->pictures[picture].ng ? OKNG_VERDICT_NG : OKNG_VERDICT_OK;
    for (size_t i = 0; i < pixels; i++) mask.pixels[i] = scored->map[i] > threshold ? 255 : 0;
    okng_status status = okng_report_overlay(rgb, &mask, scored->map, OKNG_OVERLAY_BOTH,
                                             okng_report_verdict_colour(verdict), &overlay, error);
    if (status == OKNG_OK) status = write_image(d, picture, "overlays", &overlay, error);
    okng_image_free(&mask);
    okng_image_free(&overlay);
    return status;
}

/* For the page: the picture, its heat map in colours and, of a defect whose place is known, the truth. */
static okng_status write_for_page(const drawing *d, size_t picture, const okng_image *rgb, const okng_scored *scored,
                                  okng_error *error)
{
    okng_image heat = {0};
    char *path;
    OKNG_TRY(place_file(d, picture, "pictures", ".jpg", &path, error));
    okng_status status = okng_image_write_jpeg(rgb, QUALITY, path, error);
    free(path);
    if (status == OKNG_OK)
        status =
            okng_report_heat_colour(scored->map, rgb->height, rgb->width, d->heat_low, d->heat_threshold, &heat, error);
    if (status == OKNG_OK) status = write_image(d, picture, "heats", &heat, error);
    okng_image_free(&heat);
    return status;
}

static okng_status write_truth(const drawing *d, size_t picture, const okng_scored *scored, okng_error *error)
{
    const okng_sample *sample = d->job->test[picture];
    okng_truth truth = {0};
    if (sample->mask_count == 0) return OKNG_OK;
    okng_status status = okng_truth_open(&truth, sample, &scored->placement, d->job->config->crop_masks, error);
    okng_image mask = {0};
    int32_t width = scored->placement.original_width, height = scored->placement.original_height;
    if (status == OKNG_OK) status = okng_image_new(&mask, width, height, 1, error);
    if (status == OKNG_OK) {
        for (int64_t i = 0; i < (int64_t)width * height; i++) mask.pixels[i] = truth.full[i] ? 255 : 0;
        status = write_image(d, picture, "truth", &mask, error);
    }
    okng_image_free(&mask);
    okng_truth_close(&truth);
    return status;
}

/* ---- maps ----------------------------------------------------------------------------------- */

static okng_status write_npy(const drawing *d, size_t picture, float *map, int32_t height, int32_t width,
                             okng_error *error)
{
    okng_array view = {.dtype = OKNG_F32,
                       .dims = 2,
                       .shape = {height, width},
                       .data = map,
                       .bytes = (size_t)height * (size_t)width * sizeof(float)};
    char *path;
    OKNG_TRY(place_file(d, picture, "anomaly_maps", ".npy", &path, error));
    okng_status status = okng_array_write_npy(&view, path, error);
    free(path);
    return status;
}

static okng_status write_heat(const drawing *d, size_t picture, const float *map, int32_t height, int32_t width,
                              okng_error *error)
{
    okng_image heat = {0};
    OKNG_TRY(okng_report_heat(map, height, width, d->heat_low, d->heat_threshold, &heat, error));
    okng_status status = write_image(d, picture, "anomaly_maps", &heat, error);
    okng_image_free(&heat);
    return status;
}

/* The map at the size of score_map.resize_to, or the picture's. */
static okng_status write_map(const drawing *d, size_t picture, const okng_scored *scored, okng_error *error)
{
    const okng_experiment_config *config = d->job->config;
    okng_placement place = scored->placement;
    if (config->map_height > 0) {
        place.original_height = config->map_height;
        place.original_width = config->map_width;
    }
    size_t pixels = (size_t)place.original_height * (size_t)place.original_width;
    float *map = okng_alloc(pixels, sizeof *map);
    if (!map) return okng_fail_memory(error, pixels * sizeof *map);
    okng_map_place(scored->input_map, &place, map);
    okng_status status = write_heat(d, picture, map, place.original_height, place.original_width, error);
    if (config->map_normalize) {
        float range = d->high > d->low ? d->high - d->low : 1;
        for (size_t i = 0; i < pixels; i++)
            if (!isnan(map[i])) map[i] = fminf(fmaxf((map[i] - d->low) / range, 0), 1);
    }
    if (status == OKNG_OK) status = write_npy(d, picture, map, place.original_height, place.original_width, error);
    free(map);
    return status;
}

/* ---- scales ---------------------------------------------------------------------------------- */

static void take_scales(drawing *d)
{
    const okng_category_job *job = d->job;
    d->low = INFINITY;
    d->high = -INFINITY;
    for (size_t i = 0; i < job->test_count; i++) {
        d->low = fminf(d->low, job->pictures[i].map_low);
        d->high = fmaxf(d->high, job->pictures[i].map_high);
    }
    d->heat_low = isnan(job->info.tau->pixel_low) ? d->low : job->info.tau->pixel_low;
    d->heat_threshold = isnan(job->info.tau->pixel) ? d->low + (d->high - d->low) / 2 : job->info.tau->pixel;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static okng_status draw_one(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    const drawing *d = context;
    const okng_category_job *job = d->job;
    size_t picture = d->chosen[i];
    okng_image rgb = {0};
    okng_scored scored = {0};
    okng_decoding how = {.max_pixels = job->config->build.max_pixels,
                         .bit_depth = okng_bits_of(job->info.options->bit_depth)};
    OKNG_TRY(okng_image_load_by(&rgb, job->test[picture]->path, &how, error));
    okng_status status = okng_model_inspect(job->model, &rgb, d->threads, &scored, error);
    if (status == OKNG_OK && job->config->save_overlay) status = write_overlay(d, picture, &rgb, &scored, error);
    if (status == OKNG_OK && job->config->save_overlay) status = write_for_page(d, picture, &rgb, &scored, error);
    if (status == OKNG_OK && job->config->save_overlay) status = write_truth(d, picture, &scored, error);
    if (status == OKNG_OK && job->config->save_anomaly_map) status = write_map(d, picture, &scored, error);
    okng_scored_free(&scored);
    okng_image_free(&rgb);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", job->test[picture]->path);
}

okng_status okng_category_examples(okng_category_job *job, okng_error *error)
{
    const okng_experiment_config *config = job->config;
    if (config->num_examples == 0 || (!config->save_overlay && !config->save_anomaly_map)) return OKNG_OK;
    size_t count;
    size_t *chosen = okng_examples_choose(job->pictures, job->test_count, config->num_examples, &count);
    if (!chosen) return okng_fail_memory(error, job->test_count * sizeof *chosen);
    int at_once = job->threads < config->batch_size ? job->threads : config->batch_size;
    drawing d = {.job = job, .chosen = chosen, .threads = at_once > 1 ? 1 : job->threads};
    take_scales(&d);
    okng_ticker_stage(job->ticker, "examples", count);
    okng_status status = okng_each(at_once, (int64_t)count, draw_one, &d, job->ticker, "the experiment", error);
    for (size_t i = 0; i < count && status == OKNG_OK; i++) job->pictures[chosen[i]].drawn = true;
    free(chosen);
    return status;
}
