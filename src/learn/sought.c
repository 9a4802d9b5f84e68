#include "learn/sought.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/each.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "model/build.h"

/* ---- what is asked for ------------------------------------------------------------------------------------------- */

okng_status okng_sought_check(const okng_build_options *options, okng_error *error)
{
    okng_rois rois;
    const bool others = options->roi_from[0] || options->roi_threshold != OKNG_ROI_THRESHOLD ||
                        options->roi_rotation != 0 || isfinite(options->roi_scale[0]);
    if (!options->roi[0] && others)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "option roi: roi-from, roi-threshold, roi-rotation and roi-scale are about a region, and none "
                         "is given");
    if (!options->roi[0]) return OKNG_OK;
    if (options->tile_height > 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "option roi: does not go with tile; a region is looked at whole, and several regions at "
                         "several parts");
    const okng_status status = okng_rois_parse(&rois, options->roi, error);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "option roi");
}

static void take_search(okng_rois *rois, const okng_build_options *options)
{
    const float *scale = options->roi_scale;
    const bool scales = isfinite(scale[0]) && isfinite(scale[1]);
    rois->threshold = options->roi_threshold;
    rois->search.rotation = options->roi_rotation;
    rois->search.scale_low = scales ? (double)scale[0] : 1;
    rois->search.scale_high = scales ? (double)scale[1] : 1;
}

/* ---- the first picture ------------------------------------------------------------------------------------------- */

static okng_status load_first(const okng_pictures *pictures, const okng_build_options *options, okng_image *image,
                              okng_rois_file *file, okng_error *error)
{
    if (options->roi_from[0]) {
        (void)snprintf(file->picture, sizeof file->picture, "%s", options->roi_from);
        return okng_image_load(image, options->roi_from, options->max_pixels, error);
    }
    if (pictures->count == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "option roi: there is no picture that the region is drawn on; give it as roi-from");
    (void)snprintf(file->picture, sizeof file->picture, "%s", okng_pictures_relative(pictures, 0));
    return okng_pictures_load(pictures, 0, options->max_pixels, image, error);
}

static okng_status cut_regions(okng_sought *sought, const okng_pictures *pictures, const okng_build_options *options,
                               okng_error *error)
{
    okng_image image = {0};
    okng_rois_file *file = &sought->file;
    OKNG_TRY(okng_sought_check(options, error));
    OKNG_TRY(okng_rois_parse(&file->rois, options->roi, error));
    take_search(&file->rois, options);
    okng_status status = load_first(pictures, options, &image, file, error);
    if (status == OKNG_OK) {
        file->picture_width = image.width;
        file->picture_height = image.height;
        status = okng_rois_cut(&file->rois, &image, file->picture, okng_thread_count(options->threads), error);
        if (status != OKNG_OK) status = okng_error_context(error, status, "option roi");
    }
    okng_image_free(&image);
    return status;
}

/* ---- all pictures ------------------------------------------------------------------------------------------------ */

typedef struct job {
    okng_sought *sought;
    const okng_pictures *pictures;
    uint64_t max_pixels;
    int threads; /* within a picture */
} job;

static okng_status find_in_one(void *context, int64_t i, int thread, okng_error *error)
{
    const job *j = context;
    const okng_rois *rois = &j->sought->file.rois;
    okng_image image;
    (void)thread;
    OKNG_TRY(okng_pictures_load(j->pictures, (size_t)i, j->max_pixels, &image, error));
    okng_status status = okng_rois_find(rois, &image, j->threads, j->sought->matches + (size_t)i * rois->count, error);
    okng_image_free(&image);
    return status;
}

bool okng_sought_has(const okng_sought *sought, size_t i, char *why, size_t size)
{
    const okng_rois *rois = &sought->file.rois;
    for (size_t r = 0; r < rois->count; r++) {
        const okng_match *match = &sought->matches[i * rois->count + r];
        if (okng_roi_is_found(rois, match)) continue;
        (void)snprintf(why, size, _("region %s is not in it: correlation %.2f at best, expected %.2f"),
                       rois->boxes[r].name, match->score, rois->threshold);
        return false;
    }
    return true;
}

static okng_status keep_found(okng_sought *sought, okng_error *error)
{
    char why[256];
    for (size_t i = 0; i < sought->count; i++) {
        if (!okng_sought_has(sought, i, why, sizeof why)) continue;
        sought->index[sought->kept] = i;
        sought->found[sought->kept++] = sought->matches + i * sought->file.rois.count;
    }
    if (sought->kept > 0 || sought->count == 0) return OKNG_OK;
    (void)okng_sought_has(sought, 0, why, sizeof why);
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "option roi: none of the %zu pictures holds the regions of %s; the first: %s; look at the "
                     "pictures, or give a lower roi-threshold, or roi-rotation",
                     sought->count, sought->file.picture, why);
}

okng_status okng_sought_find(okng_sought *sought, const okng_pictures *pictures, const okng_build_options *options,
                             okng_ticker *ticker, okng_error *error)
{
    const size_t count = pictures->count;
    const int threads = okng_thread_count(options->threads);
    *sought = (okng_sought){.count = count};
    OKNG_TRY(cut_regions(sought, pictures, options, error));
    sought->matches = okng_alloc_zero(count * sought->file.rois.count, sizeof *sought->matches);
    sought->found = okng_alloc_zero(count, sizeof *sought->found);
    sought->index = okng_alloc_zero(count, sizeof *sought->index);
    if (!sought->matches || !sought->found || !sought->index)
        return okng_fail_memory(error, count * sought->file.rois.count * sizeof *sought->matches);
    okng_ticker_stage(ticker, "regions", count);
    job j = {sought, pictures, options->max_pixels, count > 1 ? 1 : threads};
    OKNG_TRY(okng_each(threads, (int64_t)count, find_in_one, &j, ticker, "the search for regions", error));
    return keep_found(sought, error);
}

void okng_sought_free(okng_sought *sought)
{
    okng_rois_free(&sought->file.rois);
    free(sought->matches);
    free((void *)sought->found);
    free(sought->index);
    *sought = (okng_sought){0};
}

/* ---- a bank ------------------------------------------------------------------------------------------------------ */

static okng_status learn_regions(const okng_pictures *pictures, const char *folder, const okng_build_options *options,
                                 okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    okng_sought sought;
    okng_status status = okng_sought_find(&sought, pictures, options, ticker, error);
    if (status == OKNG_OK) {
        const okng_located located = {
            .file = &sought.file, .all = pictures, .count = sought.kept, .index = sought.index, .found = sought.found};
        status = okng_model_build_rois(&located, folder, options, ticker, report, error);
        report->not_found = sought.count - sought.kept;
    }
    okng_sought_free(&sought);
    return status;
}

okng_status okng_learn_pictures(const okng_pictures *pictures, const char *folder, const okng_build_options *options,
                                okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    const okng_lesson lesson = {.pictures = *pictures};
    OKNG_TRY(okng_sought_check(options, error));
    if (options->roi[0]) return learn_regions(pictures, folder, options, ticker, report, error);
    return okng_model_build(&lesson, folder, options, ticker, report, error);
}
