/* Regions of interest: those of banks, and what finds them without one. */
#include <stdlib.h>

#include "align/rois.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/sized.h"
#include "inspect/handles.h"

/* ---- of a bank --------------------------------------------------------------------------------------------------- */

size_t okng_bank_roi_count(const okng_bank *bank)
{
    return bank ? okng_model_look(bank->model).regions : 0;
}

okng_status okng_bank_roi(const okng_bank *bank, size_t i, okng_roi *roi, okng_error *error)
{
    OKNG_TRY(okng_need(bank, "the bank", error));
    const size_t count = okng_bank_roi_count(bank);
    if (i >= count) return okng_fail(error, OKNG_ERROR_ARGUMENT, "region of interest %zu: the bank has %zu", i, count);
    const okng_roi_box *box = okng_model_region(bank->model, i);
    const okng_roi full = {.struct_size = sizeof full,
                           .name = box->name,
                           .x = box->x,
                           .y = box->y,
                           .width = box->width,
                           .height = box->height};
    return okng_sized_give(roi, &full, sizeof full, "the place for the region", error);
}

/* ---- a finder ---------------------------------------------------------------------------------------------------- */

struct okng_finder {
    okng_rois rois;
    uint64_t max_pixels;
    int threads;
};

static okng_status take_boxes(okng_rois *out, const okng_roi *const *rois, size_t count, okng_error *error)
{
    if (count < 1 || count > OKNG_ROIS_MAX)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found %zu regions, expected 1 to %d", count, OKNG_ROIS_MAX);
    OKNG_TRY(okng_need(rois, "the regions", error));
    for (size_t i = 0; i < count; i++) {
        okng_roi roi = {.struct_size = sizeof roi};
        OKNG_TRY(okng_need(rois[i], "a region", error));
        OKNG_TRY(okng_sized_take(&roi, sizeof roi, rois[i], "a region", error));
        OKNG_TRY(okng_need(roi.name, "the name of a region", error));
        const char *fault = okng_roi_name_fault(roi.name);
        if (*fault)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "the name \"%.80s\" of region %zu %s", roi.name, i + 1, fault);
        out->boxes[i] = (okng_roi_box){.x = roi.x, .y = roi.y, .width = roi.width, .height = roi.height};
        (void)snprintf(out->boxes[i].name, sizeof out->boxes[i].name, "%s", roi.name);
    }
    out->count = count;
    return OKNG_OK;
}

static okng_status take_options(okng_finder *finder, const okng_find_options *options, okng_error *error)
{
    okng_find_options full = {.struct_size = sizeof full};
    okng_rois *rois = &finder->rois;
    if (options) OKNG_TRY(okng_sized_take(&full, sizeof full, options, "the options", error));
    rois->threshold = full.threshold == 0 ? OKNG_ROI_THRESHOLD : full.threshold;
    rois->search.rotation = full.rotation;
    rois->search.scale_low = full.scale_low == 0 && full.scale_high == 0 ? 1 : full.scale_low;
    rois->search.scale_high = full.scale_low == 0 && full.scale_high == 0 ? 1 : full.scale_high;
    finder->max_pixels = full.max_pixels == 0 ? OKNG_MAX_PIXELS_DEFAULT : full.max_pixels;
    finder->threads = okng_thread_count(full.threads);
    if (!(rois->threshold > 0 && rois->threshold <= 1))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "threshold: found %g, expected 0 to 1", full.threshold);
    if (!(full.rotation >= 0 && full.rotation <= 180))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "rotation: found %g, expected 0 to 180 degrees", full.rotation);
    if (rois->search.scale_low >= 0.5 && rois->search.scale_high <= 2 &&
        rois->search.scale_low <= rois->search.scale_high)
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "scale: found %g to %g, expected two numbers of 0.5 to 2, rising",
                     full.scale_low, full.scale_high);
}

static okng_status open_finder(okng_finder *finder, const okng_picture *picture, const okng_roi *const *rois,
                               size_t count, const okng_find_options *options, okng_error *error)
{
    okng_image image;
    OKNG_TRY(take_options(finder, options, error));
    OKNG_TRY(take_boxes(&finder->rois, rois, count, error));
    OKNG_TRY(okng_image_from_picture(&image, picture, finder->max_pixels, error));
    okng_status status = okng_rois_cut(&finder->rois, &image, "the picture", finder->threads, error);
    okng_image_free(&image);
    return status;
}

okng_status okng_finder_open(okng_finder **out, const okng_picture *picture, const okng_roi *const *rois, size_t count,
                             const okng_find_options *options, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the finder", error));
    *out = NULL;
    OKNG_TRY(okng_need(picture, "the picture", error));
    okng_finder *finder = calloc(1, sizeof *finder);
    if (!finder) return okng_fail_memory(error, sizeof *finder);
    okng_status status = open_finder(finder, picture, rois, count, options, error);
    if (status != OKNG_OK) okng_finder_close(&finder);
    *out = finder;
    return status;
}

void okng_finder_close(okng_finder **finder)
{
    if (!finder || !*finder) return;
    okng_rois_free(&(*finder)->rois);
    free(*finder);
    *finder = NULL;
}

/* ---- what it finds ----------------------------------------------------------------------------------------------- */

struct okng_finds {
    size_t count;
    okng_roi_box boxes[OKNG_ROIS_MAX];
    okng_match matches[OKNG_ROIS_MAX];
    bool found[OKNG_ROIS_MAX];
};

okng_status okng_finder_find(okng_finds **out, const okng_finder *finder, const okng_picture *picture,
                             okng_error *error)
{
    okng_image image;
    OKNG_TRY(okng_need(out, "the place for what is found", error));
    *out = NULL;
    OKNG_TRY(okng_need(finder, "the finder", error));
    OKNG_TRY(okng_need(picture, "the picture", error));
    okng_finds *finds = calloc(1, sizeof *finds);
    if (!finds) return okng_fail_memory(error, sizeof *finds);
    const okng_rois *rois = &finder->rois;
    okng_status status = okng_image_from_picture(&image, picture, finder->max_pixels, error);
    if (status == OKNG_OK) {
        status = okng_rois_find(rois, &image, finder->threads, finds->matches, error);
        okng_image_free(&image);
    }
    for (size_t i = 0; i < rois->count && status == OKNG_OK; i++) {
        finds->boxes[i] = rois->boxes[i];
        finds->found[i] = okng_roi_is_found(rois, &finds->matches[i]);
        finds->count++;
    }
    if (status != OKNG_OK) okng_finds_free(&finds);
    *out = finds;
    return status;
}

size_t okng_finds_count(const okng_finds *finds)
{
    return finds ? finds->count : 0;
}

okng_status okng_finds_get(const okng_finds *finds, size_t i, okng_found_roi *roi, okng_error *error)
{
    OKNG_TRY(okng_need(finds, "what was found", error));
    if (i >= finds->count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "region of interest %zu of %zu", i, finds->count);
    const okng_found_roi full = okng_found_roi_of(&finds->boxes[i], &finds->matches[i], finds->found[i]);
    return okng_sized_give(roi, &full, sizeof full, "the place for the region", error);
}

void okng_finds_free(okng_finds **finds)
{
    if (!finds) return;
    free(*finds);
    *finds = NULL;
}
