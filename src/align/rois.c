#include "align/rois.h"

#include <math.h>
#include <string.h>

static okng_status check_name(const okng_rois *rois, size_t i, okng_error *error)
{
    const char *name = rois->boxes[i].name, *fault = okng_roi_name_fault(name);
    if (*fault) return okng_fail(error, OKNG_ERROR_ARGUMENT, "the name \"%.80s\" of region %zu %s", name, i + 1, fault);
    for (size_t k = 0; k < i; k++)
        if (strcmp(name, rois->boxes[k].name) == 0)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "two regions are called \"%s\"", name);
    return OKNG_OK;
}

static okng_status cut_one(okng_rois *rois, size_t i, const okng_image *picture, const char *of, okng_error *error)
{
    const okng_roi_box *box = &rois->boxes[i];
    OKNG_TRY(check_name(rois, i, error));
    const bool inside = box->x >= 0 && box->y >= 0 && box->width > 0 && box->height > 0 &&
                        box->width <= picture->width - box->x && box->height <= picture->height - box->y;
    if (!inside)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "region %s is %d,%d,%d,%d (x, y, width, height), which does not lie in the %d x %d pixels of "
                         "%s",
                         box->name, box->x, box->y, box->width, box->height, picture->width, picture->height, of);
    return okng_image_crop(picture, box->x, box->y, box->width, box->height, &rois->pictures[i], error);
}

okng_status okng_rois_cut(okng_rois *rois, const okng_image *picture, const char *of, int threads, okng_error *error)
{
    for (size_t i = 0; i < rois->count; i++) OKNG_TRY(cut_one(rois, i, picture, of, error));
    return okng_rois_prepare(rois, threads, error);
}

okng_status okng_rois_prepare(okng_rois *rois, int threads, okng_error *error)
{
    for (size_t i = 0; i < rois->count; i++) {
        const okng_status status = okng_template_make(&rois->parts[i], &rois->pictures[i], threads, error);
        if (status != OKNG_OK) return okng_error_context(error, status, "region %s", rois->boxes[i].name);
    }
    return OKNG_OK;
}

void okng_rois_free(okng_rois *rois)
{
    for (size_t i = 0; i < OKNG_ROIS_MAX; i++) {
        okng_image_free(&rois->pictures[i]);
        okng_template_free(&rois->parts[i]);
    }
    *rois = (okng_rois){0};
}

okng_status okng_rois_find(const okng_rois *rois, const okng_image *picture, int threads, okng_match *matches,
                           okng_error *error)
{
    okng_pyramid pyramid;
    okng_status status = okng_pyramid_build(&pyramid, picture, OKNG_PYRAMID_LEVELS, threads, error);
    for (size_t i = 0; i < rois->count && status == OKNG_OK; i++)
        status = okng_find(&rois->parts[i], &pyramid, &rois->search, threads, &matches[i], error);
    okng_pyramid_free(&pyramid);
    return status;
}

bool okng_roi_is_found(const okng_rois *rois, const okng_match *match)
{
    return match->score > 0 && match->score >= rois->threshold;
}

okng_found_roi okng_found_roi_of(const okng_roi_box *box, const okng_match *match, bool found)
{
    const okng_pose *pose = &match->pose;
    const double width = box->width * pose->scale, height = box->height * pose->scale;
    return (okng_found_roi){.struct_size = sizeof(okng_found_roi),
                            .name = box->name,
                            .found = found,
                            .match = match->score,
                            .x = pose->x - width / 2,
                            .y = pose->y - height / 2,
                            .width = width,
                            .height = height,
                            .angle = pose->angle,
                            .scale = pose->scale,
                            .score = NAN,
                            .verdict = found ? OKNG_VERDICT_OK : OKNG_VERDICT_NOT_FOUND};
}
